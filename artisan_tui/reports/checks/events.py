"""How entries about checks are said."""

from __future__ import annotations

from artisan_tui.domain.checks.events import (
    CheckCauseCorrected,
    CheckFlapping,
    CheckMuted,
    CheckStateChanged,
    CheckSteady,
    CheckUnmuted,
    ObserverCleared,
    ObserverSuspected,
)
from artisan_tui.domain.event import Event
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word, why
from artisan_tui.reports.wording import EventWords, Tone, reason_given, subject, until_text

WORDS = EventWords()

_TONES: dict[str, Tone] = {
    State.DOWN: Tone.BAD,
    State.UNKNOWN: Tone.UNKNOWN,
    State.DEGRADED: Tone.WARN,
    State.UP: Tone.GOOD,
}


@WORDS.says(CheckStateChanged, tone=lambda body: _TONES.get(body.to, Tone.PLAIN))
def _state_changed(event: Event, body: CheckStateChanged) -> str:
    to = _state(body.to)
    if body.to == State.UP:
        return _("{check} {to} again, was {before}").format(check=subject(event), to=to, before=_state(body.before))
    said = reason_given(_why(body.reason, body.detail))
    if body.root_cause:
        said = f"{_('caused by {cause}').format(cause=_check(body.root_cause))}  {said}"
    elif body.past_cause:
        said = f"{_('was caused by {cause}').format(cause=_check(body.past_cause))}  {said}"
    if body.held:
        said = f"{_('page held: flapping')}  {said}"
    return _("{check} {to}: {why}").format(check=subject(event), to=to.upper(), why=said)


@WORDS.says(CheckCauseCorrected, tone=lambda body: Tone.PLAIN if body.to else Tone.BAD)
def _cause_corrected(event: Event, body: CheckCauseCorrected) -> str:
    names = {"check": subject(event), "why": _why(body.reason, body.detail)}
    names |= {"cause": _check(body.to or ""), "before": _check(body.before or "")}
    if not body.to:
        return _("correction: {check} is down by itself, no longer because of {before}: {why}").format(**names)
    if not body.before:
        return _("correction: {check} is down because of {cause}").format(**names)
    return _("correction: {check} is down because of {cause}, not of {before}").format(**names)


def _check(check_id: str) -> str:
    return printable(check_id, 80)


def _why(reason: str, detail: str) -> str:
    said = printable(detail, 300)
    try:
        return why(Reason(reason), said) if reason else said
    except ValueError:  # a reason of a newer version
        return ": ".join(text for text in (printable(reason, 40), said) if text)


def _state(value: str) -> str:
    try:
        return state_word(State(value))
    except ValueError:  # a state of a newer version
        return printable(value, 20)


@WORDS.says(CheckFlapping)
def _flapping(event: Event, body: CheckFlapping) -> str:
    said = _("{check} is flapping: {n} state changes, paging suspended")
    return said.format(check=subject(event), n=body.changes)


@WORDS.says(CheckSteady)
def _steady(event: Event, body: CheckSteady) -> str:
    return _("{check} stopped flapping").format(check=subject(event))


@WORDS.says(CheckMuted)
def _muted(event: Event, body: CheckMuted) -> str:
    said = _("{check} muted until {until}: {why}")
    return said.format(check=subject(event), until=until_text(body.until), why=reason_given(body.reason))


@WORDS.says(CheckUnmuted)
def _unmuted(event: Event, body: CheckUnmuted) -> str:
    return _("paging resumed for {check}").format(check=subject(event))


@WORDS.says(ObserverSuspected)
def _suspected(event: Event, body: ObserverSuspected) -> str:
    said = _("{n} of {of} targets became unreachable at the same time: check this machine's network first")
    return said.format(n=body.unreached, of=body.targets)


@WORDS.says(ObserverCleared)
def _cleared(event: Event, body: ObserverCleared) -> str:
    return _("targets are reachable again")
