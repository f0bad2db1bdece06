"""What runs write into the journal. The subject is the run's id, for `RunbookDefined` the digest of the definition, for
suggestions the runbook.

``part`` says which act of a step is meant: "pre", "do", "verify", "undo", "undo-verify" or "evidence"; ``number`` counts
the attempts of that part from 1. A resolved act is JSON text with secrets as references.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from artisan_tui.domain.journal_body import Body

_NONE: Mapping[str, str] = MappingProxyType({})


class RunbookDefined(Body):
    """The canonical text of a definition that a run was started with."""

    KIND = "run.defined"
    text: str


class RunStarted(Body):
    """``definition`` is the digest. ``params`` are JSON texts by name. ``mode`` is live, dry or drill.

    ``yes``: 1 when what only asks is agreed to. ``owner`` is the session that carries it out.
    """

    KIND = "run.started"
    runbook: str
    title: str
    definition: str
    target: str = ""
    environment: str = ""
    mode: str = "live"
    params: Mapping[str, str] = _NONE
    steps: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    owner: str = ""
    yes: int = 0
    incident: str = ""
    evidence: str = ""
    #: Why it was started although its preflight failed.
    despite: str | None = None
    #: The run that this one is a step of.
    parent: str | None = None
    #: The digest of every runbook that its steps run, at any depth, by id.
    children: Mapping[str, str] | None = None


class RunAsked(Body):
    """A person is waited for. ``what`` is confirm, type, approval, manual, choice, barrier or undo.

    ``digest`` is that of the resolved act that is agreed to, ``act`` and ``undo`` are what is shown.
    """

    KIND = "run.asked"
    step: str
    what: str
    digest: str = ""
    act: str = ""
    undo: str = ""
    expires: datetime | None = None
    requester: str = ""


class RunConfirmed(Body):
    """``what`` as in `RunAsked`."""

    KIND = "run.confirmed"
    step: str
    what: str
    digest: str = ""


class RunAnswered(Body):
    """A manual step or a choice was answered. ``outcome`` is done or failed; ``passed`` are the steps left out."""

    KIND = "run.answered"
    step: str
    what: str
    outcome: str = "done"
    after: str = "succeeded"
    choice: str = ""
    values: Mapping[str, str] = _NONE
    passed: tuple[str, ...] = ()
    mutated: int = 0
    reason: str = ""


class RunApproved(Body):
    """``binding`` is what exactly was approved; ``login`` is who the kernel says it is."""

    KIND = "run.approved"
    step: str
    binding: str
    login: str
    expires: datetime


class RunDenied(Body):
    KIND = "run.denied"
    step: str
    reason: str = ""


class RunVoided(Body):
    """What was agreed to is not what would run now, or the agreement expired."""

    KIND = "run.voided"
    step: str
    why: str = ""


class RunSkipped(Body):
    """``by`` is person, when, choice or dry; then ``reason`` has the act that was left out."""

    KIND = "run.skipped"
    step: str
    by: str = "person"
    reason: str = ""


class RunJumped(Body):
    """Goes on from an earlier step; ``again`` are the steps that run again."""

    KIND = "run.jumped"
    step: str
    again: tuple[str, ...] = ()
    reason: str = ""


class RunRetried(Body):
    KIND = "run.retried"
    step: str
    reason: str = ""


class RunIntended(Body):
    """Committed before anything is started. ``undo`` is "" where there is none, ``before`` what was there."""

    KIND = "run.intended"
    step: str
    part: str
    number: int
    act: str = ""
    undo: str = ""
    before: str = ""
    digest: str = ""
    mutates: int = 0


class RunEnded(Body):
    """How an attempt ended. ``outcome`` is ok, failed, timed_out or cancelled; ``after`` is the state that follows.

    ``captures`` are JSON texts by name, ``tail`` the last lines, masked; ``log`` the SHA-256 of all of them. ``lasted``
    are the seconds that its own record says, None where it has none: it may have been written down hours later.
    """

    KIND = "run.ended"
    step: str
    part: str
    number: int
    outcome: str
    after: str
    exit: int | None = None
    why: str = ""
    survivors: int = 0
    captures: Mapping[str, str] = _NONE
    tail: str = ""
    log: str = ""
    log_bytes: int = 0
    lasted: float | None = None


class RunLost(Body):
    """Nobody knows how an attempt ended."""

    KIND = "run.lost"
    step: str
    part: str
    number: int
    why: str = ""


class RunSettled(Body):
    """What was unknown is known: ``outcome`` is done, not_done or failed. ``by`` is evidence or person."""

    KIND = "run.settled"
    step: str
    part: str
    number: int
    outcome: str
    after: str
    by: str
    reason: str = ""


class RunStepFailed(Body):
    """A step failed before anything was started, such as for a template that cannot be rendered."""

    KIND = "run.step-failed"
    step: str
    part: str = "do"
    why: str = ""


class RunStepPassed(Body):
    """The run goes on although the step failed, as its definition says."""

    KIND = "run.step-passed"
    step: str


class RunAborting(Body):
    """``presses``: at the second the act is killed."""

    KIND = "run.aborting"
    presses: int
    reason: str = ""


class RunAdopted(Body):
    """``owner`` carries it out from here on; ``fence`` is its token, and every earlier one is void."""

    KIND = "run.adopted"
    owner: str
    fence: int
    before: str = ""
    reason: str = ""


class RunLinked(Body):
    """The incident that a run without one belongs to from here on: a step of it declared it."""

    KIND = "run.linked"
    incident: str


class RunFinished(Body):
    """``state`` is succeeded, failed or aborted."""

    KIND = "run.finished"
    state: str
    why: str = ""
    not_reached: tuple[str, ...] = ()


class RunRollbackOffered(Body):
    """``steps`` in the order in which they would be undone."""

    KIND = "run.rollback-offered"
    steps: tuple[str, ...] = ()


class RunRollbackDeclined(Body):
    KIND = "run.rollback-declined"
    reason: str = ""


class RunRollbackStarted(Body):
    """``steps`` in the order in which they are undone."""

    KIND = "run.rollback-started"
    steps: tuple[str, ...]
    automatic: int = 0


class RunUndoRetried(Body):
    KIND = "run.undo-retried"
    step: str


class RunUndoMarked(Body):
    """A person says how it is with an undo: ``how`` is manual (done by hand) or skipped."""

    KIND = "run.undo-marked"
    step: str
    how: str
    reason: str = ""


class RunRollbackFinished(Body):
    """``state`` is done, failed, manual_done or accepted."""

    KIND = "run.rollback-finished"
    state: str
    why: str = ""
    left: tuple[str, ...] = ()


class RunLockBroken(Body):
    KIND = "run.lock-broken"
    resource: str
    reason: str = ""


class RunbookSuggested(Body):
    """Something speaks for a runbook; nothing is started. ``cause`` as in ``suggest_on``. The subject is the runbook."""

    KIND = "runbook.suggested"
    cause: str
    evidence: str = ""


class RunbookSuggestionOver(Body):
    """What spoke for the runbook is over."""

    KIND = "runbook.unsuggested"
    cause: str


class RunbookVerified(Body):
    """It was found out by reads alone whether a runbook would work. The subject is the runbook.

    ``definition`` is the digest of what was looked at. ``outcome`` is ok, failed or unknown; ``by`` person, night or run.
    ``steps`` is how many steps were looked at, ``failed`` are the ids of those that could not be carried out.
    """

    KIND = "runbook.verified"
    definition: str
    outcome: str
    target: str = ""
    by: str = ""
    why: str = ""
    steps: int = 0
    failed: tuple[str, ...] = ()
