"""An act of a run between the planner and the kinds of steps: resolved, with what was there before and how it is undone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import StepJob, read_job
from artisan_tui.steps.runbooks.protocol import (
    Finding,
    Resolved,
    StepChannel,
    StepContext,
    StepRefused,
    Until,
)

#: Seconds that a look at what is there may take.
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class StepPlan:
    """``act`` and ``undo`` are jobs as text: what is committed, shown by ``shown``, and started as it is.

    ``before`` is JSON. ``digest`` is of the act with the content of its files. ``confirm`` is "type" where what was found
    has to be confirmed by typing, whatever the step says. ``refused``: why it cannot be; ``question``: a person may insist.
    """

    act: str = ""
    undo: str = ""
    before: str = ""
    shown: str = ""
    shown_undo: str = ""
    notes: tuple[str, ...] = ()
    digest: str = ""
    confirm: str = ""
    refused: str = ""
    question: bool = False


def planned_step(
    action: Action,
    context: StepContext,
    *,
    until: Until | None = None,
    declared_undo: Action | None = None,
    lent: Mapping[str, Any] | None = None,
) -> StepPlan:
    """What an act would be now. Reads only, and blocks for at most `PATIENCE`: call it in a thread.

    A step that changes something is captured, and its undo is resolved: the one that is declared, else the kind's own.
    """
    try:
        kind = step_kind(action.kind)
        resolved = replace(kind.plan(action, context), until=until)
        if context.part != "do" or not resolved.mutates:
            does = "verify" if until is not None else "act"
            return _plan(StepJob(does, resolved), None, ())
        before = kind.capture(resolved, quiet_channel(lent))
        undone = kind.undo(resolved, before)
        if declared_undo is not None:
            of_undo = replace(context, part="undo", mutates=True, capture={})
            undone = step_kind(declared_undo.kind).plan(declared_undo, of_undo)
        return _plan(StepJob("act", resolved, before), undone, tuple(before.get("notes", ())))
    except StepRefused as refused:
        return StepPlan(refused=str(refused), question=refused.question)
    except TimeoutError:
        return StepPlan(refused=f"what is there could not be read within {PATIENCE:g} s")


def evidence_of(act: str, hints: Mapping[str, Any], since: float) -> str:
    """The job that finds out whether ``act`` happened. ``hints`` are what its attempt noted."""
    return replace(read_job(json.loads(act)), does="evidence", hints=hints, since=since).to_json()


def dry_of(act: str) -> str:
    """The job that says what ``act`` would do, by reads alone."""
    return replace(read_job(json.loads(act)), does="dry").to_json()


def preflight_of(action: Action, context: StepContext, *, lent: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """Whether a step could be carried out and undone, by reads alone. Blocks for at most `PATIENCE`."""
    try:
        kind = step_kind(action.kind)
        return kind.preflight(kind.plan(action, context), quiet_channel(lent))
    except StepRefused as refused:
        return (Finding(False, refused.what, refused.mend),)
    except TimeoutError:
        return (Finding(False, f"no answer within {PATIENCE:g} s", "see whether it is reachable from here"),)


def quiet_channel(lent: Mapping[str, Any] | None = None) -> StepChannel:
    """For looks at what is there, whose output nobody reads."""
    return StepChannel(
        say=lambda text: None,
        note=lambda hints: None,
        deadline=time.monotonic() + PATIENCE,
        environ=dict(os.environ),
        lent={} if lent is None else lent,
    )


def _plan(job: StepJob, undone: Resolved | None, notes: tuple[str, ...]) -> StepPlan:
    undo = "" if undone is None else StepJob("act", undone).to_json()
    return StepPlan(
        act=job.to_json(),
        undo=undo,
        before=canonical(as_json(dict(job.before))) if job.before else "",
        shown=job.resolved.shown,
        shown_undo="" if undone is None else undone.shown,
        notes=tuple(printable(str(each), 500) for each in (*job.resolved.notes, *notes)),
        digest=job.resolved.digest,
        confirm=str(job.before.get("confirm", "")),
    )
