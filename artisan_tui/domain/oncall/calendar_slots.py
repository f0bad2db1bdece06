"""The schedule as entries of a calendar file that is read again and again: what changed keeps its name and counts up.

A slot is a shift of a level, named by the rotation and by when it begins, never by the person. Its ``sequence`` counts
how often it changed, over all versions of the schedule that there were. One that vanished stays, cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Shift, Why


@dataclass(frozen=True, slots=True)
class CalendarSlot:
    """``changed_at`` is when it came to be what it is. ``held`` are all who ever had it."""

    name: str
    shift: Shift
    changed_at: datetime
    sequence: int = 0
    cancelled: bool = False
    held: frozenset[str] = field(default_factory=frozenset)


#: A version of the schedule, and when it began to hold.
Version = tuple[datetime, Schedule]


def calendar_slots(versions: Sequence[Version], level: str, start: datetime, end: datetime) -> tuple[CalendarSlot, ...]:
    """The slots of ``level`` that touch ``[start, end)``, oldest first. ``versions`` are oldest first.

    What was over when the schedule changed stays as it was. People whom a level names for all time have no shifts, and no slots.
    """
    first, last = _around(versions, start, end)
    slots: dict[str, CalendarSlot] = {}
    for number, (at, schedule) in enumerate(versions):
        shifts = {slot_name(level, each): each for each in schedule.shifts(level, first, last) if _counts(each)}
        for name, shift in shifts.items():
            known = slots.get(name)
            if number == 0 or not _over(known.shift if known is not None else shift, at):
                slots[name] = _seen(known, name, shift, at)
        for name, slot in slots.items():
            if name not in shifts and not slot.cancelled and not _over(slot.shift, at):
                slots[name] = replace(slot, cancelled=True, sequence=slot.sequence + 1, changed_at=at)
    found = [each for each in slots.values() if each.shift.start < end and start < each.shift.end]
    return tuple(sorted(found, key=lambda each: (each.shift.start, each.name)))


def slot_name(level: str, shift: Shift) -> str:
    """Level, rotation and begin in UTC. The person is not in it."""
    return f"{level}-{shift.layer or 'override'}-{shift.start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _seen(slot: CalendarSlot | None, name: str, shift: Shift, at: datetime) -> CalendarSlot:
    if slot is None:
        return CalendarSlot(name, shift, at, held=frozenset((shift.person,)))
    if not slot.cancelled and _same(slot.shift, shift):
        return slot
    held = slot.held | {shift.person}
    return CalendarSlot(name, shift, at, slot.sequence + 1, held=held)


def _same(one: Shift, other: Shift) -> bool:
    return (one.person, one.end, one.why, one.source) == (other.person, other.end, other.why, other.source)


def _over(shift: Shift, at: datetime) -> bool:
    return shift.end <= at


def _counts(shift: Shift) -> bool:
    return shift.why is not Why.STANDING


def _around(versions: Sequence[Version], start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """A span in which every shift that touches ``[start, end)`` in any version is whole."""
    first, last, longest = start, end, 1
    for _at, schedule in versions:
        longest = max((longest, *(each.days for each in schedule.rotations)))
        for override in schedule.overrides:
            if override.start < end and start < override.end:
                first, last = min(first, override.start), max(last, override.end)
    spare = timedelta(days=longest + 2)
    return first - spare, last + spare
