"""Calendar files as tests write them, and whom they mean."""

from __future__ import annotations

from datetime import UTC, datetime

from artisan_tui.domain.oncall.imported import KnownPerson, ReadCalendar
from artisan_tui.engine.oncall.importing import ImportPlan, plan_import
from artisan_tui.sources.oncall.calendar_file import read_calendar

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 18, tzinfo=UTC)
PEOPLE = (
    KnownPerson("alice", ("alice", "앨리스", "alice@example.com")),
    KnownPerson("bob", ("bob", "Bob Park", "b.park")),
    KnownPerson("carol", ("carol", "Carol")),
)


def event(*lines: str, uid: str = "1", summary: str = "bob") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT"))


def calendar(*events: str, more: str = "") -> bytes:
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{more}"
    return (head + "\r\n".join(events) + "\r\nEND:VCALENDAR\r\n").encode()


WEEK = ("DTSTART:20261120T080000Z", "DTEND:20261127T080000Z")
#: A zone with its definition, as Google writes it.
ZONE = """BEGIN:VTIMEZONE\r
TZID:America/New_York\r
BEGIN:DAYLIGHT\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0400\r
TZNAME:EDT\r
DTSTART:19700308T020000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
TZOFFSETFROM:-0400\r
TZOFFSETTO:-0500\r
TZNAME:EST\r
DTSTART:19701101T020000\r
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r
END:STANDARD\r
END:VTIMEZONE\r
"""


def read(data: bytes) -> ReadCalendar:
    return read_calendar(data, START, END)


def plan(data: bytes, **mapped: str) -> ImportPlan:
    return plan_import(read(data), "L1", PEOPLE, frozenset({"alice", "bob", "carol"}), mapped, (), NOW, END)
