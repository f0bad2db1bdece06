"""Steps of runbooks for tests: resolved as the runner does it, carried out in this process or in a real attempt."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from artisan_tui.domain.runbooks.definition import Action as RunbookAction
from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptState, Secrets
from artisan_tui.steps.runbook_step import done
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import Launch, StepJob, launch
from artisan_tui.steps.runbooks.protocol import Attempted, Evidence, Resolved, StepChannel, StepContext, Until
from artisan_tui.steps.runbooks.seen import StepResult, noted_hints, step_result
from support.servers import until

STEP_PROGRAM = "artisan_tui.engine.runbooks.step_program"
RUN, STEP = "RUN-20261130-120000", "the_step"


def resolved(
    kind: str,
    body: Mapping[str, Any],
    *,
    expect: tuple[str, ...] = (),
    timeout: float = 20.0,
    until: Until | None = None,
    **context: Any,
) -> Resolved:
    """The act as it would be now. ``context`` are fields of StepContext."""
    action = RunbookAction(kind, body, expect, timeout)
    context.setdefault("mutates", action.can_change)
    given = StepContext(run=RUN, step=context.pop("step", STEP), **context)
    return replace(step_kind(kind).plan(action, given), until=until)


def channel(seconds: float = 20.0, said: list[str] | None = None, **more: Any) -> StepChannel:
    lines: list[str] = [] if said is None else said
    notes = more.pop("note", lambda hints: None)
    return StepChannel(say=lines.append, note=notes, deadline=time.monotonic() + seconds, **more)


def captured(act: Resolved, **more: Any) -> Mapping[str, Any]:
    """What is there before it."""
    return step_kind(act.kind).capture(act, channel(**more))


def carried_out(
    act: Resolved, before: Mapping[str, Any] | None = None, *, does: str = "act", seconds: float = 20.0, **more: Any
) -> dict[str, Any]:
    """The result of a job in this process."""
    return done(StepJob(does, act, before or {}), channel(seconds, **more))


def evidence(
    act: Resolved, before: Mapping[str, Any], *, hints: Mapping[str, Any] | None = None, since: float = 0.0, **more: Any
) -> Evidence:
    return step_kind(act.kind).evidence(Attempted(act, before, hints or {}, since), channel(**more))


def undone(act: Resolved, before: Mapping[str, Any]) -> Resolved | None:
    return step_kind(act.kind).undo(act, before)


def started(
    job: StepJob, folder: Path, environ: Mapping[str, str] | None = None, *, program: str = STEP_PROGRAM
) -> Attempt:
    """A real attempt, as the spawner starts it."""
    plan = launch(job, folder, environ or dict(os.environ), program=program)
    attempt = Attempt(folder)
    attempt.start(*for_attempt(plan))
    return attempt


def for_attempt(plan: Launch) -> tuple[Action, Secrets]:
    action = Action(plan.argv, plan.environ, plan.cwd, plan.timeout, plan.grace, plan.pty)
    return action, Secrets(plan.secret_environ, plan.masks, plan.input)


def result_of(job: StepJob, attempt: Attempt, seconds: float = 20.0) -> StepResult:
    """What came of it, when it has ended."""
    until(lambda: attempt.state() in (AttemptState.ENDED, AttemptState.LOST), seconds, "the end of the attempt")
    ended = attempt.ended()
    if ended is None:
        return StepResult("unknown", "lost", hints=noted_hints(attempt.folder))
    return step_result(
        job,
        attempt.folder,
        code=ended.code,
        timed_out=ended.timed_out,
        aborted=ended.aborted,
        error=ended.error,
        output=attempt.output(),
        lasted=ended.lasted,
    )
