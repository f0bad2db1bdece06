"""The schedule as a calendar file (RFC 5545): every shift expanded, in UTC, without a rule and without a time zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from artisan_tui.domain.oncall.calendar_slots import CalendarSlot
from artisan_tui.domain.oncall.shift import Why
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _


def calendar_text(
    slots: Sequence[tuple[str, CalendarSlot]],
    schedule: str,
    name_of: Callable[[str], str],
    *,
    person: str = "",
) -> bytes:
    """``slots`` by their level. ``schedule`` is the name that every entry has.

    With ``person``, only what this person has; what they had and others have now is cancelled for them. The same slots
    give the same bytes.
    """
    import icalendar  # 77 ms, and nothing else needs it

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//artisan-tui//on call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("{schedule} on call").format(schedule=schedule))
    calendar.add("x-published-ttl", "PT1H")
    for level, slot in slots:
        if person and person not in slot.held:
            continue
        shift, lost = slot.shift, bool(person) and slot.shift.person != person
        event = icalendar.Event()
        event.add("uid", f"{slot.name}@{_host(schedule)}")
        who = person if lost else shift.person
        event.add("summary", f"{schedule} {level}: {printable(name_of(who), 80)}")
        event.add("dtstart", _utc(shift.start))
        event.add("dtend", _utc(shift.end))
        event.add("dtstamp", _utc(slot.changed_at))
        event.add("last-modified", _utc(slot.changed_at))
        event.add("sequence", slot.sequence)
        event.add("status", "CANCELLED" if slot.cancelled or lost else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        if shift.why in (Why.SWAP, Why.OVERRIDE) and not lost:
            instead = printable(name_of(shift.instead_of), 80) if shift.instead_of else _("nobody")
            event.add("description", _("{kind} {id}, instead of {person}").format(
                kind=shift.why.value, id=shift.source, person=instead
            ))  # fmt: skip
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _host(schedule: str) -> str:
    """The right side of a UID: letters, digits and dashes; what is written otherwise is spelled out, so that no two are one."""
    spelled = (each if re.fullmatch(r"[a-z0-9-]", each) else f"x{ord(each):x}" for each in schedule.casefold())
    return f"{''.join(spelled)[:80] or 'schedule'}.artisan-tui"
