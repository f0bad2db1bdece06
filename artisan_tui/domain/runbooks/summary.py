"""Runs without their steps, and what many of them say about a runbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from artisan_tui.domain.runbooks.run import FINISHED

#: Rollbacks that were begun.
_ROLLED_BACK: Final = frozenset({"running", "done", "failed", "manual_done", "accepted"})


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list."""

    id: str
    runbook: str
    target: str
    definition: str
    mode: str
    state: str
    rollback_state: str
    incident: str
    over: bool
    started_at: datetime
    finished_at: datetime | None
    unattended: float = 0.0

    @property
    def seconds(self) -> float | None:
        """See `Run.seconds`."""
        if self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds() - self.unattended)


@dataclass(frozen=True, slots=True)
class RunStatistics:
    """Of live runs that are finished: how many, what share succeeded and was rolled back (0 to 1), and the seconds.

    None where there is no run to tell it from. ``p90`` is the least time that nine of ten runs stayed within.
    """

    runs: int
    succeeded: float | None
    rolled_back: float | None
    p50: float | None
    p90: float | None
    last: RunSummary | None
    last_drill: RunSummary | None


def run_statistics(runs: Iterable[RunSummary]) -> RunStatistics:
    """``runs`` of one runbook, the newest first. A dry run and a drill change no rate."""
    known = tuple(runs)
    live = [each for each in known if each.mode == "live" and each.state in FINISHED]
    seconds = sorted(each.seconds for each in live if each.state == "succeeded" and each.seconds is not None)
    drills = [each for each in known if each.mode == "drill" and each.state in FINISHED]
    return RunStatistics(
        len(live),
        sum(each.state == "succeeded" for each in live) / len(live) if live else None,
        sum(each.rollback_state in _ROLLED_BACK for each in live) / len(live) if live else None,
        median(seconds) if seconds else None,
        seconds[-(-len(seconds) * 9 // 10) - 1] if seconds else None,
        next((each for each in known if each.mode == "live"), None),
        drills[0] if drills else None,
    )


def drill_overdue(drill_every: float, last_drill: RunSummary | None, now: datetime) -> bool:
    """Whether a runbook should have been practised by now; ``drill_every`` in seconds, 0 for never."""
    if not drill_every:
        return False
    return last_drill is None or (now - last_drill.started_at).total_seconds() > drill_every
