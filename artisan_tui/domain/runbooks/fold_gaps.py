"""The time of a run in which nothing ran and nobody carried it out: the session that did so had ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks.events import RunAdopted, RunEnded
from artisan_tui.domain.runbooks.run import Run

#: Seconds between an end and its record that are the program's own.
_USUAL: Final = 10.0


def gap_before_end(run: Run, body: RunEnded, event: Event) -> float:
    """Seconds from when the attempt ended, by its own record, until somebody wrote that down."""
    at = run.current
    if body.lasted is None or at is None or (at.step, at.part, at.number) != (body.step, body.part, body.number):
        return 0.0
    return _gap((event.recorded_at - at.since).total_seconds() - body.lasted)


def adopted(run: Run, body: RunAdopted, event: Event) -> Run:
    """The fold of an adoption."""
    unattended = run.unattended + gap_before_adoption(run, event)
    return replace(run, owner=body.owner, fence=max(body.fence, run.fence + 1), unattended=unattended)


def gap_before_adoption(run: Run, event: Event) -> float:
    """Seconds from the last end until somebody took a run that was between two steps, and waited for nobody."""
    if run.current is not None or run.asked is not None or run.unknown is not None or run.finished:
        return 0.0
    ends = (each.finished_at for each in run.steps if each.finished_at is not None)
    return _gap((event.recorded_at - max(ends, default=run.started_at)).total_seconds())


def _gap(seconds: float) -> float:
    return round(seconds, 3) if seconds > _USUAL else 0.0
