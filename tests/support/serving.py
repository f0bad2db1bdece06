"""`artisan-tui serve` in tests, a viewer without a browser, and a tunnel that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from yarl import URL

from support.emulator import Emulator
from support.forked import Forked, run_program
from support.stopwatch import Stopwatch

CONFIG = """
[artisan]
name = "Artisan"
environment = "{environment}"

[[service]]
id = "payments"
name = "결제 창구"
[[service.check]]
id = "window"
kind = "command"
run = ["true"]
expect = ["exit == 0"]
every = "1h"
"""


def places(home: Path) -> list[str]:
    return ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]


def new_home(folder: Path, environment: str = "staging") -> Path:
    """A configuration with one service, and a store that has begun."""
    (folder / "artisan.toml").write_text(CONFIG.format(environment=environment), "utf-8")
    note(folder, "the store begins")
    return folder


def note(home: Path, text: str) -> None:
    """Write a note from another session."""
    done = run_program(*places(home), "note", text, cwd=home)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Serving:
    """A server that runs. ``told`` is the line that it printed, ``errors`` the file that its stderr goes to."""

    process: Forked
    told: dict[str, Any]
    errors: Path

    @property
    def url(self) -> str:
        return str(self.told["url"])

    @property
    def origin(self) -> str:
        return str(URL(self.url).origin())

    @property
    def token(self) -> str:
        return URL(self.url).query["token"]

    def boards(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextlib.contextmanager
def serving(home: Path, *options: str) -> Iterator[Serving]:
    errors = home / "serve.log"
    with errors.open("wb") as log:
        process = Forked(
            [*places(home), "serve", "--port", "0", "--json", *options],
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home,
            session=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, errors.read_text("utf-8")
        yield Serving(process, json.loads(line), errors)
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()


class Viewer:
    """The other end of a board's WebSocket: what a browser would show, and whatever a person sends by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, size: tuple[int, int]) -> None:
        self.socket = socket
        self.emulator = Emulator(*size)
        self._rows = size[1]
        self.texts: list[Any] = []

    @property
    def screen(self) -> str:
        return "\n".join(self.emulator.row(row).rstrip() for row in range(self._rows))

    async def type(self, keys: str) -> None:
        await self.socket.send_json(["stdin", keys])

    async def wait_for(self, what: str | Callable[[str], bool], seconds: float = 15.0) -> None:
        """Until the screen holds a text, or a predicate holds of it."""
        clock = Stopwatch()
        while not (what in self.screen if isinstance(what, str) else what(self.screen)):
            assert clock.seconds < seconds, f"{what!r} did not come:\n{self.screen}"
            await self._read(seconds - clock.seconds)

    async def answered(self, seconds: float = 15.0) -> None:
        """Until what was sent before has been read by the server."""
        await self.socket.send_json(["ping", "1"])
        clock, before = Stopwatch(), len(self.texts)
        while len(self.texts) == before:
            assert clock.seconds < seconds, "no answer"
            await self._read(seconds - clock.seconds)

    async def _read(self, seconds: float) -> None:
        message = await self.socket.receive(max(seconds, 0.1))
        if message.type is aiohttp.WSMsgType.BINARY:
            self.emulator.feed(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.texts.append(json.loads(message.data))
        else:
            raise ConnectionError(f"closed with {self.socket.close_code}: {self.texts}")

    async def closed(self, seconds: float = 15.0) -> int | None:
        """Until the server closes the connection; its code."""
        clock = Stopwatch()
        with contextlib.suppress(ConnectionError):
            while True:
                assert clock.seconds < seconds, f"it is not closed:\n{self.screen}"
                await self._read(seconds - clock.seconds)
        return self.socket.close_code


@contextlib.asynccontextmanager
async def viewing(server: Serving, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Viewer]:
    url = URL(server.origin).with_path("/ws").with_query(token=server.token, width=size[0], height=size[1])
    async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
        yield Viewer(socket, size)


class Tunnel:
    """Passes connections on to a port, as `ssh -L` does, until it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Every connection breaks, and no new one is accepted."""
        assert self._server is not None
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()
        await asyncio.gather(*self._passing)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        self._ends -= {writer, far_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def tunnel(server: Serving) -> AsyncIterator[Tunnel]:
    opened = Tunnel(server.told["port"])
    await opened.open()
    try:
        yield opened
    finally:
        await opened.cut()
