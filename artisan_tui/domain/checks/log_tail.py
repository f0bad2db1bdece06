"""The last lines that something wrote into its log."""

from __future__ import annotations

from dataclasses import dataclass

from artisan_tui.domain.text.printable import printable

#: Lines that are read, bytes of them at most, and characters of one line that are shown.
LINES, LARGEST, WIDEST = 50, 64 * 1024, 2000
#: Seconds that reading may take.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class LogTail:
    """``lines`` oldest first, printable. ``problem`` is the one sentence why there are none. ``cut``: older ones were
    too long to read."""

    source: str
    lines: tuple[str, ...] = ()
    problem: str = ""
    cut: bool = False


def tail_of(source: str, log: bytes, *, cut: bool = False) -> LogTail:
    """The end of ``log``; what was cut off by size begins with a whole line."""
    if len(log) > LARGEST:
        log, cut = log[-LARGEST:], True
    if cut:
        log = log.partition(b"\n")[2] or log
    lines = [printable(line, WIDEST).rstrip() for line in log.rstrip().split(b"\n")] if log.strip() else []
    return LogTail(source, tuple(lines[-LINES:]), cut=cut)
