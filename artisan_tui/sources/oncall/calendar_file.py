"""Reads a calendar file (RFC 5545) of PagerDuty, Grafana OnCall or Google: every occurrence in a span, in UTC.

What does not say exactly when it is, is refused: a time without a zone, an all-day entry, an UNTIL without a time. What
is understood by convention only is taken, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.oncall.imported import CalendarShift, ReadCalendar
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.oncall.calendar_duration import KEPT, CalendarDuration, keep_durations, read_duration

#: Bytes of a file, entries of it, and occurrences in a span: more are no schedule.
LARGEST, MOST_ENTRIES, MOST_SHIFTS = 5_000_000, 5_000, 5_000
_PRIORITY = re.compile(r"^\s*\[L(\d)\]\s*")
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
#: What tells a calendar from others of the same program, where it says so (RFC 7986, and what Google and others write).
_NAMES = ("UID", "X-WR-RELCALID", "NAME", "SOURCE")
#: The library ends a duration by the wall clock, so what it finds at the edges of a span may be off by a change of the clock.
_EDGE = timedelta(days=1)
#: The zone of this key is no IANA name.
_WINDOWS = re.compile(r"^[A-Z][A-Za-z. ]* (Standard|Daylight|Summer) Time$")


class CalendarUnreadable(ValueError):
    """The message is a sentence for a person."""


class ExtraMissing(CalendarUnreadable):
    """A library is not installed that only this needs."""


def read_calendar(data: bytes, start: datetime, end: datetime) -> ReadCalendar:
    """The shifts that touch ``[start, end)``. Raises CalendarUnreadable for what is no calendar."""
    if len(data) > LARGEST:
        raise CalendarUnreadable(f"the file has more than {LARGEST // 1_000_000} MB: it is no schedule")
    try:
        import icalendar
        import recurring_ical_events  # LGPL, and nothing else needs it: an extra
    except ImportError as missing:
        said = f"reading calendar files needs {missing.name}: install it with pip install 'artisan-tui[calendars]'"
        raise ExtraMissing(said) from None
    try:
        calendars = icalendar.Calendar.from_ical(keep_durations(data), multiple=True)
    except (ValueError, UnicodeDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CalendarUnreadable(f"this is no calendar file: {printable(str(error), 200)}") from None
    if not calendars or any(each.name != "VCALENDAR" for each in calendars):
        raise CalendarUnreadable("this is no calendar file: it does not begin with BEGIN:VCALENDAR")
    events = [event for each in calendars for event in each.walk("VEVENT")]
    if len(events) > MOST_ENTRIES:
        raise CalendarUnreadable(f"the file has more than {MOST_ENTRIES} entries")
    key = "\n\n".join(dict.fromkeys(map(_key, calendars)))
    notes = [note for each in calendars for note in _notes(each, list(each.walk("VEVENT")))]
    problems = list(dict.fromkeys(_problems(events)))
    if problems:
        return ReadCalendar(key, problems=tuple(problems), notes=tuple(dict.fromkeys(notes)))
    since, until = start.astimezone(UTC), end.astimezone(UTC)
    try:
        found = [
            event
            for each in calendars
            for event in recurring_ical_events.of(each).between(since - _EDGE, until + _EDGE)
        ]
    except Exception as error:  # noqa: BLE001  # whatever a library for foreign files raises, the person is told
        raise CalendarUnreadable(f"what repeats in it cannot be expanded: {printable(str(error), 200)}") from None
    touching = [(event, shift) for event in found if (shift := _shift(event)).start < until and since < shift.end]
    if len(touching) > MOST_SHIFTS:
        raise CalendarUnreadable(f"the file has more than {MOST_SHIFTS} shifts in that time")
    kept = [shift for event, shift in touching if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    shifts = sorted(kept, key=lambda each: (each.start, each.priority, each.uid))
    notes += _uneven(events, shifts)
    return ReadCalendar(key, tuple(shifts), (), tuple(dict.fromkeys(notes)), len(touching) - len(kept))


def _key(calendar: Any) -> str:
    given = (f"{name}:{calendar[name]}" for name in _NAMES if name in calendar)
    return "\n".join((str(calendar.get("PRODID", "")), str(calendar.get("X-WR-CALNAME", "")), *given))


def _problems(events: list[Any]) -> Iterator[str]:
    sequences = {str(each.get("UID")): _sequence(each) for each in events if "RECURRENCE-ID" not in each}
    for event in events:
        what, start = _named(event), event.get("DTSTART")
        if start is None or not hasattr(start, "dt"):
            yield f"{what}: it has no readable DTSTART"
            continue
        if not isinstance(start.dt, datetime):
            yield f"{what}: an all-day entry ({start.dt}) does not say at what time the shift begins"
            continue
        zone = str(start.params.get("TZID", ""))
        if start.dt.tzinfo is None and zone:
            yield f"{what}: the zone {printable(zone, 60)} is not known, and the file does not define it"
        elif start.dt.tzinfo is None:
            yield f"{what}: the time {start.dt:%Y-%m-%d %H:%M} has no zone, so it is another moment for everybody"
        yield from _end_problems(what, event, start.dt)
        yield from _rule_problems(what, event)
        before = sequences.get(str(event.get("UID")))
        if "RECURRENCE-ID" in event and before is not None and _sequence(event) < before:
            said = f"its SEQUENCE {_sequence(event)} is lower than {before} of the series, so it may be out of date"
            yield f"{what}: {said}: export the file again"


def _end_problems(what: str, event: Any, start: datetime) -> Iterator[str]:
    end, duration = event.get("DTEND"), _written_duration(event)
    if end is None and duration is None:
        yield f"{what}: it has no end"
    elif duration is not None:
        yield from _duration_problems(what, event, duration)
    elif end is not None and not isinstance(getattr(end, "dt", None), datetime):
        yield f"{what}: its end is no time"
    elif end is not None and end.dt.tzinfo is None and start.tzinfo is not None:
        yield f"{what}: its end has no zone"
    elif end is not None and start.tzinfo is not None and end.dt.astimezone(UTC) <= start.astimezone(UTC):
        yield f"{what}: it ends before it begins, or at once"


def _duration_problems(what: str, event: Any, duration: str) -> Iterator[str]:
    if "DTEND" in event:
        yield f"{what}: it has both an end and a duration, and programs differ in which counts"
    if any("PERIOD" in str(getattr(each, "params", {}).get("VALUE", "")) for each in _listed(event.get("RDATE"))):
        yield f"{what}: it has a duration, and an RDATE with another one"
    try:
        if not read_duration(duration):
            yield f"{what}: it ends before it begins, or at once"
    except ValueError:
        yield f"{what}: {printable(duration, 40)!r} is no duration: expected P7D or PT168H"


def _written_duration(event: Any) -> str | None:
    found = _listed(event.get(KEPT))
    return str(found[0]) if found else None


def _duration(event: Any) -> CalendarDuration | None:
    text = _written_duration(event)
    return None if text is None else read_duration(text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _rule_problems(what: str, event: Any) -> Iterator[str]:
    for rule in _listed(event.get("RRULE")):
        if any(not isinstance(each, datetime) for each in rule.get("UNTIL", ())):
            yield f"{what}: UNTIL is a date without a time, which programs read differently: whether the last shift counts is not known"
        if any(str(each).upper() in _TOO_OFTEN for each in rule.get("FREQ", ())):
            yield f"{what}: it repeats every second or minute, which no shift does"


def _notes(calendar: Any, events: list[Any]) -> Iterator[str]:
    zone = calendar.get("X-WR-TIMEZONE")
    if zone is not None:
        yield f"X-WR-TIMEZONE {printable(str(zone), 60)} says how to show the calendar and not when it is: it was ignored"
    for event in events:
        for name in ("DTSTART", "DTEND"):
            found = event.get(name)
            written = str(getattr(found, "params", {}).get("TZID", ""))
            read = getattr(getattr(found, "dt", None), "tzinfo", None)
            if _WINDOWS.match(written) and read is not None:
                yield f"the zone {printable(written, 60)} is a name of Windows: it was read as {read}"
            elif written and read is not None and getattr(read, "key", written) != written:
                yield f"the zone {printable(written, 60)} was read as {read}"


def _uneven(events: list[Any], shifts: list[CalendarShift]) -> Iterator[str]:
    """Repeated shifts over a change of the clock: programs differ in whether the duration or the wall time is kept."""
    repeated = {str(each.get("UID")) for each in events if "RRULE" in each and "DTEND" in each}
    lengths: dict[str, set[timedelta]] = {}
    for shift in shifts:
        if shift.uid in repeated:
            lengths.setdefault(shift.uid, set()).add(shift.end - shift.start)
    if any(len(each) > 1 for each in lengths.values()):
        yield "repeated shifts over a change of the clock end by the wall clock here: compare them with the other tool"


def _shift(event: Any) -> CalendarShift:
    summary = str(event.get("SUMMARY", ""))
    priority = _PRIORITY.match(summary)
    texts = []
    for each in _listed(event.get("ATTENDEE")):
        texts.append(re.sub(r"(?i)^mailto:", "", str(each)))
        texts.append(str(each.params.get("CN", "")))
    texts.append(_PRIORITY.sub("", summary))
    start, duration = event["DTSTART"].dt, _duration(event)
    return CalendarShift(
        printable(str(event.get("UID", "")), 300),
        start.astimezone(UTC),
        event["DTEND"].dt.astimezone(UTC) if duration is None else duration.end(start),
        tuple(printable(each, 200) for each in texts if each.strip()),
        int(priority[1]) if priority else 0,
    )


def _sequence(event: Any) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _named(event: Any) -> str:
    return printable(str(event.get("SUMMARY") or event.get("UID") or "an entry"), 80)
