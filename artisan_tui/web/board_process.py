"""A board in a process of its own, for one viewer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence

from artisan_tui.child_pipes import let_go
from artisan_tui.web.wishes import Resized

#: What a board writes before its first packet.
_BEGIN = b"__GANGLION__\n"
#: Bytes before it that are read, bytes of the longest packet, bytes of errors that are kept.
_PREFACE, _LONGEST, _ERRORS = 64 * 1024, 32 << 20, 4096
#: Seconds that a board gets to save what waits; it takes one at most.
_GRACE = 3.0
#: What of our own environment is about our terminal and not about the viewer's.
_OURS = re.compile(
    r"TEXTUAL.*|COLUMNS|LINES|ROWS|TMUX.*|STY|SSH_.*|NO_COLOR|FORCE_COLOR|CLICOLOR.*|COLORFGBG|COLORTERM|TERM.*"
    r"|KITTY_.*|VTE_.*|WT_SESSION|_ARTISAN_TUI_COMPLETE"
)


def environment(environ: Mapping[str, str], window: Resized) -> dict[str, str]:
    """The environment of a board that is shown in a browser of this size."""
    kept = {name: value for name, value in environ.items() if not _OURS.fullmatch(name)}
    size = {"COLUMNS": str(window.columns), "ROWS": str(window.rows)}
    return {**kept, **size, "ARTISAN_IN_BROWSER": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor"}


class BoardProcess:
    """Started by `start`, ended by `end`. It also ends by itself when this process does: its stdin closes then.

    ``command`` is a list of words and never a shell's line; nothing that a viewer sends gets into it.
    """

    def __init__(self, command: Sequence[str], show: Callable[[bytes], Awaitable[None]]) -> None:
        """``show`` is given what the board draws, and may wait: the board then waits too."""
        self._command, self._show = tuple(command), show
        self._process: Process | None = None
        self._errors = b""
        self._window: Resized | None = None

    async def start(self, window: Resized, environ: Mapping[str, str] = os.environ) -> None:
        """Raises OSError where no process can be started."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(environ, window),
            start_new_session=True,
        )
        self._window = window

    async def run(self) -> int:
        """Show what the board draws until it has ended; its exit code."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        reading = asyncio.create_task(self._read_errors())
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                await self._packets(process.stdout)
            return await process.wait()
        finally:
            reading.cancel()
            if process.returncode is not None:
                let_go(process)

    async def _packets(self, stdout: asyncio.StreamReader) -> None:
        before = 0
        while not (line := await stdout.readuntil(b"\n")).endswith(_BEGIN):
            before += len(line)
            if before > _PREFACE:
                return
        while True:
            head = await stdout.readexactly(5)
            size = int.from_bytes(head[1:], "big")
            if size > _LONGEST:
                return
            payload = await stdout.readexactly(size)
            if head[:1] == b"D":
                await self._show(payload)

    async def _read_errors(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(4096):
            self._errors = (self._errors + data)[-_ERRORS:]

    @property
    def errors(self) -> str:
        """What it wrote on stderr last."""
        return self._errors.decode("utf-8", "replace").strip()

    async def type(self, data: bytes) -> None:
        await self._send(b"D", data)

    async def resize(self, window: Resized) -> None:
        if window != self._window:
            self._window = window
            size = {"type": "resize", "width": window.columns, "height": window.rows}
            await self._send(b"M", json.dumps(size).encode())

    async def _send(self, kind: bytes, payload: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):  # it has ended, which `run` says
            self._process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            await self._process.stdin.drain()

    def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Let it save what waits, then end it whatever it does. What it still draws has to be read meanwhile."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except TimeoutError:
            self.kill()
            await process.wait()
        except asyncio.CancelledError:
            self.kill()
            raise
