"""A real headless Chromium, driven by the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from support.servers import Running, require, running
from support.stopwatch import Stopwatch

#: Keeps what textual.js makes, which has the terminal: `Page.screen` reads it.
_KEEP_CLIENT = """
Object.defineProperty(Object.prototype, "bufferedBytes", {
  configurable: true,
  set(value) {
    delete Object.prototype.bufferedBytes;
    this.bufferedBytes = value;
    window.shownBy = this;
  },
});
"""
#: The lines of xterm.js's buffer. The second half of a wide character is a cell without text.
_SCREEN = """(() => {
  if (!window.shownBy) return [];
  const buffer = shownBy.terminal.buffer.active;
  return Array.from({length: shownBy.terminal.rows}, (_, row) => {
    const line = buffer.getLine(buffer.baseY + row);
    return line ? line.translateToString(true) : "";
  });
})()"""


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[Running]:
    """A browser with a profile of its own in ``folder``; ``url`` is where DevTools are."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    binary = next(found, None) or require("chromium")
    profile = folder / "profile"
    told = profile / "DevToolsActivePort"
    command = [
        binary,
        "--headless=new",
        "--no-sandbox",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        # Of two tabs one is behind: its timers would run once a second, and less on a busy machine.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-component-update",
        "--disable-extensions",
        "--no-first-run",
        "--no-proxy-server",
        "about:blank",
    ]
    try:
        with running(command, "", lambda: told.exists() and bool(told.read_text()), folder / "chromium.log") as started:
            yield Running(started.process, f"http://127.0.0.1:{told.read_text().splitlines()[0]}")
    finally:
        # Its helpers write for a moment after it has ended.
        shutil.rmtree(profile, ignore_errors=True)


class NotYet(Exception):
    """The page is being loaded: there is nothing to ask."""


@dataclass
class Page:
    """A tab. ``requests`` are the addresses it asked for, ``complaints`` what it wrote to the console as errors."""

    socket: aiohttp.ClientWebSocketResponse
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def listen(self) -> None:
        async for message in self.socket:
            event = message.json()
            if "id" in event:
                answer = self._answers.pop(event["id"])
                if not answer.done():
                    answer.set_result(event)
            elif event["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                params = event["params"]
                self.requests.append(params["url"] if "url" in params else params["request"]["url"])
            elif event["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                self.complaints.append(event["params"]["entry"]["text"])

    async def call(self, method: str, **params: Any) -> Any:
        """A method of the protocol; its result. Raises NotYet where the browser refuses it."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": params})
        found = await asyncio.wait_for(answer, 20)
        if "error" in found:
            raise NotYet(found["error"])
        return found["result"]

    async def run(self, script: str) -> Any:
        """The value of an expression, in the page; a promise is waited for."""
        done = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    async def open(self, url: str) -> None:
        await self.call("Page.navigate", url=url)

    async def screen(self) -> list[str]:
        """What the terminal in the page shows, line by line."""
        lines = await self.run(_SCREEN)
        assert isinstance(lines, list)
        return lines

    async def wait_for(self, what: str | Callable[[str], bool], seconds: float = 15.0) -> float:
        """Until the screen holds a text, or a predicate holds of it; after how many seconds."""
        clock = Stopwatch()
        while True:
            text = ""
            with contextlib.suppress(NotYet):
                text = "\n".join(await self.screen())
            if what in text if isinstance(what, str) else what(text):
                return clock.seconds
            assert clock.seconds < seconds, f"{what!r} did not come within {seconds} s:\n{text}\n{self.complaints}"
            await asyncio.sleep(0.02)

    async def wait_until(self, script: str, seconds: float = 15.0) -> None:
        """Until an expression is true in the page. Where it fails, what it asks for is not there yet."""
        asked = f"(() => {{ try {{ return Boolean({script}) }} catch {{ return false }} }})()"
        clock = Stopwatch()
        while True:
            with contextlib.suppress(NotYet):
                if await self.run(asked):
                    return
            assert clock.seconds < seconds, f"{script} did not come true within {seconds} s"
            await asyncio.sleep(0.02)

    async def press(self, keys: str) -> None:
        """Type what is printable, a key at a time."""
        for key in keys:
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def resize(self, width: int, height: int) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def picture(self, path: Path) -> None:
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def tab(browser: Running, *, size: tuple[int, int] = (1920, 1080)) -> AsyncIterator[Page]:
    """A new tab with cookies of its own."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{browser.url}/json/version") as answer:
            whole = (await answer.json())["webSocketDebuggerUrl"]
        async with http.ws_connect(whole, max_msg_size=0) as control:
            owner = Page(control)
            listening = asyncio.create_task(owner.listen())
            context = (await owner.call("Target.createBrowserContext"))["browserContextId"]
            target = await owner.call("Target.createTarget", url="about:blank", browserContextId=context)
            address = f"{browser.url.replace('http', 'ws')}/devtools/page/{target['targetId']}"
            async with http.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                tasks = [asyncio.create_task(page.listen())]
                for domain in ("Page", "Network", "Runtime", "Log"):
                    await page.call(f"{domain}.enable")
                await page.call("Page.addScriptToEvaluateOnNewDocument", source=_KEEP_CLIENT)
                await page.resize(*size)
                try:
                    yield page
                finally:
                    await owner.call("Target.disposeBrowserContext", browserContextId=context)
                    for task in (*tasks, listening):
                        task.cancel()
