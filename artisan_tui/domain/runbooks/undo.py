"""Which steps are undone, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.run import Run, StepRun


def undo_order(run: Run, definition: Runbook) -> tuple[str, ...]:
    """Every attempted step that changed something and has something to undo, once, in the reverse order of its start.

    Also those that failed, timed out or are unknown, unless they say that only success counts. A step that was
    skipped before it began, a dry one and one that reads are never among them.
    """
    if run.mode == "dry":
        return ()
    attempted = [
        each for each in run.steps if each.order and each.mutated and _undoable(each, definition.step(each.id))
    ]
    return tuple(each.id for each in sorted(attempted, key=lambda each: each.order, reverse=True))


def undo_plan(definition: Runbook) -> tuple[str, ...]:
    """What a rollback would undo, in its order, if every step of this definition ran: for a preview and a dry run."""
    changing = [step for step in definition.steps if step.mutates and step.undo != "nothing"]
    return tuple(step.id for step in reversed(changing))


def _undoable(step: StepRun, defined: Step | None) -> bool:
    if defined is None or defined.undo == "nothing":
        return False
    return defined.undo_on == "attempted" or step.state == "succeeded" or step.succeeded_before


def undo_way(step: Step) -> str:
    """How its undo is carried out: "act", "hand" (a person does it) or "barrier" (a person accepts that nothing can)."""
    if step.irreversible:
        return "barrier"
    if step.undo == "manual" or (step.rollback is not None and step.rollback.action.kind == "manual"):
        return "hand"
    return "act"


def outcome_of(run: Run) -> str:
    """What a rollback whose undos are all over is called: never "done" unless every undo really was."""
    states: Mapping[str, Any] = {name: run.step(name).undo_state for name in run.undo}
    if any(state == "skipped" for state in states.values()):
        return "accepted"
    return "manual_done" if any(state == "manual" for state in states.values()) else "done"
