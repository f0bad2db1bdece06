"""How a step of a run changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks.run import Run, StepRun


def put(run: Run, step: StepRun) -> Run:
    """The run with ``step`` in its place."""
    return replace(run, steps=tuple(step if each.id == step.id else each for each in run.steps))


def changed(run: Run, name: str, **values: Any) -> Run:
    """The run with other values in one step. Raises KeyError."""
    return put(run, replace(run.step(name), **values))


def starting(run: Run, step: StepRun, mutates: int, event: Event) -> StepRun:
    """``step`` at the intent of an attempt: the first one decides its place in the undo, and which undo that is."""
    if step.order == 0:
        latest = max((each.order for each in run.steps), default=0)
        step = replace(step, order=latest + 1, undo_seq=event.seq, started_at=event.recorded_at)
    return replace(step, mutated=step.mutated or bool(mutates), finished_at=None, why="", exit=None, tail="")
