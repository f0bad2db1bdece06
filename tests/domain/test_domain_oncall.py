"""On-call by wall time: the computed cases of a week, a year and the changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.oncall.business_hours import BusinessHours, NeverOpen
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.wall_time import Hours

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
WEEKDAYS = frozenset(range(5))
HOUR = timedelta(hours=1)


def weekly(zone: ZoneInfo = SEOUL, first: date = date(2026, 11, 20)) -> Rotation:
    return Rotation("primary", "L1", ("A", "B", "C"), 7, time(17), first, zone)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-11-20T16:59:59", "C"),
        ("2026-11-20T17:00:00", "A"),
        ("2026-11-27T16:59:59", "A"),
        ("2026-11-27T17:00:00", "B"),
        ("2026-12-04T17:00:00", "C"),
        ("2026-12-11T17:00:00", "A"),
        ("2026-11-13T17:00:00", "C"),
        ("2027-01-01T00:00:00", "C"),
        ("2028-02-29T12:00:00", "A"),
    ],
)
def test_oncall_case_01_02_turns_change_at_the_hand_over(at: str, person: str) -> None:
    assert weekly().shift_at(seoul(at)).person == person


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        ("Asia/Seoul", date(2026, 11, 20), 168),
        ("America/New_York", date(2026, 3, 6), 167),
        ("America/New_York", date(2026, 10, 30), 169),
        ("America/New_York", date(2027, 3, 12), 167),
        ("America/New_York", date(2027, 11, 5), 169),
        ("Europe/London", date(2026, 3, 27), 167),
        ("Europe/London", date(2026, 10, 23), 169),
        ("Australia/Sydney", date(2027, 4, 2), 169),
        ("Australia/Sydney", date(2027, 10, 1), 167),
        ("Australia/Lord_Howe", date(2027, 4, 2), 168.5),
        ("Australia/Lord_Howe", date(2027, 10, 1), 167.5),
    ],
)
def test_oncall_case_03_04_a_week_has_the_hours_of_its_zone(zone: str, first: date, hours: float) -> None:
    rotation = weekly(ZoneInfo(zone), first)
    assert (rotation.start(1) - rotation.start(0)) / HOUR == hours


def test_oncall_case_05_a_week_in_new_york_ends_by_the_wall_clock() -> None:
    assert weekly(NEW_YORK, date(2027, 3, 12)).start(1) == datetime(2027, 3, 19, 21, tzinfo=UTC)
    assert weekly(NEW_YORK, date(2027, 11, 5)).start(1) == datetime(2027, 11, 12, 22, tzinfo=UTC)


def test_oncall_case_02_a_week_over_a_leap_day_is_a_week() -> None:
    leap = weekly(first=date(2028, 2, 25))
    assert leap.start(1).astimezone(SEOUL) == seoul("2028-03-03T17:00:00")
    assert weekly().turn_at(seoul("2028-02-29T12:00")) == 66


def test_oncall_case_06_the_hand_over_of_seoul_seen_in_new_york() -> None:
    seen = [weekly(first=day).start(0).astimezone(NEW_YORK) for day in (date(2027, 3, 12), date(2027, 3, 19))]
    assert [f"{each:%a %Y-%m-%d %H:%M %Z}" for each in seen] == ["Fri 2027-03-12 03:00 EST", "Fri 2027-03-19 04:00 EDT"]


def daily(zone: str, at: time, first: date) -> Rotation:
    return Rotation("daily", "L1", ("A", "B"), 1, at, first, ZoneInfo(zone))


def test_oncall_case_07_a_hand_over_in_the_gap_and_in_the_hour_that_comes_twice() -> None:
    spring = daily("America/New_York", time(2, 30), date(2027, 3, 13))
    assert spring.start(1) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert [(spring.start(n + 1) - spring.start(n)) / HOUR for n in (0, 1)] == [24.0, 23.0]
    autumn = daily("America/New_York", time(1, 30), date(2027, 11, 6))
    assert autumn.start(1) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert [(autumn.start(n + 1) - autumn.start(n)) / HOUR for n in (0, 1)] == [24.0, 25.0]


def test_oncall_case_08_a_day_without_midnight() -> None:
    cairo = daily("Africa/Cairo", time(), date(2027, 4, 30))
    assert cairo.start(0) == datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert (cairo.start(1) - cairo.start(0)) / HOUR == 23
    howe = daily("Australia/Lord_Howe", time(), date(2027, 4, 4))
    assert (howe.start(1) - howe.start(0)) / HOUR == 24.5


ZONES = sorted(available_timezones())


@given(st.sampled_from(ZONES), st.integers(0, 24 * 12 - 1), st.dates(date(1975, 1, 1), date(2037, 1, 1)))
def test_consecutive_shifts_leave_neither_gap_nor_overlap_in_any_zone(zone: str, five: int, first: date) -> None:
    rotation = Rotation("r", "L1", ("A", "B"), 1, time(five // 12, five % 12 * 5), first, ZoneInfo(zone))
    schedule = Schedule((rotation,), {}, frozenset("AB"))
    start, end = rotation.start(-2), rotation.start(5)
    shifts = schedule.shifts("L1", start, end)
    assert [each.start for each in shifts[1:]] == [each.end for each in shifts[:-1]]
    assert (shifts[0].start, shifts[-1].end) == (start, end)
    assert all(each.start < each.end for each in shifts)
    assert schedule.gaps("L1", start, end) == ()


@given(
    st.sampled_from(["America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Seoul", "Pacific/Apia"]),
    st.integers(0, 47),
    st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)),
    st.integers(1, 9),
)
def test_every_instant_belongs_to_one_shift(zone: str, half: int, at: datetime, days: int) -> None:
    rotation = Rotation(
        "r", "L1", ("A", "B", "C"), days, time(half // 2, half % 2 * 30), date(2020, 1, 1), ZoneInfo(zone)
    )
    moment = at.replace(tzinfo=UTC)
    shift = rotation.shift_at(moment)
    assert shift.start <= moment < shift.end
    assert rotation.shift_at(shift.end).start == shift.end
    assert rotation.shift_at(shift.start - timedelta(microseconds=1)).end == shift.start


def test_a_layer_covers_its_hours_and_lies_over_the_one_before() -> None:
    office = Hours(WEEKDAYS, time(9), time(17), SEOUL)
    base, day = weekly(), Rotation("day", "L1", ("D",), 7, time(17), date(2026, 11, 20), SEOUL, office)
    schedule = Schedule((base, day), {"L2": ("lead", "primary"), "L3": ("nobody",)}, frozenset("ABCD") | {"lead"})
    assert schedule.on_call("L1", seoul("2026-11-23T10:00:00")) == ("D",)
    assert schedule.on_call("L1", seoul("2026-11-23T08:59:59")) == ("A",)
    assert schedule.on_call("L1", seoul("2026-11-21T10:00:00")) == ("A",)
    assert schedule.on_call("L2", seoul("2026-11-21T10:00:00")) == ("lead", "A")
    assert schedule.on_call("L3", seoul("2026-11-21T10:00:00")) == ()  # nobody can reach that person
    assert schedule.on_call("L4", seoul("2026-11-21T10:00:00")) == ()


def working(*holidays: date) -> BusinessHours:
    return BusinessHours(Hours(WEEKDAYS, time(9), time(17), SEOUL), frozenset(holidays).__contains__)


CHRISTMAS = date(2026, 12, 25)


@pytest.mark.parametrize(
    ("start", "minutes", "holidays", "due"),
    [
        ("2026-11-20T16:40", 60, (), "2026-11-23T09:40"),
        ("2026-11-20T17:00", 60, (), "2026-11-23T10:00"),
        ("2026-11-21T03:00", 60, (), "2026-11-23T10:00"),
        ("2026-12-24T16:30", 60, (CHRISTMAS,), "2026-12-28T09:30"),
        ("2026-12-24T16:30", 60, (), "2026-12-25T09:30"),
        ("2026-11-20T15:00", 240, (), "2026-11-23T11:00"),
        ("2026-11-20T09:00", 480, (), "2026-11-20T17:00"),
    ],
)
def test_oncall_case_19_deadlines_in_working_time(
    start: str, minutes: int, holidays: tuple[date, ...], due: str
) -> None:
    assert working(*holidays).after(seoul(start), timedelta(minutes=minutes)) == seoul(due)


@pytest.mark.parametrize(
    ("start", "holidays", "due"),
    [
        ("2026-11-19T12:00", (), "2026-11-24T12:00"),
        ("2026-11-20T12:00", (), "2026-11-25T12:00"),
        ("2026-12-23T12:00", (CHRISTMAS,), "2026-12-29T12:00"),
        ("2026-12-23T12:00", (), "2026-12-28T12:00"),
    ],
)
def test_oncall_case_20_a_postmortem_in_three_working_days(start: str, holidays: tuple[date, ...], due: str) -> None:
    assert working(*holidays).days_after(seoul(start), 3) == seoul(due)


def test_working_time_at_night_ends_on_the_next_day() -> None:
    night = BusinessHours(Hours(frozenset(), time(22), time(6), SEOUL))
    assert seoul("2026-11-20T23:00") in night
    assert seoul("2026-11-21T05:59:59") in night
    assert seoul("2026-11-21T06:00") not in night
    assert night.after(seoul("2026-11-21T05:00"), 2 * HOUR) == seoul("2026-11-21T23:00")


def test_a_calendar_without_working_days_is_refused() -> None:
    closed = BusinessHours(Hours(frozenset(), time(9), time(17), SEOUL), lambda day: True)
    with pytest.raises(NeverOpen):
        closed.after(seoul("2026-11-21T05:00"), HOUR)
    with pytest.raises(NeverOpen):
        closed.days_after(seoul("2026-11-21T05:00"), 3)
