"""The last lines of a unit in this machine's journal, from journalctl."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping

from artisan_tui.domain.checks.log_tail import LARGEST, LINES, PATIENCE, LogTail, tail_of
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.checks.command.child_process import CANCEL_GRACE, ChildProcess

#: Variables that journalctl inherits: where it is, and how it writes times.
_INHERITED = re.compile(r"PATH|HOME|LANG|LC_[A-Z]+|TZ")
_EMPTY = "-- No entries --"


class _Newest(ChildProcess):
    """Keeps the end of the output."""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.out[fd]
        kept += data
        if len(kept) > LARGEST:
            del kept[: len(kept) - LARGEST]
            self.cut.add(fd)


def _program(path: str) -> str | None:
    found = shutil.which("journalctl", path=path)
    return None if found is None else os.path.abspath(found)


class JournalLogs:
    """``user``: a unit of this user's systemd, not of the system's."""

    def __init__(self, unit: str, environ: Mapping[str, str], *, user: bool = False) -> None:
        self._unit, self._option = unit, "--user-unit" if user else "-u"
        self._env = {name: value for name, value in environ.items() if _INHERITED.fullmatch(name)}
        self._env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")

    async def tail(self) -> LogTail:
        source, child = printable(f"journal {self._unit}", 300), _Newest()
        program = _program(self._env["PATH"])
        if program is None:
            return LogTail(source, problem="journalctl is not installed on this machine: is systemd used here?")
        argv = ["journalctl", self._option, self._unit, "-n", str(LINES), "--no-pager", "-o", "short-iso"]
        try:
            async with asyncio.timeout(PATIENCE):
                await child.start(program, argv, "/", self._env)
                await child.exited.wait()
        except TimeoutError:
            await child.end(CANCEL_GRACE)
            return LogTail(source, problem=f"journalctl did not answer within {span_text(PATIENCE)}")
        except asyncio.CancelledError:
            if child.started:
                await child.end(CANCEL_GRACE)
            raise
        except OSError as error:
            why = os.strerror(error.errno or 0)
            return LogTail(source, problem=printable(f"journalctl cannot be started: {why}", 300))
        await child.finish(child.silent)
        return self._read(source, child)

    def _read(self, source: str, child: ChildProcess) -> LogTail:
        complaints = [line for line in child.out[2].decode("utf-8", "replace").split("\n") if line.strip()]
        found = tail_of(source, bytes(child.out[1]), cut=1 in child.cut)
        lines = tuple(line for line in found.lines if line != _EMPTY)
        if lines and not child.exit:
            return LogTail(source, lines, cut=found.cut)
        if complaints:
            return LogTail(source, problem=printable(f"journalctl: {complaints[-1].strip()}", 300))
        if child.exit:
            return LogTail(source, problem=f"journalctl ended with exit code {child.exit}")
        why = f"the journal of this machine has no line of {self._unit} that this user may read"
        return LogTail(source, problem=printable(why, 300))
