"""Keeps the heads of the journal's hash chain outside the store: in a file that only grows, or given to a program."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.child_pipes import let_go
from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.heads import Head
from artisan_tui.engine.clock import Clock
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

#: Seconds between two heads. Each event would be a write to another machine.
EVERY = 30.0
#: Seconds that the program may take.
PATIENCE = 10.0


class HeadKeeper:
    """Of the events that this session writes. ``say`` hears what is wrong, "" when nothing is."""

    def __init__(self, clock: Clock, say: Callable[[str], None]) -> None:
        self._clock, self._say = clock, say
        self._path: Path | None = None
        self._command: tuple[str, ...] = ()
        self._newest: Head | None = None
        self._kept: Head | None = None
        self._at = float("-inf")
        self._keeping = asyncio.Lock()

    def configure(self, config: Config) -> None:
        audit = config.audit
        self._path = None if audit.heads is None else config.path.parent / audit.heads
        self._command = audit.command

    def forget(self) -> None:
        """What this session wrote last may be lost: its head is not kept."""
        self._newest = self._kept = None

    def wrote(self, events: Sequence[Event]) -> bool:
        """Take note of events that are committed; whether a head is due to be kept now."""
        if events:
            self._newest = Head(events[-1].seq, events[-1].hash)
        return self._clock.monotonic() - self._at >= EVERY and self._waits

    @property
    def _waits(self) -> bool:
        return self._newest != self._kept and bool(self._path or self._command)

    async def keep(self) -> None:
        """Keep the newest head, unless it is kept already. What fails is said, and tried again with the next one."""
        async with self._keeping:
            head = self._newest
            if head is None or not self._waits:
                return
            self._at = self._clock.monotonic()
            line = f"{stamp(self._clock.now())} {head}\n".encode()
            problems = []
            if self._path is not None:
                try:
                    await asyncio.get_running_loop().run_in_executor(None, _append, self._path, line)
                except OSError as error:
                    why = error.strerror or type(error).__name__
                    problems.append(
                        _("the head of the journal cannot be kept in {path}: {why}").format(path=self._path, why=why)
                    )
            if self._command and (why := await _tell(self._command, line)):
                program = self._command[0]
                problems.append(
                    _("the head of the journal cannot be given to {program}: {why}").format(program=program, why=why)
                )
            if not problems:
                self._kept = head
            self._say("; ".join(problems))


def _append(path: Path, line: bytes) -> None:
    """One write at the end of the file, on disk before this returns. Made private where it is not there yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, line)
        with contextlib.suppress(OSError):  # a pipe or a device has nothing to put on a disk
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _tell(command: Sequence[str], line: bytes) -> str:
    """Give the line to a program; what went wrong, "" for nothing."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return error.strerror or type(error).__name__
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(line)
    except TimeoutError:
        return _("no answer within {seconds:g} s").format(seconds=PATIENCE)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        let_go(process)
    return "" if process.returncode == 0 else _("exit code {code}").format(code=process.returncode)
