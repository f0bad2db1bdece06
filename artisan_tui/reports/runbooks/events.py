"""How entries about runs are said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.words import evidence_text
from artisan_tui.reports.wording import EventWords, Tone, reason_given

WORDS = EventWords()
_LONGEST = 300

_PARTS: Mapping[str, str] = {
    "pre": N_("precondition of {step}"),
    "do": N_("step {step}"),
    "verify": N_("verify of {step}"),
    "undo": N_("undo of {step}"),
    "undo-verify": N_("verify of the undo of {step}"),
    "evidence": N_("evidence for {step}"),
}
_OUTCOMES: Mapping[str, str] = {
    "ok": N_("succeeded"),
    "failed": N_("failed"),
    "timed_out": N_("timed out"),
    "cancelled": N_("cancelled"),
    "done": N_("done"),
    "not_done": N_("not done"),
}
_ENDS: Mapping[str, str] = {
    "succeeded": N_("run succeeded"),
    "failed": N_("run failed"),
    "aborted": N_("run aborted"),
}
_ROLLED: Mapping[str, str] = {
    "done": N_("rolled back: every undo was done"),
    "failed": N_("rollback incomplete: an undo failed"),
    "manual_done": N_("rolled back, partly by hand"),
    "accepted": N_("rollback left incomplete"),
}
_QUESTIONS: Mapping[str, str] = {
    "confirm": N_("{step} waits for a yes"),
    "type": N_("{step} waits for the typed target"),
    "approval": N_("{step} waits for the approval of somebody else"),
    "manual": N_("{step} waits for a person who does it"),
    "choice": N_("{step} waits for a choice"),
    "barrier": N_("{step} cannot be undone: somebody has to accept that"),
    "undo": N_("the undo of {step} waits for a person who does it"),
}


def question_text(step: str, what: str) -> str:
    """What a run waits for. ``what`` as in `RunAsked`."""
    named = _QUESTIONS.get(what)
    step = printable(step, 60)
    return _(named).format(step=step) if named else _("{step} waits for a person").format(step=step)


def _bad(body: object) -> Tone:
    return Tone.BAD


def _warn(body: object) -> Tone:
    return Tone.WARN


def _good(body: object) -> Tone:
    return Tone.GOOD


def _unknown(body: object) -> Tone:
    return Tone.UNKNOWN


def _text(text: str) -> str:
    return printable(" ".join(text.split()), _LONGEST)


def _because(said: str, why: str) -> str:
    return f"{said}: {_text(why)}" if why.strip() else said


def _part(body: Any) -> str:
    said = _(_PARTS[body.part]) if body.part in _PARTS else "{step}"
    text = said.format(step=_text(body.step))
    return text if body.number < 2 else f"{text} ({body.number})"


def _word(table: Mapping[str, str], key: str) -> str:
    return _(table[key]) if key in table else _text(key)


@WORDS.says(kinds.RunbookDefined)
def _defined(event: Event, body: kinds.RunbookDefined) -> str:
    return _("definition {digest} recorded").format(digest=printable(event.subject, 12))


@WORDS.says(kinds.RunStarted, _warn)
def _started(event: Event, body: kinds.RunStarted) -> str:
    said = {
        "dry": _("dry run of {runbook}"),
        "drill": _("drill of {runbook}"),
    }.get(body.mode, _("run of {runbook} started"))
    text = said.format(runbook=_text(body.runbook))
    if body.target:
        text += " " + _("at {target}").format(target=_text(body.target))
    return _because(text, body.evidence)


@WORDS.says(kinds.RunAsked, _warn)
def _asked(event: Event, body: kinds.RunAsked) -> str:
    return _word(_QUESTIONS, body.what).format(step=_text(body.step))


@WORDS.says(kinds.RunConfirmed)
def _confirmed(event: Event, body: kinds.RunConfirmed) -> str:
    return _("{step} confirmed").format(step=_text(body.step))


@WORDS.says(kinds.RunAnswered, lambda body: Tone.BAD if body.outcome == "failed" else Tone.PLAIN)
def _answered(event: Event, body: kinds.RunAnswered) -> str:
    if body.choice:
        return _("{step}: {choice} was chosen").format(step=_text(body.step), choice=_text(body.choice))
    failed = body.outcome == "failed"
    if body.what == "undo":
        said = _("undo of {step} failed") if failed else _("undo of {step} done by hand")
    else:
        said = _("{step} failed") if failed else _("{step} done by hand")
    return _because(said.format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunApproved, _good)
def _approved(event: Event, body: kinds.RunApproved) -> str:
    return _("{step} approved by {login}").format(step=_text(body.step), login=_text(body.login))


@WORDS.says(kinds.RunDenied, _bad)
def _denied(event: Event, body: kinds.RunDenied) -> str:
    return _because(_("{step} denied").format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunVoided, _warn)
def _voided(event: Event, body: kinds.RunVoided) -> str:
    return _because(_("{step} has to be agreed to again").format(step=_text(body.step)), body.why)


@WORDS.says(kinds.RunSkipped)
def _skipped(event: Event, body: kinds.RunSkipped) -> str:
    said = {
        "dry": _("{step} left out in the dry run"),
        "when": _("{step} skipped: its condition is not met"),
    }.get(body.by, _("{step} skipped"))
    return _because(said.format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunJumped, _warn)
def _jumped(event: Event, body: kinds.RunJumped) -> str:
    return _because(_("back to {step}").format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunRetried)
def _retried(event: Event, body: kinds.RunRetried) -> str:
    return _because(_("{step} is tried again").format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunIntended)
def _intended(event: Event, body: kinds.RunIntended) -> str:
    return _("{part} begins").format(part=_part(body))


@WORDS.says(kinds.RunEnded, lambda body: Tone.GOOD if body.outcome == "ok" else Tone.BAD)
def _ended(event: Event, body: kinds.RunEnded) -> str:
    said = f"{_part(body)} {_word(_OUTCOMES, body.outcome)}"
    if body.exit not in (None, 0):
        said += " " + _("with exit code {code}").format(code=body.exit)
    if body.survivors:
        said += ", " + ngettext("{n} process survived", "{n} processes survived", body.survivors).format(
            n=body.survivors
        )
    return _because(said, body.why)


@WORDS.says(kinds.RunLost, _unknown)
def _lost(event: Event, body: kinds.RunLost) -> str:
    return _because(_("nobody knows how it ended: {part}").format(part=_part(body)), body.why)


@WORDS.says(kinds.RunSettled)
def _settled(event: Event, body: kinds.RunSettled) -> str:
    said = _("evidence: {part} {outcome}") if body.by == "evidence" else _("decided: {part} {outcome}")
    return _because(said.format(part=_part(body), outcome=_word(_OUTCOMES, body.outcome)), body.reason)


@WORDS.says(kinds.RunStepFailed, _bad)
def _step_failed(event: Event, body: kinds.RunStepFailed) -> str:
    return _because(_("{step} failed before it began").format(step=_text(body.step)), body.why)


@WORDS.says(kinds.RunStepPassed, _warn)
def _step_passed(event: Event, body: kinds.RunStepPassed) -> str:
    return _("goes on although {step} failed").format(step=_text(body.step))


@WORDS.says(kinds.RunAborting, _bad)
def _aborting(event: Event, body: kinds.RunAborting) -> str:
    said = _("abort: the step is killed") if body.presses > 1 else _("abort: the step is ended")
    return _because(said, body.reason)


@WORDS.says(kinds.RunAdopted, _warn)
def _adopted(event: Event, body: kinds.RunAdopted) -> str:
    return _("adopted: {why}").format(why=reason_given(body.reason))


@WORDS.says(kinds.RunLinked)
def _linked(event: Event, body: kinds.RunLinked) -> str:
    return _("belongs to {incident}").format(incident=body.incident)


@WORDS.says(kinds.RunFinished, lambda body: Tone.GOOD if body.state == "succeeded" else Tone.BAD)
def _finished(event: Event, body: kinds.RunFinished) -> str:
    return _because(_word(_ENDS, body.state), body.why)


@WORDS.says(kinds.RunRollbackOffered, _warn)
def _offered(event: Event, body: kinds.RunRollbackOffered) -> str:
    return _("rollback offered: {steps}").format(steps=_text(", ".join(body.steps)))


@WORDS.says(kinds.RunRollbackDeclined)
def _declined(event: Event, body: kinds.RunRollbackDeclined) -> str:
    return _("no rollback: {why}").format(why=reason_given(body.reason))


@WORDS.says(kinds.RunRollbackStarted, _warn)
def _rollback_started(event: Event, body: kinds.RunRollbackStarted) -> str:
    return _("rollback started: {steps}").format(steps=_text(", ".join(body.steps)))


@WORDS.says(kinds.RunUndoRetried)
def _undo_retried(event: Event, body: kinds.RunUndoRetried) -> str:
    return _("undo of {step} is tried again").format(step=_text(body.step))


@WORDS.says(kinds.RunUndoMarked, _warn)
def _undo_marked(event: Event, body: kinds.RunUndoMarked) -> str:
    said = _("undo of {step} done by hand") if body.how == "manual" else _("undo of {step} left out")
    return _because(said.format(step=_text(body.step)), body.reason)


@WORDS.says(kinds.RunRollbackFinished, lambda body: Tone.GOOD if body.state in ("done", "manual_done") else Tone.BAD)
def _rollback_finished(event: Event, body: kinds.RunRollbackFinished) -> str:
    said = _because(_word(_ROLLED, body.state), body.why)
    if body.left:
        said += "; " + _("not undone: {steps}").format(steps=_text(", ".join(body.left)))
    return said


@WORDS.says(kinds.RunLockBroken, _bad)
def _lock_broken(event: Event, body: kinds.RunLockBroken) -> str:
    said = _("lock {resource} broken").format(resource=_text(body.resource))
    return _because(said, body.reason)


@WORDS.says(kinds.RunbookSuggested, _warn)
def _suggested(event: Event, body: kinds.RunbookSuggested) -> str:
    return _because(_("runbook suggested"), evidence_text(body.evidence) or body.cause)


@WORDS.says(kinds.RunbookSuggestionOver, _good)
def _suggestion_over(event: Event, body: kinds.RunbookSuggestionOver) -> str:
    return _("no longer suggested: {cause} is over").format(cause=_text(body.cause))


_VERIFIED: Mapping[str, str] = {
    "ok": N_("verified: every step could be carried out"),
    "failed": N_("verified: it would not work"),
    "unknown": N_("verified: not everything can be told before a run"),
}
_TONES = {"ok": Tone.GOOD, "failed": Tone.BAD}


@WORDS.says(kinds.RunbookVerified, lambda body: _TONES.get(getattr(body, "outcome", ""), Tone.UNKNOWN))
def _verified(event: Event, body: kinds.RunbookVerified) -> str:
    said = _(_VERIFIED.get(body.outcome, _VERIFIED["unknown"]))
    where = f" @ {_text(body.target)}" if body.target else ""
    return _because(said + where, read_back(body.why))
