"""The last lines of a log, as lines of a detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.cells import Run, fit, wrapped

if TYPE_CHECKING:
    from artisan_tui.domain.checks.log_tail import LogTail

Row = list[Run]


class LogReading:
    """What is known of a check's log: nothing until it is asked for, then that it is being read, then its end."""

    def __init__(self) -> None:
        self.busy = False
        self.tail: LogTail | None = None
        self.problem = ""

    def begin(self) -> None:
        self.busy, self.problem = True, ""

    def end(self, tail: LogTail | None, problem: str = "") -> None:
        self.busy, self.tail, self.problem = False, tail, problem

    @property
    def read(self) -> bool:
        return self.tail is not None and bool(self.tail.lines)

    def rows(self, source: str, key: str, width: int) -> list[Row]:
        """``source`` is where the log is, "" for a check that has none; ``key`` reads it."""
        if not source:
            return []
        name = self.tail.source if self.tail is not None and self.tail.source else source
        head: Row = [
            (" " + fit(_("Log of {source}").format(source=read_back(name)), max(20, width - 24)).rstrip(), "-strong")
        ]
        if self.busy:
            head.append(("  " + _("reading …"), "-dim"))
        elif self.tail is not None and self.tail.cut:
            head.append(("  " + _("the newest 64 KiB"), "-dim"))
        problem = self.problem or (self.tail.problem if self.tail is not None else "")
        if problem:
            return [head, *([("   " + line, "-warn")] for line in wrapped(read_back(problem), width - 4))]
        if self.tail is None:
            hint = _("{key} reads the last lines").format(key=key)
            return [head] if self.busy else [head, [("   " + hint, "-dim")]]
        lines = [part for line in self.tail.lines for part in wrapped(line, width - 4)]
        return [head, *([("   " + line, "")] for line in lines)]
