"""The acts of a person on the way back."""

from __future__ import annotations

from collections.abc import Mapping

from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks import locks
from artisan_tui.domain.runbooks.acting import Entries, RunActor, RunRefused, check_reason
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.run import UNDONE, Run
from artisan_tui.domain.runbooks.undo import undo_order


def preview(run: Run, definition: Runbook) -> tuple[str, ...]:
    """The steps that a rollback would undo now, in that order. Raises RunRefused where there is nothing to undo."""
    if run.mode == "dry":
        raise RunRefused(f"{run.id} was a dry run: there is nothing to undo")
    if run.rollback_state in ("running", "done", "manual_done", "accepted"):
        raise RunRefused(f"{run.id} is rolled back: {run.rollback_state}")
    if not run.finished:
        if run.state == "unknown":
            raise RunRefused(f"nobody knows how {run.position.id if run.position else run.id} ended: settle that first")
        raise RunRefused(f"{run.id} is {run.state}: abort it first")
    steps = undo_order(run, definition)
    if not steps:
        raise RunRefused(f"{run.id} changed nothing: there is nothing to undo")
    return steps


def start_rollback(
    run: Run, definition: Runbook, by: RunActor, *, holders: Mapping[str, Run], automatic: bool = False
) -> Entries:
    """Undo what the run did. ``holders`` are the active runs by lock: a run that gave its locks back needs them again."""
    if automatic and (not definition.auto_rollback or run.environment == "production"):
        raise RunRefused("in production nothing is rolled back without a person")
    if run.rollback_state == "failed":
        raise RunRefused(f"the rollback of {run.id} stopped: retry, mark or accept what is left")
    steps = preview(run, definition)
    others = {lock: holder for lock, holder in holders.items() if holder.id != run.id}
    taken = locks.conflict(run.resources, others)
    if taken is not None:
        lock, holder = taken
        raise RunRefused(f"{lock} is locked by {holder.id} of {holder.started_by} ({holder.runbook}, {holder.state})")
    return (by.entry(kinds.RunRollbackStarted(steps=steps, automatic=int(automatic)), run.id),)


def decline_rollback(run: Run, by: RunActor, reason: str) -> Entries:
    """Leave everything as it is, and give the locks back."""
    if run.rollback_state != "offered":
        raise RunRefused(f"no rollback of {run.id} is offered")
    body = kinds.RunRollbackDeclined(reason=check_reason(reason, "leaving it as it is"))
    return (by.entry(body, run.id),)


def retry_undo(run: Run, by: RunActor) -> Entries:
    """Try the undo again that failed."""
    step = _stopped(run)
    return (by.entry(kinds.RunUndoRetried(step=step), run.id),)


def mark_undo(run: Run, by: RunActor, how: str, reason: str) -> Entries:
    """The undo was done by hand, or is left out; the others go on."""
    if how not in ("manual", "skipped"):
        raise RunRefused("an undo is marked as manual or skipped")
    body = kinds.RunUndoMarked(step=_stopped(run, lost=True), how=how, reason=check_reason(reason, "marking an undo"))
    return (by.entry(body, run.id),)


def accept_rollback(run: Run, by: RunActor, reason: str) -> Entries:
    """Leave the rest as it is: a rollback that is not complete, and is not called done."""
    if run.rollback_state != "failed":
        raise RunRefused(f"the rollback of {run.id} has not failed")
    left = tuple(name for name in run.undo if run.step(name).undo_state not in UNDONE)
    reason = check_reason(reason, "accepting what is left")
    return (by.entry(kinds.RunRollbackFinished(state="accepted", why=reason, left=left), run.id),)


def _stopped(run: Run, *, lost: bool = False) -> str:
    """The step whose undo failed, and with ``lost`` also one that is unknown."""
    stuck = lost and run.rolling_back and run.unknown is not None
    if run.asked is not None and run.asked.what == "undo":
        raise RunRefused(f"the undo of {run.asked.step} waits for an answer: say whether it was done or failed")
    if run.rollback_state != "failed" and not stuck:
        raise RunRefused(f"the rollback of {run.id} has not failed")
    step = run.next_undo
    if step is None:
        raise RunRefused(f"no undo of {run.id} is left")
    if run.unknown is not None and not lost:
        raise RunRefused(f"nobody knows how the undo of {step.id} ended: settle that first")
    return step.id
