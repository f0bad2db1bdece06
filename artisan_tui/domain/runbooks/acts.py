"""The acts of a person on the way forward: from a run and what somebody wants to journal entries, or to a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks import locks
from artisan_tui.domain.runbooks.acting import (
    Entries,
    RunActor,
    RunRefused,
    check_idle,
    check_reason,
    check_typed,
    typed_name,
)
from artisan_tui.domain.runbooks.approval import LASTS, KernelLogin, may_approve
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.parameters import ParameterRefused, resolved
from artisan_tui.domain.runbooks.run import Run, StepRun

MODES = ("live", "dry", "drill")


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a person wants to run. ``evidence`` is why it was suggested; ``resources`` are rendered."""

    target: str = ""
    environment: str = ""
    mode: str = "live"
    params: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    yes: bool = False
    incident: str = ""
    evidence: str = ""
    #: Why it starts although its preflight failed, "" where it did not.
    despite: str = ""
    #: The run that it is a step of, "" where a person started it.
    parent: str = ""
    #: The digests of the runbooks that its steps run, at any depth, by id.
    children: Mapping[str, str] = field(default_factory=dict)


def start(
    run_id: str,
    definition: Runbook,
    by: RunActor,
    request: StartRequest,
    *,
    holders: Mapping[str, Run],
    known: bool = False,
    below: Sequence[Runbook] = (),
    severe: tuple[str, ...] = (),
    shared: frozenset[str] = frozenset(),
) -> Entries:
    """``holders`` are the active runs by the locks that they hold. ``known``: the definition is in the journal already.
    ``below`` are runbooks that its steps run and that are not.
    ``shared`` are locks that the runs above a child hold for it.

    ``severe`` are open incidents of Sev1 and Sev2, which keep drills away.
    """
    if request.mode not in MODES:
        raise RunRefused(f"{request.mode!r} is no mode: write one of {', '.join(MODES)}")
    if definition.targets and request.target not in definition.targets:
        raise RunRefused(
            f"{definition.id} runs at {', '.join(definition.targets)}, not at {request.target or 'no target'}"
        )
    steps = definition.steps_at(request.target)
    if not steps:
        raise RunRefused(f"{definition.id} has no step at {request.target or 'no target'}")
    if request.mode == "drill" and severe:
        raise RunRefused(f"{severe[0]} is open: no drill during a Sev1 or Sev2")
    if request.mode == "live" and request.environment == "production":
        unreviewed = next((step for step in steps if step.unreviewed), None)
        if unreviewed is not None:
            raise RunRefused(f"{unreviewed.id} was imported and nobody has reviewed it: not in production")
    try:
        params = resolved(definition, request.params)
    except ParameterRefused as refused:
        raise RunRefused(str(refused)) from None
    wanted = locks.wanted(definition.id, request.target, request.resources)
    wanted = tuple(each for each in wanted if each not in shared)
    taken = None if request.mode == "dry" else locks.conflict(wanted, holders)
    if taken is not None:
        lock, holder = taken
        at = holder.position
        where = f" at {at.id}" if at is not None else ""
        raise RunRefused(
            f"{lock} is locked by {holder.id} of {holder.started_by} ({holder.runbook}{where}, {holder.state})"
        )
    started = kinds.RunStarted(
        runbook=definition.id,
        title=definition.title,
        definition=definition.digest,
        target=request.target,
        environment=request.environment,
        mode=request.mode,
        params={name: json.dumps(value, ensure_ascii=False) for name, value in params.items()},
        steps=tuple(step.id for step in steps),
        resources=wanted,
        owner=by.session,
        yes=int(request.yes),
        incident=request.incident,
        evidence=request.evidence[:2000],
        despite=request.despite[:2000] or None,
        parent=request.parent or None,
        children=dict(request.children) or None,
    )
    new = {each.digest: each for each in (*([] if known else [definition]), *below)}
    defined = (by.entry(kinds.RunbookDefined(text=each.to_json()), digest) for digest, each in new.items())
    return (*defined, by.entry(started, run_id))


