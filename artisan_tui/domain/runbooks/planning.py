"""What follows from a plan: whether somebody is asked first, and the intent that is committed before anything starts."""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks.approval import LASTS, blocked
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.ports import ActPlan
from artisan_tui.domain.runbooks.run import Run, StepRun

#: Characters of a resolved act that are shown with a question; all of it is in the intent.
_SHOWN = 8000


def planned(run: Run, definition: Runbook, name: str, part: str, plan: ActPlan, now: datetime) -> tuple[Body, ...]:
    """The events that come next for this act of a step."""
    step, state = definition.step(name), run.step(name)
    assert step is not None
    if part in ("pre", "do") and plan.skip:
        return (kinds.RunSkipped(step=name, by="when", reason=step.when[:500]),)
    if plan.refused:
        return _refused(name, part, plan)
    if part == "do":
        if run.mode == "dry" and step.left_out_dry:
            return (kinds.RunSkipped(step=name, by="dry", reason=plan.act[:2000]),)
        asked = _asked(run, step, state, plan, now)
        if asked:
            return asked
    return (intent(run, step, part, plan),)


def intent(run: Run, step: Step, part: str, plan: ActPlan) -> kinds.RunIntended:
    """What is committed before the attempt is started."""
    number = run.step(step.id).tries.get(part, 0) + 1
    mutates = int(part == "do" and step.mutates and run.mode != "dry")
    return kinds.RunIntended(
        step=step.id,
        part=part,
        number=number,
        act=plan.act,
        undo=plan.undo if part == "do" else "",
        before=plan.before if part == "do" else "",
        digest=plan.binding,
        mutates=mutates,
    )


def _refused(name: str, part: str, plan: ActPlan) -> tuple[Body, ...]:
    if part == "evidence":
        return (kinds.RunLost(step=name, part=part, number=0, why=plan.refused[:500]),)
    return (kinds.RunStepFailed(step=name, part="undo" if part.startswith("undo") else part, why=plan.refused[:500]),)


def _asked(run: Run, step: Step, state: StepRun, plan: ActPlan, now: datetime) -> tuple[Body, ...]:
    """The question that has to be answered first, () when everybody has agreed to exactly this."""
    if step.approval and blocked(run, step.id, plan.binding, now):
        voided = () if state.approval is None else (_voided(step, blocked(run, step.id, plan.binding, now)),)
        return (*voided, _question(run, step, "approval", plan, now))
    if step.confirm != "none" and state.agreed != plan.binding and not step.by_hand:
        if step.confirm == "ask" and run.yes and not state.agreed:
            return (kinds.RunConfirmed(step=step.id, what="confirm", digest=plan.binding),)
        voided = () if not state.agreed else (_voided(step, "what would run is not what was confirmed"),)
        return (*voided, _question(run, step, "type" if step.confirm == "type" else "confirm", plan, now))
    if step.by_hand:
        return (_question(run, step, step.kind, plan, now),)
    return ()


def _voided(step: Step, why: str) -> kinds.RunVoided:
    return kinds.RunVoided(step=step.id, why=why)


def _question(run: Run, step: Step, what: str, plan: ActPlan, now: datetime) -> kinds.RunAsked:
    expires = now + LASTS if what == "approval" else None
    return kinds.RunAsked(
        step=step.id,
        what=what,
        digest=plan.binding,
        act=plan.act[:_SHOWN],
        undo=plan.undo[:_SHOWN],
        expires=expires,
        requester=run.started_by if what == "approval" else "",
    )
