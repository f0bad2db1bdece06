"""The clocks of a run: by when something has to be reached, counted from the beginning of its incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.run import Run


@dataclass(frozen=True, slots=True)
class DueClock:
    """``due`` is by when, ``stopped`` when it was reached, None while the clock runs.

    ``ended``: the run ended before it was reached, so that nothing of this run will reach it.
    """

    id: str
    title: str
    title_ko: str
    within: float
    began: datetime
    stopped: datetime | None = None
    ended: datetime | None = None

    @property
    def due(self) -> datetime:
        return self.began + timedelta(seconds=self.within)

    def left(self, now: datetime) -> float:
        """Seconds until it is due, below 0 when it is overdue; those that were left when the clock stopped."""
        return (self.due - (self.stopped or self.ended or now)).total_seconds()


def run_clocks(definition: Runbook, run: Run, incident: Incident | None) -> tuple[DueClock, ...]:
    """The clocks of a run. Without an incident they count from the start of the run. A dry run has none."""
    if run.mode == "dry":
        return ()
    return tuple(
        DueClock(
            each.id,
            each.title,
            each.title_ko,
            each.within,
            _began(each.since, run, incident),
            _reached(each.until, run),
            run.finished_at,
        )
        for each in definition.clocks
    )


def _began(since: str, run: Run, incident: Incident | None) -> datetime:
    if incident is None or since == "run":
        return run.started_at
    return (incident.at("detected") if since == "detected" else None) or incident.declared_at


def _reached(step: str, run: Run) -> datetime | None:
    """When the step succeeded; without one, when the run did."""
    if not step:
        return run.finished_at if run.state == "succeeded" else None
    found = next((each for each in run.steps if each.id == step), None)
    return found.finished_at if found is not None and found.state == "succeeded" else None
