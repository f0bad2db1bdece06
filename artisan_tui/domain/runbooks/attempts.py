"""What follows from how an attempt ended."""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.ports import LOST, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run

#: Who writes what no person did.
RUNNER = "artisan"
#: An act that could not even be started so many times has failed.
MOST_STARTS = 3


def written(now: datetime, run: Run, *bodies: Body) -> tuple[Entry, ...]:
    return tuple(body.entry(now, RUNNER, run.id) for body in bodies)


def ended(run: Run, definition: Runbook, attempt: InFlight, seen: Observed) -> tuple[Body, ...]:
    """The events of an attempt that has exited, or that nobody knows the end of."""
    step = definition.step(attempt.step)
    assert step is not None
    if attempt.part == "evidence" and seen.state != LOST:
        return _evidence(run, step, attempt, seen)
    if seen.state == LOST or seen.outcome == "unknown":
        return (_of(kinds.RunLost, attempt, why=seen.why or "nobody knows how it ended"),)
    body = _of(
        kinds.RunEnded,
        attempt,
        outcome=seen.outcome,
        after=_after(run, step, attempt, seen.outcome),
        exit=seen.exit,
        why=seen.why[:500],
        survivors=seen.survivors,
        captures=dict(seen.captures),
        tail=seen.tail[-2000:],
        log=seen.log,
        log_bytes=seen.log_bytes,
        lasted=seen.lasted,
    )
    return (body,)


def never_started(run: Run, definition: Runbook, attempt: InFlight, why: str = "") -> tuple[Body, ...]:
    """The events of an attempt that is sealed, and why: certainly nothing happened."""
    refused = bool(why)
    why = why[:500] or "its start was committed, and it was never started"
    lost = _of(kinds.RunLost, attempt, why=why)
    if attempt.part not in ("do", "undo"):
        return (lost,)
    # An undo that could not be started is the same at the next try; a step is resolved anew.
    over = attempt.number >= MOST_STARTS or (refused and attempt.part == "undo")
    after = "failed" if over else "pending"
    settled = _of(kinds.RunSettled, attempt, outcome="not_done", after=after, by="evidence", reason=why)
    return (lost, settled)


def _after(run: Run, step: Step, attempt: InFlight, outcome: str) -> str:
    """The state of the step, or of its undo, after this outcome."""
    good = outcome == "ok"
    match attempt.part:
        case "pre":
            return "pending" if good else "failed"
        case "verify":
            return "succeeded" if good else outcome if outcome == "cancelled" else "failed"
        case "undo-verify":
            return "done" if good else "failed"
        case "undo":
            undo = step.rollback
            if good:
                return "verifying" if undo is not None and undo.verify is not None else "done"
            again = undo is not None and run.step(step.id).tries.get("undo", 0) <= undo.retries
            return "pending" if again and outcome != "cancelled" else "failed"
    if good:
        return "verifying" if step.verify is not None else "succeeded"
    again = step.idempotent and run.step(step.id).attempt <= step.retries and not run.abort_presses
    return "pending" if again and outcome != "cancelled" else outcome


def _evidence(run: Run, step: Step, attempt: InFlight, seen: Observed) -> tuple[Body, ...]:
    told = seen.outcome == "ok" and seen.verdict in ("happened", "absent")
    outcome = "ok" if told else "failed"
    body = _of(
        kinds.RunEnded, attempt, outcome=outcome, after="", exit=seen.exit, why=seen.why[:500], tail=seen.tail[-2000:]
    )
    unknown = run.unknown
    if not told or unknown is None:
        return (body,)
    why = seen.why[:500] or f"evidence: {seen.verdict}"
    if unknown.part == "undo":
        undo = step.rollback
        happened = "verifying" if undo is not None and undo.verify is not None else "done"
    else:
        happened = "verifying" if step.verify is not None else "succeeded"
    result, after = ("done", happened) if seen.verdict == "happened" else ("not_done", "pending")
    return (body, _of(kinds.RunSettled, unknown, outcome=result, after=after, by="evidence", reason=why))


def _of(kind: type[Body], attempt: InFlight, **values: object) -> Body:
    return kind(step=attempt.step, part=attempt.part, number=attempt.number, **values)