def confirm(run: Run, by: RunActor, *, typed: str = "", yes: bool = False) -> Entries:
    """Agree to what is asked. ``yes`` agrees to what only asks; what is ``typed`` has to be the name, whatever is asked."""
    asked = run.asked
    if asked is None:
        raise RunRefused(f"{run.id} asks nothing")
    match asked.what:
        case "confirm" if typed:  # whoever types a name means that place, even where a yes is enough
            check_typed(run, typed, typed_name(run))
        case "confirm" if yes:
            pass
        case "confirm":
            raise RunRefused(f"{asked.step} needs a yes")
        case "type" | "barrier":
            check_typed(run, typed, typed_name(run))
        case "approval":
            raise RunRefused(f"{asked.step} needs the approval of somebody else")
        case _:
            raise RunRefused(f"{asked.step} needs an answer, not a yes")
    return (by.entry(kinds.RunConfirmed(step=asked.step, what=asked.what, digest=asked.digest), run.id),)


def answer(
    run: Run,
    definition: Runbook,
    by: RunActor,
    *,
    done: bool = True,
    choice: str = "",
    values: Mapping[str, str] | None = None,
    reason: str = "",
) -> Entries:
    """Answer a manual step, a choice, or an undo that is done by hand."""
    asked = run.asked
    if asked is None or asked.what not in ("manual", "choice", "undo"):
        raise RunRefused(f"{run.id} does not wait for an answer")
    if not done:
        reason = check_reason(reason, "a step that failed")
    step = _defined(definition, asked.step)
    outcome = "done" if done else "failed"
    if asked.what == "undo":
        body = kinds.RunAnswered(step=step.id, what="undo", outcome=outcome, reason=reason)
        return (by.entry(body, run.id),)
    passed: tuple[str, ...] = ()
    if asked.what == "choice" and done:
        passed = _passed(run, step, choice)
    given = dict(values or {})
    if asked.what == "manual" and done:
        missing = [name for name in step.action.body.get("input", {}) if not given.get(name, "").strip()]
        if missing:
            raise RunRefused(f"{step.id} needs a value for {', '.join(missing)}")
    after = "failed" if not done else "verifying" if step.verify is not None else "succeeded"
    body = kinds.RunAnswered(
        step=step.id,
        what=asked.what,
        outcome=outcome,
        after=after,
        choice=choice,
        values={name: json.dumps(each, ensure_ascii=False) for name, each in given.items()},
        passed=passed,
        mutated=int(step.mutates and run.mode != "dry"),
        reason=reason,
    )
    return (by.entry(body, run.id),)


def _passed(run: Run, step: Step, choice: str) -> tuple[str, ...]:
    """The steps that a choice leaves out."""
    options = {str(each["label"]): str(each["goto"]) for each in step.action.body["options"]}
    if choice not in options:
        raise RunRefused(f"{choice[:60]!r} is no option: choose one of {', '.join(options)}")
    goto, ids = options[choice], [each.id for each in run.steps]
    later = ids[ids.index(step.id) + 1 :]
    if goto == "next":
        return ()
    return tuple(later) if goto == "end" or goto not in later else tuple(later[: later.index(goto)])


def skip(run: Run, definition: Runbook, by: RunActor, reason: str) -> Entries:
    """Leave out the step that is next, waits or failed; whatever it did stays in the undo."""
    step = _at(run, "skip")
    reason = check_reason(reason, "skipping a step")
    if _defined(definition, step.id).required:
        raise RunRefused(f"{step.id} is required: it cannot be skipped")
    return (by.entry(kinds.RunSkipped(step=step.id, by="person", reason=reason), run.id),)


def retry(run: Run, definition: Runbook, by: RunActor, reason: str = "") -> Entries:
    """Run a failed step again, if running it twice is the same as once, or if it never began."""
    step = _at(run, "retry")
    if step.state not in ("failed", "timed_out", "cancelled"):
        raise RunRefused(f"{step.id} has not failed: it is {step.state}")
    defined = _defined(definition, step.id)
    if step.attempt and defined.mutates and not defined.idempotent:
        raise RunRefused(f"{step.id} is not idempotent: a second time could do it twice. Skip it, or roll back")
    return (by.entry(kinds.RunRetried(step=step.id, reason=reason), run.id),)


def jump(run: Run, definition: Runbook, by: RunActor, to: str, reason: str) -> Entries:
    """Go back to an earlier step; forward is skipping, step by step."""
    step = _at(run, "jump")
    ids = [each.id for each in run.steps]
    if to not in ids:
        raise RunRefused(f"{run.id} has no step {to[:60]!r}")
    first, last = ids.index(to), ids.index(step.id)
    if first >= last:
        raise RunRefused("a jump goes back only: skip a step to go on")
    reason = check_reason(reason, "going back")
    again = run.steps[first : last + 1]
    for each in again:
        defined = _defined(definition, each.id)
        if each.attempt and defined.mutates and not defined.idempotent:
            raise RunRefused(f"{each.id} is not idempotent and has run: a second time could do it twice")
    return (by.entry(kinds.RunJumped(step=to, again=tuple(each.id for each in again), reason=reason), run.id),)


