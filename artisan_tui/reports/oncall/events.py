"""How entries about being on call are said."""

from __future__ import annotations

from artisan_tui.domain.event import Event
from artisan_tui.domain.oncall.events import (
    ChecklistDropped,
    ChecklistOpened,
    ChecklistTicked,
    ChecklistUnticked,
    ChecklistVerified,
    OnCallOverridden,
    OnCallOverrideEnded,
    OnCallTaken,
    RotationsSeen,
    SwapAccepted,
    SwapAsked,
    SwapBody,
    SwapDeclined,
    SwapUndone,
)
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.oncall.handoff_said import add_handoffs
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.wording import EventWords, Tone, reason_given, subject, until_text

WORDS = EventWords()


def _name(person: str) -> str:
    return printable(person, 60)


@WORDS.says(OnCallOverridden)
def _overridden(event: Event, body: OnCallOverridden) -> str:
    said = _("put {person} on call for {level} from {start} until {end}")
    return _because(
        said.format(
            person=_name(body.person), level=_name(body.level), start=until_text(body.start), end=until_text(body.end)
        ),
        body.reason,
    )


@WORDS.says(OnCallTaken, lambda body: Tone.WARN)
def _taken(event: Event, body: OnCallTaken) -> str:
    people = ", ".join(_name(each) for each in body.people) or _("nobody")
    said = _("{person} took over {level} from {people} until {end}")
    return _because(
        said.format(person=_name(body.person), level=_name(body.level), people=people, end=until_text(body.end)),
        body.reason,
    )


@WORDS.says(OnCallOverrideEnded)
def _ended(event: Event, body: OnCallOverrideEnded) -> str:
    said = _("ended the override {id}: {person} is not on call for {level} by it any more")
    return _because(
        said.format(id=_name(event.subject), person=_name(body.person), level=_name(body.level)), body.reason
    )


@WORDS.says(SwapAsked)
def _asked(event: Event, body: SwapAsked) -> str:
    return _because(_swap(_("{giver} asks {taker} to take {rotation} from {start}"), body), body.reason)


@WORDS.says(SwapAccepted, lambda body: Tone.GOOD)
def _accepted(event: Event, body: SwapAccepted) -> str:
    return _swap(_("swap accepted: {taker} takes {rotation} of {giver} from {start}"), body)


@WORDS.says(SwapDeclined)
def _declined(event: Event, body: SwapDeclined) -> str:
    return _swap(_("swap declined: {giver} keeps {rotation} from {start}"), body)


@WORDS.says(SwapUndone)
def _undone(event: Event, body: SwapUndone) -> str:
    return _because(_swap(_("swap undone: {giver} has {rotation} from {start} again"), body), body.reason)


@WORDS.says(RotationsSeen)
def _rotations(event: Event, body: RotationsSeen) -> str:
    return _("the rotations of the configuration changed")


def _swap(said: str, body: SwapBody) -> str:
    found = said.format(
        giver=_name(body.giver), taker=_name(body.taker), rotation=_name(body.rotation), start=until_text(body.start)
    )
    if body.back_start is None:
        return found
    return f"{found}, " + _("for the shift from {start}").format(start=until_text(body.back_start))


def _because(said: str, reason: str) -> str:
    return f"{said}: {printable(reason, 300)}" if reason else said


@WORDS.says(ChecklistTicked, lambda body: Tone.BAD if body.state == "failed" else Tone.PLAIN)
def _ticked(event: Event, body: ChecklistTicked) -> str:
    said = {
        "failed": _("checklist {checklist}: {item} is not so: {why}"),
        "skipped": _("checklist {checklist}: {item} left out: {why}"),
    }.get(body.state, _("checklist {checklist}: {item} is done: {why}") if body.evidence else "")
    if not said:
        said = _("checklist {checklist}: {item} is done")
    return said.format(checklist=subject(event), item=_item(body), why=reason_given(body.evidence))


@WORDS.says(ChecklistUnticked)
def _unticked(event: Event, body: ChecklistUnticked) -> str:
    return _("checklist {checklist}: {item} is open again").format(checklist=subject(event), item=_item(body))


@WORDS.says(
    ChecklistVerified,
    lambda body: {"ok": Tone.GOOD, "failed": Tone.BAD}.get(body.outcome, Tone.UNKNOWN),
)
def _verified(event: Event, body: ChecklistVerified) -> str:
    said = {
        "ok": _("checklist {checklist}: {item} verified: {seen}"),
        "failed": _("checklist {checklist}: {item} is not so: {seen}"),
    }.get(body.outcome, _("checklist {checklist}: {item} cannot be told: {seen}"))
    seen = read_back(printable(body.seen, 300))
    return said.format(checklist=subject(event), item=_item(body), seen=seen)


@WORDS.says(ChecklistOpened)
def _opened(event: Event, body: ChecklistOpened) -> str:
    if body.about:
        said = _("opened the checklist {checklist}: {why}")
        return said.format(checklist=subject(event), why=printable(body.about, 200))
    return _("opened the checklist {checklist}").format(checklist=subject(event))


@WORDS.says(ChecklistDropped)
def _dropped(event: Event, body: ChecklistDropped) -> str:
    said = _("checklist {checklist} is not needed: {why}")
    return said.format(checklist=subject(event), why=reason_given(body.reason))


def _item(body: ChecklistTicked | ChecklistUnticked | ChecklistVerified) -> str:
    return printable(body.title or body.item, 120)


add_handoffs(WORDS)
