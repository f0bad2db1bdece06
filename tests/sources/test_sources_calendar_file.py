"""Calendar files of other tools: taken with what they mean, or refused with why."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import OnCallOverridden, OnCallOverrideEnded
from artisan_tui.domain.oncall.imported import people_meant
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.engine.oncall.importing import ImportPlan, plan_import
from artisan_tui.sources.oncall.calendar_file import CalendarUnreadable, ExtraMissing
from support.calendar_texts import END, NOW, PEOPLE, WEEK, ZONE, calendar, event, plan, read

#: The shape of PagerDuty's web calendar.
PAGERDUTY = calendar(
    event(
        *WEEK,
        'ATTENDEE;CN="Alice";ROLE=REQ-PARTICIPANT:mailto:alice@example.com',
        summary="On Call - Primary - Shop",
    ),
    more="METHOD:PUBLISH\r\nX-WR-CALNAME:On Call Schedule for Shop\r\nX-WR-TIMEZONE:Asia/Seoul\r\n",
)
#: The shape of Grafana OnCall's export: priorities, several layers.
GRAFANA = calendar(
    event("DTSTART:20261120T080000Z", "DTEND:20261127T080000Z", uid="low", summary="[L0] carol"),
    event("DTSTART:20261121T130000Z", "DTEND:20261121T210000Z", uid="high", summary="[L1] b.park"),
)
WEEKLY = (
    "DTSTART;TZID=America/New_York:20270305T170000",
    "DTEND;TZID=America/New_York:20270312T170000",
    "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3",
)


def test_pagerduty_names_people_by_their_address() -> None:
    found = plan(PAGERDUTY)
    assert [(each.person, each.end - each.start) for each in found.put] == [("alice", timedelta(days=7))]
    assert any("X-WR-TIMEZONE Asia/Seoul" in note for note in found.notes)


def test_a_higher_priority_of_grafana_is_written_later_and_so_lies_over_the_others() -> None:
    found = plan(GRAFANA)
    assert [each.person for each in found.put] == ["carol", "bob"]
    assert not found.problems


def test_what_repeats_keeps_the_wall_clock_over_a_change_of_the_clocks_and_says_so() -> None:
    found = read(calendar(event(*WEEKLY), more=ZONE))
    assert [f"{each.start:%m-%dT%H:%M}-{each.end:%m-%dT%H:%M}" for each in found.shifts] == [
        "03-05T22:00-03-12T22:00",
        "03-19T21:00-03-26T21:00",
        "04-02T21:00-04-09T21:00",
    ]


def test_an_edited_instance_and_a_cancelled_one_are_taken() -> None:
    edited = event(
        "RECURRENCE-ID;TZID=America/New_York:20270319T170000",
        "DTSTART;TZID=America/New_York:20270319T180000",
        "DTEND;TZID=America/New_York:20270326T170000",
        "SEQUENCE:1",
        summary="carol",
    )
    gone = event(
        "RECURRENCE-ID;TZID=America/New_York:20270402T170000",
        "DTSTART;TZID=America/New_York:20270402T170000",
        "DTEND;TZID=America/New_York:20270409T170000",
        "SEQUENCE:1",
        "STATUS:CANCELLED",
    )
    found = read(calendar(event(*WEEKLY), edited, gone, more=ZONE))
    assert [(each.texts[-1], f"{each.start:%m-%dT%H:%M}") for each in found.shifts] == [
        ("bob", "03-05T22:00"),
        ("carol", "03-19T22:00"),
    ]
    assert found.cancelled == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTSTART:20261120T170000", "DTEND:20261127T170000"), "has no zone"),
        (("DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261127"), "all-day"),
        (
            ("DTSTART;TZID=Nowhere/Town:20261120T170000", "DTEND;TZID=Nowhere/Town:20261127T170000"),
            "Nowhere/Town is not known",
        ),
        ((*WEEK, "RRULE:FREQ=WEEKLY;UNTIL=20270101"), "UNTIL is a date without a time"),
        ((*WEEK, "RRULE:FREQ=SECONDLY"), "every second"),
        (("DTSTART:20261120T080000Z",), "no end"),
        (("DTSTART:20261120T080000Z", "DTEND:20261120T080000Z"), "ends before it begins"),
        (("DTEND:20261120T080000Z",), "no readable DTSTART"),
        (("DTSTART:20261120T080000Z", "DURATION:24 hours"), "'24 hours' is no duration: expected P7D or PT168H"),
        (("DTSTART:20261120T080000Z", "DURATION:-PT1H"), "'-PT1H' is no duration"),
        (("DTSTART:20261120T080000Z", "DURATION:PT0S"), "ends before it begins, or at once"),
        ((*WEEK, "DURATION:P7D"), "both an end and a duration"),
    ],
)
def test_what_is_not_exactly_one_time_is_refused(lines: tuple[str, ...], said: str) -> None:
    found = read(calendar(event(*lines)))
    assert found.shifts == ()
    assert any(said in problem for problem in found.problems), found.problems


def test_an_edited_instance_of_a_lower_sequence_is_refused() -> None:
    edited = event(
        "RECURRENCE-ID;TZID=America/New_York:20270319T170000",
        "DTSTART;TZID=America/New_York:20270319T180000",
        "DTEND;TZID=America/New_York:20270326T170000",
        "SEQUENCE:1",
    )
    (problem,) = read(calendar(event(*WEEKLY, "SEQUENCE:4"), edited, more=ZONE)).problems
    assert "SEQUENCE 1 is lower than 4" in problem


def test_a_windows_name_of_a_zone_is_taken_and_said() -> None:
    lines = ("DTSTART;TZID=Korea Standard Time:20261120T170000", "DTEND;TZID=Korea Standard Time:20261127T170000")
    found = read(calendar(event(*lines)))
    assert found.shifts[0].start == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert any("Korea Standard Time is a name of Windows: it was read as Asia/Seoul" in each for each in found.notes)


def test_an_unknown_person_is_a_problem_until_it_is_said_who_that_is() -> None:
    data = calendar(event(*WEEK, summary="On call: Dave Lee"))
    assert plan(data).put == ()
    assert "'On call: Dave Lee' is nobody of ours" in plan(data).problems[0]
    assert [each.person for each in plan(data, **{"Dave Lee": "carol"}).put] == ["carol"]


def test_two_people_in_one_shift_and_two_shifts_at_once_are_problems() -> None:
    assert "names bob, carol" in plan(calendar(event(*WEEK, summary="bob, carol"))).problems[0]
    twice = calendar(event(*WEEK), event(*WEEK, uid="2", summary="carol"))
    assert "overlap from 2026-11-20 08:00 UTC" in plan(twice).problems[0]


def test_the_same_calendar_again_changes_nothing_and_what_is_gone_ends() -> None:
    both = calendar(event(*WEEK), event("DTSTART:20261127T080000Z", "DTEND:20261204T080000Z", uid="2", summary="carol"))
    everybody = frozenset({"alice", "bob", "carol"})
    first = plan(both)
    again = plan_import(read(both), "L1", PEOPLE, everybody, {}, first.put, NOW, END)
    assert (again.put, again.kept, again.gone) == ((), first.put, ())
    other = calendar(event(*WEEK, summary="alice"))
    changed = plan_import(read(other), "L1", PEOPLE, everybody, {}, first.put, NOW, END)
    assert [(each.id, each.person) for each in changed.put] == [(first.put[0].id, "alice")]
    assert changed.gone == (first.put[1],)


def test_more_shifts_than_sessions_read_are_refused() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=100"
    many = [
        event(f"DTSTART:20261120T{hour:02}0000Z", f"DTEND:20261120T{hour:02}3000Z", rule, uid=str(hour))
        for hour in range(4)
    ]
    assert "400 shifts, and at most 300" in plan(calendar(*many)).problems[0]


def test_whose_name_stands_in_a_text() -> None:
    def meant(text: str) -> tuple[str, ...]:
        (shift,) = read(calendar(event(*WEEK, summary=text))).shifts
        return people_meant(shift, PEOPLE, {})

    assert meant("On Call - Bob Park - Primary") == ("bob",)
    assert meant("앨리스 당번") == ("alice",)
    assert meant("BOB") == ("bob",)
    assert meant("bobby") == ()


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"BEGIN:VCALENDAR"]
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(CalendarUnreadable, match="no calendar file"):
        read(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(CalendarUnreadable, match="5 MB"):
        read(b"x" * 5_000_001)


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "recurring_ical_events", None)
    with pytest.raises(
        ExtraMissing, match=r"recurring_ical_events: install it with pip install 'artisan-tui\[calendars\]'"
    ):
        read(PAGERDUTY)


def test_a_lower_layer_that_is_added_later_does_not_hide_a_higher_one_that_is_there() -> None:
    # Of overrides the newest counts: what is written after the higher layer would lie over it.
    everybody = frozenset({"alice", "bob", "carol"})
    high = event("DTSTART:20261121T130000Z", "DTEND:20261121T210000Z", uid="high", summary="[L1] b.park")
    low = event(*WEEK, uid="low", summary="[L0] carol")
    changes = OnCallChanges()
    rotation = Rotation("primary", "L1", ("alice",), 7, time(17), date(2026, 11, 20), ZoneInfo("UTC"))
    changes.configure(Schedule((rotation,), reachable=everybody))

    def imported(data: bytes, at: datetime) -> None:
        found = plan_import(read(data), "L1", PEOPLE, everybody, {}, changes.overrides, at, END)
        assert found.problems == ()
        for each in found.put:
            body = OnCallOverridden(level="L1", person=each.person, start=each.start, end=each.end, reason="imported")
            assert changes.apply([body.entry(at, "alice", each.id)])

    imported(calendar(high), NOW)
    imported(calendar(low, high), NOW + timedelta(hours=1))
    assert changes.schedule.on_call("L1", datetime(2026, 11, 21, 15, tzinfo=UTC)) == ("bob",)
    assert changes.schedule.on_call("L1", datetime(2026, 11, 23, 15, tzinfo=UTC)) == ("carol",)
    again = plan_import(
        read(calendar(low, high)), "L1", PEOPLE, everybody, {}, changes.overrides, NOW + timedelta(hours=2), END
    )
    assert again.put == ()


def test_a_shift_that_changes_while_it_lasts_keeps_who_had_it_until_then() -> None:
    everybody = frozenset({"alice", "bob", "carol"})
    changes = OnCallChanges()
    rotation = Rotation("primary", "L1", ("alice",), 7, time(17), date(2026, 11, 20), ZoneInfo("UTC"))
    changes.configure(Schedule((rotation,), reachable=everybody))

    def imported(data: bytes, at: datetime) -> ImportPlan:
        found = plan_import(read(data), "L1", PEOPLE, everybody, {}, changes.overrides, at, END)
        for each in found.put:
            body = OnCallOverridden(level="L1", person=each.person, start=each.start, end=each.end, reason="imported")
            changes.apply([body.entry(at, "alice", each.id)])
        for each in found.gone:
            changes.apply([OnCallOverrideEnded(level="L1", person=each.person, reason="").entry(at, "alice", each.id)])
        return found

    imported(calendar(event(*WEEK, summary="bob")), NOW)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    imported(calendar(event(*WEEK, summary="carol")), monday)
    assert changes.schedule.on_call("L1", monday - timedelta(days=1)) == ("bob",)
    assert changes.schedule.on_call("L1", monday + timedelta(days=1)) == ("carol",)
    again = imported(calendar(event(*WEEK, summary="carol")), monday + timedelta(hours=1))
    assert (again.put, again.gone, len(again.kept)) == ((), (), 1)
    imported(calendar(event(*WEEK, summary="bob")), monday + timedelta(days=2))
    assert changes.schedule.on_call("L1", monday + timedelta(days=1)) == ("carol",)
    assert changes.schedule.on_call("L1", monday + timedelta(days=3)) == ("bob",)


def test_the_same_calendar_for_another_level_takes_nothing_from_the_first() -> None:
    everybody, data = frozenset({"alice", "bob", "carol"}), calendar(event(*WEEK))
    first = plan(data).put
    second = plan_import(read(data), "L2", PEOPLE, everybody, {}, first, NOW, END)
    assert [each.level for each in second.put] == ["L2"]
    assert {each.id for each in second.put}.isdisjoint(each.id for each in first)
    assert second.gone == ()
    assert "L1" in second.notes[-1]
    again = plan_import(read(data), "L1", PEOPLE, everybody, {}, (*first, *second.put), NOW, END)
    assert (again.put, again.gone, again.kept) == ((), (), first)
