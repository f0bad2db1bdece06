"""How entries about hand-overs are said."""

from __future__ import annotations

from artisan_tui.domain.event import Event
from artisan_tui.domain.oncall.events import (
    HandoffAccepted,
    HandoffNoted,
    HandoffReminded,
    HandoffSigned,
    NextStepSaid,
    PageClassed,
)
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.oncall.handoff_words import class_word, lack_word
from artisan_tui.reports.wording import EventWords, Tone, reason_given, until_text


def add_handoffs(words: EventWords) -> None:
    """Add the words of hand-overs to those of on-call."""
    words.says(HandoffSigned, lambda body: Tone.WARN if body.lacks else Tone.GOOD)(_signed)
    words.says(HandoffAccepted, lambda body: Tone.GOOD)(_accepted)
    words.says(HandoffReminded, lambda body: Tone.WARN)(_reminded)
    words.says(PageClassed)(_classed)
    words.says(NextStepSaid)(_next_step)
    words.says(HandoffNoted)(_noted)


def _signed(event: Event, body: HandoffSigned) -> str:
    said = _("signed the hand-over of {moment}").format(moment=until_text(body.moment))
    if not body.lacks:
        return said
    lacks = printable("; ".join(map(lack_word, body.lacks)), 300)
    return f"{said}, " + _("although it lacks {what}: {why}").format(what=lacks, why=reason_given(body.despite))


def _accepted(event: Event, body: HandoffAccepted) -> str:
    return _("accepted the hand-over of {moment}").format(moment=until_text(body.moment))


def _reminded(event: Event, body: HandoffReminded) -> str:
    who = printable(", ".join(body.persons), 200) or _("nobody")
    said = _("nobody accepted the hand-over of {moment} in time: {who} told")
    return said.format(moment=until_text(body.moment), who=who)


def _classed(event: Event, body: PageClassed) -> str:
    said = _("page classed: {what}").format(what=class_word(body.as_what))
    return f"{said}: {printable(body.note, 300)}" if body.note else said


def _next_step(event: Event, body: NextStepSaid) -> str:
    return _("next step: {text}").format(text=printable(body.text, 500))


def _noted(event: Event, body: HandoffNoted) -> str:
    return _("for the next shift: {text}").format(text=printable(body.text, 500))
