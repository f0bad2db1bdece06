"""One child process of a command check: start it, collect its output, end it and its process group."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

#: Bytes of each output that are kept; the rest is read and dropped, so that the program can go on.
LARGEST = 65_536
#: Seconds between "please end" and the end by force, after a timeout and when we are leaving ourselves.
GRACE, CANCEL_GRACE = 1.0, 0.2
#: Seconds for output to arrive after the program has ended; its children may hold the pipe for ever.
OUTPUT_GRACE = 0.2


class ChildProcess(asyncio.SubprocessProtocol):
    """One program under way, leader of its own session: no terminal of ours, and a group that can be ended whole."""

    def __init__(self) -> None:
        self.out: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
        self.cut: set[int] = set()
        self.exited, self.silent = asyncio.Event(), asyncio.Event()
        self._transport: asyncio.SubprocessTransport | None = None
        self._unwanted = False

    async def start(self, program: str, argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
        """Raises OSError."""
        devnull, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        streams = {"stdin": devnull, "stdout": pipe, "stderr": pipe}
        more: dict[str, Any] = {"executable": program, "cwd": cwd, "env": env, "start_new_session": True, **streams}
        try:
            await asyncio.get_running_loop().subprocess_exec(lambda: self, *argv, **more)
        except BaseException:
            # It may run already: asyncio may have failed to watch it, or we were told to leave.
            self._unwanted = True
            self.signal(signal.SIGKILL)
            raise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        if self._unwanted:
            self.signal(signal.SIGKILL)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.out[fd]
        room = LARGEST - len(kept)
        kept += data[:room]
        if len(data) > room:
            self.cut.add(fd)

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.silent.set()

    @property
    def started(self) -> bool:
        return self._transport is not None

    @property
    def exit(self) -> int | None:
        return None if self._transport is None else self._transport.get_returncode()

    def signal(self, number: int) -> None:
        """To the whole group, also to what the program left behind when it ended."""
        if self._transport is not None:
            # Ended between the look and the signal, or changed its user: nothing of ours to end.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), number)

    async def end(self, grace: float) -> None:
        """TERM, ``grace`` seconds, KILL; returns when it is gone. Cancelled, it kills at once."""
        try:
            self.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.exited.wait()
            self.signal(signal.SIGKILL)
            await self.exited.wait()  # a program stuck in the kernel ends when the kernel lets it
        finally:
            await self.finish(self.exited)

    async def finish(self, until: asyncio.Event) -> None:
        """Wait a moment for its exit or its last words, then end whoever is left of its group."""
        try:
            if until is self.exited:
                self.signal(signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(OUTPUT_GRACE):
                    await until.wait()
        finally:
            self.signal(signal.SIGKILL)
            # asyncio must not reap what its own watcher still waits for.
            if self.exited.is_set() and self._transport is not None:
                self._transport.close()
