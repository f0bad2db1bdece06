"""What the events of a run add up to. It takes what is written as it is: `acts` and `runner` decide what may be written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.json_value import frozen
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks import fold_gaps, fold_undo
from artisan_tui.domain.runbooks.fold_steps import changed, put, starting
from artisan_tui.domain.runbooks.run import (
    FINISHED,
    LONGEST_TAIL,
    LONGEST_TEXT,
    LONGEST_VALUE,
    STEP_STATES,
    Approval,
    InFlight,
    Question,
    Run,
    StepRun,
)

Fold = Callable[[Run, Any, Event], Run]


def apply(run: Run | None, event: Event) -> Run | None:
    """The run after ``event``, which has its id as the subject. An event that cannot be read changes nothing."""
    try:
        body = read_body(event)
    except BodyError:
        return run
    if run is None:
        return _started(body, event) if isinstance(body, kinds.RunStarted) and event.subject else None
    folded = _FOLDS.get(type(body))
    if folded is None:
        return run  # started twice, or another wing's kind
    try:
        new = folded(run, body, event)
    except KeyError:
        new = run  # a step that the run does not have
    return replace(new, version=new.version + 1, last_seq=event.seq)


def fold(events: Iterable[Event]) -> Run | None:
    """The run that ``events``, oldest first, add up to."""
    run: Run | None = None
    for event in events:
        run = apply(run, event)
    return run


def values_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """JSON texts by name as values. A text that is no JSON stays text; a long one is cut."""
    found: dict[str, Any] = {}
    for name, text in list(texts.items())[:50]:
        try:
            found[name] = frozen(json.loads(text[:LONGEST_VALUE]))
        except (ValueError, RecursionError):
            found[name] = text[:LONGEST_VALUE]
    return found


def _started(body: kinds.RunStarted, event: Event) -> Run:
    return Run(
        event.subject,
        body.runbook,
        body.title[:LONGEST_TEXT],
        body.definition,
        event.recorded_at,
        event.actor,
        target=body.target,
        environment=body.environment,
        mode=body.mode,
        yes=bool(body.yes),
        params=values_of(body.params),
        steps=tuple(StepRun(name) for name in dict.fromkeys(body.steps)),
        resources=body.resources,
        incident=body.incident,
        owner=body.owner,
        children=body.children or {},
        version=1,
        last_seq=event.seq,
    )


def _going(run: Run) -> Run:
    """Something happens on the way forward."""
    return replace(run, state="running") if run.state in ("planned", "waiting") else run


def _asked(run: Run, body: kinds.RunAsked, event: Event) -> Run:
    asked = Question(body.step, body.what, event.recorded_at, body.digest, body.expires, body.requester, event.seq)
    if run.rolling_back:
        return fold_undo.set_state(replace(run, asked=asked), body.step, "awaiting")
    return changed(replace(run, asked=asked, state="waiting"), body.step, state="awaiting")


def _confirmed(run: Run, body: kinds.RunConfirmed, event: Event) -> Run:
    if run.rolling_back:
        how = "skipped" if body.what == "barrier" else "pending"
        return fold_undo.set_state(replace(run, asked=None), body.step, how)
    return changed(_going(replace(run, asked=None)), body.step, state="pending", agreed=body.digest)


def _approved(run: Run, body: kinds.RunApproved, event: Event) -> Run:
    approval = Approval(body.binding, body.login, body.expires)
    return changed(_going(replace(run, asked=None)), body.step, state="pending", approval=approval)


def _denied(run: Run, body: kinds.RunDenied, event: Event) -> Run:
    why = body.reason[:LONGEST_TEXT] or "denied"
    return changed(_going(replace(run, asked=None)), body.step, state="failed", why=why, finished_at=event.recorded_at)


def _voided(run: Run, body: kinds.RunVoided, event: Event) -> Run:
    return changed(_going(replace(run, asked=None)), body.step, state="pending", agreed="", approval=None)


def _answered(run: Run, body: kinds.RunAnswered, event: Event) -> Run:
    if run.rolling_back:
        how = "manual" if body.outcome == "done" else "failed"
        return fold_undo.set_state(replace(run, asked=None), body.step, how, body.reason)
    step = starting(run, run.step(body.step), body.mutated, event) if body.mutated else run.step(body.step)
    captures = {**step.captures, **values_of(body.values)}
    if body.choice:
        captures["choice"] = body.choice
    state = body.after if body.after in STEP_STATES else "failed"
    over = None if state == "verifying" else event.recorded_at
    step = replace(
        step,
        state=state,
        captures=captures,
        why=body.reason[:LONGEST_TEXT],
        finished_at=over,
        tries={**step.tries, "do": step.attempt + 1},
    )
    new = put(_going(replace(run, asked=None)), step)
    for name in body.passed:
        new = changed(new, name, state="skipped", why="not chosen", finished_at=event.recorded_at)
    return new


def _skipped(run: Run, body: kinds.RunSkipped, event: Event) -> Run:
    new = replace(run, asked=None, passed_over=tuple(each for each in run.passed_over if each != body.step))
    new = replace(new, state="running") if new.state in ("planned", "waiting", "failed") else new
    new = replace(
        new, finished_at=None, rollback_state="none" if new.rollback_state == "offered" else new.rollback_state
    )
    new = _reached_again(new)
    return changed(new, body.step, state="skipped", why=body.reason[:LONGEST_TEXT], finished_at=event.recorded_at)


def _jumped(run: Run, body: kinds.RunJumped, event: Event) -> Run:
    new = _again(replace(run, asked=None))
    for name in body.again:
        step = new.step(name)
        done = step.succeeded_before or (step.state == "succeeded" and step.mutated)
        step = replace(step, state="pending", agreed="", approval=None, met=0, finished_at=None, why="")
        new = put(new, replace(step, succeeded_before=done))
    return new


def _retried(run: Run, body: kinds.RunRetried, event: Event) -> Run:
    return changed(_again(run), body.step, state="pending", agreed="", approval=None, met=0, finished_at=None, why="")


def _again(run: Run) -> Run:
    offered = run.rollback_state == "offered"
    new = replace(
        run, state="running", finished_at=None, why="", rollback_state="none" if offered else run.rollback_state
    )
    return _reached_again(replace(new, passed_over=()))


def _reached_again(run: Run) -> Run:
    steps = (replace(each, state="pending") if each.state == "not_reached" else each for each in run.steps)
    return replace(run, steps=tuple(steps))


def _intended(run: Run, body: kinds.RunIntended, event: Event) -> Run:
    step = run.step(body.step)
    tries = {**step.tries, body.part: max(body.number, step.tries.get(body.part, 0))}
    new = replace(run, current=InFlight(body.step, body.part, body.number, event.recorded_at, event.seq))
    if body.part in ("undo", "undo-verify"):
        state = "running" if body.part == "undo" else "verifying"
        return fold_undo.set_state(put(new, replace(step, tries=tries)), body.step, state)
    if body.part == "evidence":
        return put(new, replace(step, tries=tries))
    if body.part == "do":
        step = starting(run, step, body.mutates, event)
    state = {"pre": "checking", "do": "running", "verify": "verifying"}.get(body.part, step.state)
    return put(_going(new), replace(step, tries=tries, state=state))


def _ended(run: Run, body: kinds.RunEnded, event: Event) -> Run:
    gap = fold_gaps.gap_before_end(run, body, event)
    step = run.step(body.step)
    new = replace(run, current=None)
    why = body.why[:LONGEST_TEXT]
    if body.part in ("undo", "undo-verify"):
        return fold_undo.set_state(new, body.step, body.after, why)
    if body.part == "evidence":
        return new if body.outcome == "ok" else _inconclusive(new)
    if body.after not in STEP_STATES:
        return new
    new = replace(new, unattended=run.unattended + gap)
    if body.part != "pre":  # those come before it begins
        step = replace(step, unattended=step.unattended + gap)
    over = event.recorded_at if body.after not in ("pending", "verifying") else None
    step = replace(step, state=body.after, why=why, finished_at=over)
    if body.part == "pre" and body.outcome == "ok":
        step = replace(step, met=step.met + 1)
    if body.part == "do":
        step = replace(
            step,
            exit=body.exit,
            survivors=body.survivors,
            captures={**step.captures, **values_of(body.captures)},
            tail=body.tail[-LONGEST_TAIL:],
        )
    return put(new, step)


def _lost(run: Run, body: kinds.RunLost, event: Event) -> Run:
    why = body.why[:LONGEST_TEXT]
    new = replace(run, current=None)
    if body.part in ("pre", "verify", "undo-verify"):
        return new  # what only reads is read again: the step is still checking or verifying
    if body.part == "evidence":
        return _inconclusive(new)
    current = run.current
    same = current is not None and (current.step, current.part, current.number) == (body.step, body.part, body.number)
    lost = current if same else InFlight(body.step, body.part, body.number, event.recorded_at)
    if body.part == "undo":
        return fold_undo.set_state(replace(new, unknown=lost), body.step, "unknown", why)
    return changed(replace(new, unknown=lost, state="unknown"), body.step, state="unknown", why=why)


def _inconclusive(run: Run) -> Run:
    return run if run.unknown is None else replace(run, unknown=replace(run.unknown, evidence="inconclusive"))


def _settled(run: Run, body: kinds.RunSettled, event: Event) -> Run:
    new = replace(run, unknown=None)
    why = body.reason[:LONGEST_TEXT]
    if body.part == "undo":
        return fold_undo.set_state(new, body.step, body.after, why)
    step = run.step(body.step)
    if body.outcome == "not_done" and run.unknown is not None and step.undo_seq == run.unknown.seq:
        # It never happened, and no earlier attempt did: there is nothing to undo.
        step = replace(step, order=0, mutated=False, undo_seq=0)
    over = event.recorded_at if body.after not in ("pending", "verifying") else None
    state = "aborting" if run.abort_presses else "running"
    return put(replace(new, state=state), replace(step, state=body.after, why=why, finished_at=over))


def _step_failed(run: Run, body: kinds.RunStepFailed, event: Event) -> Run:
    why = body.why[:LONGEST_TEXT]
    if body.part == "undo":
        return fold_undo.set_state(replace(run, asked=None), body.step, "failed", why)
    return changed(replace(run, asked=None), body.step, state="failed", why=why, finished_at=event.recorded_at)


def _aborting(run: Run, body: kinds.RunAborting, event: Event) -> Run:
    state = run.state if run.state == "unknown" else "aborting"
    asked = run.asked if run.rolling_back else None
    why = body.reason[:LONGEST_TEXT] or run.why
    new = replace(run, state=state, abort_presses=body.presses, why=why, asked=asked)
    step = new.position
    return changed(new, step.id, state="pending") if step is not None and step.state == "awaiting" else new


def _linked(run: Run, body: kinds.RunLinked, event: Event) -> Run:
    return replace(run, incident=run.incident or body.incident)


def _finished(run: Run, body: kinds.RunFinished, event: Event) -> Run:
    state = body.state if body.state in FINISHED else "failed"
    new = replace(run, state=state, why=body.why[:LONGEST_TEXT], finished_at=event.recorded_at, asked=None)
    for name in body.not_reached:
        new = changed(new, name, state="not_reached")
    # Nothing is at work after the end: what was about to be looked at was not.
    open_ = [each.id for each in new.steps if each.state in ("checking", "awaiting", "running", "verifying")]
    for name in open_:
        new = changed(new, name, state="cancelled", finished_at=event.recorded_at)
    return new


def _passed_over(run: Run, body: kinds.RunStepPassed, event: Event) -> Run:
    return replace(run, passed_over=(*run.passed_over, body.step))


def _lock_broken(run: Run, body: kinds.RunLockBroken, event: Event) -> Run:
    return replace(run, broken_locks=tuple(dict.fromkeys((*run.broken_locks, body.resource))))


_FOLDS: Mapping[type[Body], Fold] = {
    kinds.RunAsked: _asked,
    kinds.RunConfirmed: _confirmed,
    kinds.RunApproved: _approved,
    kinds.RunDenied: _denied,
    kinds.RunVoided: _voided,
    kinds.RunAnswered: _answered,
    kinds.RunSkipped: _skipped,
    kinds.RunJumped: _jumped,
    kinds.RunRetried: _retried,
    kinds.RunIntended: _intended,
    kinds.RunEnded: _ended,
    kinds.RunLost: _lost,
    kinds.RunSettled: _settled,
    kinds.RunStepFailed: _step_failed,
    kinds.RunStepPassed: _passed_over,
    kinds.RunAborting: _aborting,
    kinds.RunAdopted: fold_gaps.adopted,
    kinds.RunLinked: _linked,
    kinds.RunFinished: _finished,
    kinds.RunLockBroken: _lock_broken,
    **fold_undo.FOLDS,
}