def abort(run: Run, by: RunActor, reason: str = "") -> Entries:
    """The first press ends the act, the second kills it. The way back is not touched."""
    if run.finished:
        raise RunRefused(f"{run.id} is over: {run.state}")
    return (by.entry(kinds.RunAborting(presses=run.abort_presses + 1, reason=reason), run.id),)


def adopt(run: Run, by: RunActor, reason: str) -> Entries:
    """``by.session`` carries it out from here on."""
    if run.over:
        raise RunRefused(f"{run.id} is over")
    if run.owner == by.session:
        raise RunRefused(f"{run.id} is carried out by this session already")
    reason = check_reason(reason, "adopting a run")
    return (by.entry(kinds.RunAdopted(owner=by.session, fence=run.fence + 1, before=run.owner, reason=reason), run.id),)


def settle(
    run: Run, definition: Runbook, by: RunActor, outcome: str, reason: str, *, evidence: bool = False
) -> Entries:
    """Say how an unknown act ended: done, not_done or failed. The name and the reason stay in the record."""
    current = run.unknown
    if current is None:
        raise RunRefused(f"{run.id} has nothing that is unknown")
    if run.current is not None:
        raise RunRefused(f"the evidence for {current.step} is being looked for: wait for it")
    if outcome not in ("done", "not_done", "failed"):
        raise RunRefused("it is done, not_done or failed")
    reason = check_reason(reason, "deciding what is unknown")
    step = _defined(definition, current.step)
    if current.part == "undo":
        verify = step.rollback is not None and step.rollback.verify is not None
        after = {"done": "verifying" if verify else "done", "not_done": "pending", "failed": "failed"}[outcome]
    else:
        after = {"done": "verifying" if step.verify is not None else "succeeded", "not_done": "pending"}.get(
            outcome, outcome
        )
    body = kinds.RunSettled(
        step=current.step,
        part=current.part,
        number=current.number,
        outcome=outcome,
        after=after,
        by="evidence" if evidence else "person",
        reason=reason,
    )
    return (by.entry(body, run.id),)


def approve(run: Run, by: RunActor, who: KernelLogin) -> Entries:
    """Somebody else agrees to exactly what is asked."""
    refused = may_approve(run, who, by.now)
    if refused:
        raise RunRefused(refused)
    assert run.asked is not None
    body = kinds.RunApproved(step=run.asked.step, binding=run.asked.digest, login=who.name, expires=by.now + LASTS)
    return (by.entry(body, run.id),)


def deny(run: Run, by: RunActor, reason: str) -> Entries:
    """Refuse what is asked: the step does not run, and nothing is rolled back for it."""
    if run.asked is None or run.asked.what != "approval":
        raise RunRefused(f"{run.id} does not wait for an approval")
    body = kinds.RunDenied(step=run.asked.step, reason=check_reason(reason, "denying"))
    return (by.entry(body, run.id),)


def break_lock(run: Run, by: RunActor, resource: str, typed: str, reason: str) -> Entries:
    """Take a lock away from a run that cannot give it back."""
    if resource not in locks.held(run):
        raise RunRefused(f"{run.id} does not hold {resource[:80]}")
    if run.current is not None:
        raise RunRefused(f"{run.current.step} is running: abort it first")
    check_typed(run, typed, resource)
    body = kinds.RunLockBroken(resource=resource, reason=check_reason(reason, "breaking a lock"))
    return (by.entry(body, run.id),)


def _at(run: Run, act: str) -> StepRun:
    """The step that an act on the way forward is about. Raises RunRefused where there is none."""
    check_idle(run)
    if run.rollback_state not in ("none", "offered"):
        raise RunRefused(f"{run.id} is rolled back: {run.rollback_state}")
    if run.state in ("succeeded", "aborted", "aborting", "unknown") or run.position is None:
        raise RunRefused(f"{run.id} is {run.state}: there is no step to {act}")
    if run.asked is not None and run.asked.what == "approval" and act == "jump":
        raise RunRefused(f"{run.asked.step} waits for an approval: deny it or abort first")
    return run.position


def _defined(definition: Runbook, wanted: str) -> Step:
    found = definition.step(wanted)
    if found is None:
        raise RunRefused(f"{definition.id} has no step {wanted[:60]!r}")
    return found
