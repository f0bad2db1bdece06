"""Durations of calendar files over changes of the clock, and several calendars of one program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.engine.oncall.importing import ImportPlan, plan_import
from artisan_tui.sources.oncall.calendar_file import read_calendar
from support.calendar_texts import END, NOW, PEOPLE, WEEK, ZONE, calendar, event, plan, read


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("20270313T170000", "PT24H", "03-14T22:00"),  # exact hours over the change of the clock
        ("20270313T170000", "P1D", "03-14T21:00"),  # a day of the wall clock: 23 hours
        ("20270312T170000", "P1W", "03-19T21:00"),
        ("20270312T170000", "PT168H", "03-19T22:00"),
        ("20270312T170000", "p1dt24h", "03-14T22:00"),  # days first, then exact time
        ("20270313T023000", "P1D", "03-14T07:30"),  # the day's 02:30 does not exist: the offset before counts
        ("20261031T170000", "P1D", "11-01T22:00"),
        ("20261031T170000", "PT24H", "11-01T21:00"),
        ("20270313T170000", "PT2\r\n 4H", "03-14T22:00"),  # a folded line
    ],
)
def test_hours_of_a_duration_are_exact_and_days_are_those_of_the_wall_clock(
    start: str, duration: str, end: str
) -> None:
    (shift,) = read(calendar(event(f"DTSTART;TZID=America/New_York:{start}", f"DURATION:{duration}"), more=ZONE)).shifts
    assert f"{shift.end:%m-%dT%H:%M}" == end


def test_a_repeated_duration_keeps_its_kind_and_an_edited_instance_its_own_end() -> None:
    rule = ("DTSTART;TZID=America/New_York:20270306T170000", "DURATION:PT24H", "RRULE:FREQ=WEEKLY;COUNT=3")
    edited = event(
        "RECURRENCE-ID;TZID=America/New_York:20270320T170000",
        "DTSTART;TZID=America/New_York:20270320T170000",
        "DTEND;TZID=America/New_York:20270320T200000",
    )
    found = read(calendar(event(*rule), edited, more=ZONE))
    assert [f"{each.end:%m-%dT%H:%M}" for each in found.shifts] == ["03-07T22:00", "03-14T22:00", "03-21T00:00"]


def test_a_shift_that_touches_the_span_only_by_its_exact_hours_is_found() -> None:
    lines = ("DTSTART;TZID=America/New_York:20270313T170000", "DURATION:PT24H")
    found = read_calendar(calendar(event(*lines), more=ZONE), datetime(2027, 3, 14, 21, 30, tzinfo=UTC), END)
    assert [f"{each.end:%m-%dT%H:%M}" for each in found.shifts] == ["03-14T22:00"]


def test_a_duration_of_a_reminder_is_not_that_of_its_shift() -> None:
    alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", "REPEAT:2", "DURATION:PT1M", "END:VALARM")
    (shift,) = read(calendar(event(*WEEK, *alarm))).shifts
    assert shift.end - shift.start == timedelta(days=7)


def test_several_calendars_in_one_file_are_all_read() -> None:
    other = calendar(event("DTSTART:20261127T080000Z", "DTEND:20261204T080000Z", uid="2", summary="carol"))
    found = read(calendar(event(*WEEK)) + other)
    assert [each.texts[-1] for each in found.shifts] == ["bob", "carol"]


def test_another_calendar_of_the_same_program_does_not_end_the_shifts_of_the_first() -> None:
    everybody = frozenset({"alice", "bob", "carol"})
    one, two = calendar(event(*WEEK)), calendar(event(*WEEK, uid="other", summary="carol"))
    first = plan(one).put

    def again(data: bytes, name: str = "", *, same: bool = False) -> ImportPlan:
        return plan_import(read(data).named(name), "L1", PEOPLE, everybody, {}, first, NOW, END, same=same)

    refused = again(two)
    assert "none of the 1 shifts that were imported" in refused.problems[0]
    assert "--calendar" in refused.problems[0]
    named = again(two, "second")
    assert (named.problems, named.gone, len(named.put)) == ((), (), 1)
    assert again(two, same=True).gone == first
    assert again(one).kept == first


def test_what_a_calendar_says_of_itself_tells_it_from_others_of_the_same_program() -> None:
    keys = {
        read(calendar(event(*WEEK), more=f"{line}\r\n")).key for line in ("UID:a", "UID:b", "NAME:a", "X-WR-RELCALID:a")
    }
    assert len(keys) == 4
