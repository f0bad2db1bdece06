"""How the way back of a run follows from its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks.fold_steps import changed
from artisan_tui.domain.runbooks.run import LONGEST_TEXT, ROLLBACK_STATES, UNDO_STATES, Run


def set_state(run: Run, name: str, state: str, why: str = "") -> Run:
    """The undo of one step is in another state."""
    state = state if state in UNDO_STATES else "failed"
    return changed(run, name, undo_state=state, why=why[:LONGEST_TEXT] or run.step(name).why)


def _offered(run: Run, body: kinds.RunRollbackOffered, event: Event) -> Run:
    return replace(run, rollback_state="offered", undo=body.steps)


def _declined(run: Run, body: kinds.RunRollbackDeclined, event: Event) -> Run:
    return replace(run, rollback_state="declined")


def _started(run: Run, body: kinds.RunRollbackStarted, event: Event) -> Run:
    new = replace(run, rollback_state="running", undo=body.steps, asked=None)
    for name in body.steps:
        if not new.step(name).undo_state:
            new = set_state(new, name, "pending")
    return new


def _retried(run: Run, body: kinds.RunUndoRetried, event: Event) -> Run:
    return set_state(replace(run, rollback_state="running", asked=None), body.step, "pending")


def _marked(run: Run, body: kinds.RunUndoMarked, event: Event) -> Run:
    how = body.how if body.how in ("manual", "skipped") else "skipped"
    unknown = None if run.unknown is not None and run.unknown.step == body.step else run.unknown
    return set_state(replace(run, rollback_state="running", asked=None, unknown=unknown), body.step, how, body.reason)


def _finished(run: Run, body: kinds.RunRollbackFinished, event: Event) -> Run:
    state = body.state if body.state in ROLLBACK_STATES else "failed"
    return replace(run, rollback_state=state, why=body.why[:LONGEST_TEXT] or run.why, asked=None)


FOLDS: Mapping[type[Body], Callable[[Run, Any, Event], Run]] = {
    kinds.RunRollbackOffered: _offered,
    kinds.RunRollbackDeclined: _declined,
    kinds.RunRollbackStarted: _started,
    kinds.RunUndoRetried: _retried,
    kinds.RunUndoMarked: _marked,
    kinds.RunRollbackFinished: _finished,
}
