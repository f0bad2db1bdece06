"""The demo: the shipped configuration on the simulated stack, which runs as a process of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from artisan_tui.engine.launch import GlobalOptions, Options, session_of
from artisan_tui.engine.settings import Overlay, reference
from artisan_tui.store.place import StorePlace

#: The address in the shipped configuration that the demo replaces.
SHIPPED = "127.0.0.1:8000"
#: A newcomer should see the board react within seconds, not after three rounds of thirty.
EVERY_AT_MOST = 2.0
#: What the demo tells people goes into this file of the state folder, and nowhere else.
MESSAGES = "messages.jsonl"
#: Seconds the stack may take to listen.
STARTS_WITHIN = 15.0
#: What is kept of what it says in trouble.
_LAST_LINES, _LONGEST_LINE = 20, 4096


class DemoError(Exception):
    """The simulated stack did not start. The message says why."""


@dataclass(slots=True)
class Stack:
    """The running simulated stack. ``close`` ends it; so does our own death, through its standard input."""

    url: str
    process: subprocess.Popen[bytes]
    shape: str = "app"

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_stack(port: int = 0, shape: str = "app") -> Stack:
    """Raises DemoError when it does not listen in time, with what it said."""
    command = [sys.executable, "-m", "artisan_tui.drill", "--port", str(port), "--shape", shape, "--with-parent"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a Ctrl-C at our terminal is not meant for it
    )
    said, reading = _read_on(process)
    line = first_line(process, time.monotonic() + STARTS_WITHIN)
    try:
        url = json.loads(line)["url"]
    except (ValueError, KeyError, TypeError):
        process.kill()
        process.wait()
        reading.join(STARTS_WITHIN)
        raise DemoError(said[-1] if said else "the simulated stack failed to start") from None
    return Stack(url, process, shape)


def _read_on(process: subprocess.Popen[bytes]) -> tuple[Sequence[str], Thread]:
    """The last lines that the process says in trouble. It would stand still once a pipe that nobody reads is full."""
    lines: deque[str] = deque(maxlen=_LAST_LINES)

    def read() -> None:
        assert process.stderr is not None
        with process.stderr as errors:
            for line in iter(lambda: errors.readline(_LONGEST_LINE), b""):
                if text := line.decode("utf-8", "replace").strip():
                    lines.append(text)

    reading = Thread(target=read, name="stack-errors", daemon=True)
    reading.start()
    return lines, reading


def first_line(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    assert process.stdout is not None
    descriptor, line = process.stdout.fileno(), b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return line
        chunk = os.read(descriptor, 1)
        if not chunk:
            return line
        line += chunk
    return line


def demo_options(asked: GlobalOptions, stack: Stack, state: Path) -> Options:
    """The shipped file, pointed at the stack, probed more often, and marked as a drill."""
    host = stack.url.removeprefix("http://")
    target = "drill" if stack.shape == "app" else f"drill-{stack.shape}"
    alertmanager = f"{stack.url}/alertmanager"
    session = session_of(asked, demo=True)
    overlay = Overlay(
        {SHIPPED: host},
        EVERY_AT_MOST,
        "drill",
        target=target,
        alertmanager=alertmanager,
        login=session.actor,
        messages=str(state.absolute() / MESSAGES),
        stack=stack.url,
    )
    config = asked.config or reference("artisan.toml")
    return Options(config, StorePlace(state), session, overlay, stack.url)
