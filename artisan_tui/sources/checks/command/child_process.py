"""One child process of a command check: start it, collect its output, end it and its process group."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

#: Bytes kept of each stream. The rest is read and dropped, so that the program does not block on a full pipe.
LARGEST = 65_536
#: Seconds between SIGTERM and SIGKILL: after a timeout, and when the probe is cancelled.
GRACE, CANCEL_GRACE = 1.0, 0.2
#: Seconds to wait for output after the program has exited. Its children may keep the pipe open for ever.
OUTPUT_GRACE = 0.2


class ChildProcess(asyncio.SubprocessProtocol):
    """A running program. It leads its own session: it has no terminal, and its process group can be killed."""

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
            # The process may already run: asyncio failed to watch it, or this task was cancelled.
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
        """Whether the process exists."""
        return self._transport is not None

    @property
    def exit(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return None if self._transport is None else self._transport.get_returncode()

    def signal(self, number: int) -> None:
        """Signal the whole process group, including processes that outlive the program."""
        if self._transport is not None:
            # The group has ended since the check, or changed its user.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), number)

    async def end(self, grace: float) -> None:
        """Send SIGTERM, wait ``grace`` seconds, send SIGKILL. Returns when the program has exited. Kills at once if
        cancelled.
        """
        try:
            self.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.exited.wait()
            self.signal(signal.SIGKILL)
            await self.exited.wait()  # a program blocked in the kernel exits when the kernel returns
        finally:
            await self.finish(self.exited)

    async def finish(self, until: asyncio.Event) -> None:
        """Wait `OUTPUT_GRACE` seconds for ``until``, then kill the rest of the process group."""
        try:
            if until is self.exited:
                self.signal(signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(OUTPUT_GRACE):
                    await until.wait()
        finally:
            self.signal(signal.SIGKILL)
            # asyncio's child watcher still waits for a process that has not exited.
            if self.exited.is_set() and self._transport is not None:
                self._transport.close()
