"""Maintenance windows, above all where the clock on the wall is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.maintenance.windows import Recurrence, Window, current, exclusions, merged

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe", "Africa/Casablanca"]


def recurrence(
    begins: str,
    ends: str,
    zone: str = "Europe/Berlin",
    days: tuple[int, ...] = (),
    first: date | None = None,
    last: date | None = None,
) -> Recurrence:
    hours = [time.fromisoformat(text) for text in (begins, ends)]
    return Recurrence("m", (), "because", frozenset(days), hours[0], hours[1], ZoneInfo(zone), first, last)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes(zone: str) -> list[datetime]:
    """The minutes of 2026 from which on the zone has another offset."""
    found, now = [], datetime(2026, 1, 1, tzinfo=UTC)
    info = ZoneInfo(zone)
    while now.year == 2026:
        after = now + timedelta(hours=1)
        if now.astimezone(info).utcoffset() != after.astimezone(info).utcoffset():
            minutes = (now + n * MINUTE for n in range(1, 61))
            offset = now.astimezone(info).utcoffset()
            found.append(next(m for m in minutes if m.astimezone(info).utcoffset() != offset))
        now = after
    return found


CHANGES = [(zone, change) for zone in ZONES for change in changes(zone)]
#: Days to look at: every change of 2026, and a quiet one for each zone.
PLACES = [*CHANGES, *((zone, datetime(2026, 5, 5, 12, tzinfo=UTC)) for zone in ZONES)]


@cache
def wall(zone: str, middle: datetime) -> list[tuple[datetime, datetime]]:
    """(instant, what the wall shows) for each minute of seven days."""
    info = ZoneInfo(zone)
    minutes = (middle + n * MINUTE for n in range(-3 * 1440, 4 * 1440))
    return [(minute, minute.astimezone(info).replace(tzinfo=None)) for minute in minutes]


def oracle(rule: Recurrence, zone: str, middle: datetime) -> list[tuple[datetime, datetime]]:
    """The occurrences as a watcher of the wall sees them.

    One begins in the first minute that shows `begins` or later. It ends in the last one that shows `ends`,
    or where none does, after the last one that shows less.
    """
    shown, found = wall(zone, middle), []
    day = shown[0][1].date() + DAY
    while day < shown[-1][1].date() - DAY:
        begins = datetime.combine(day, rule.begins)
        ends = datetime.combine(day if rule.ends > rule.begins else day + DAY, rule.ends)
        start = next(instant for instant, at in shown if at >= begins)
        end, at = next((instant, at) for instant, at in reversed(shown) if at <= ends)
        end = end if at == ends else end + MINUTE
        if start < end and (not rule.days or day.weekday() in rule.days):
            found.append((start, end))
        day += DAY
    return found


def test_the_zones_change_their_clocks_as_often_as_these_tests_believe() -> None:
    assert {zone: len(changes(zone)) for zone in ZONES} == dict(zip(ZONES, (2, 2, 0, 2, 2), strict=True))


CLOCK = st.one_of(
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 29, 30, 31, 45, 59])),
)


@settings(max_examples=300)
@given(
    st.sampled_from(PLACES),
    CLOCK,
    CLOCK,
    st.frozensets(st.integers(0, 6), max_size=5),
    st.lists(st.integers(-1440, 1440)),
)
def test_an_instant_is_inside_when_the_wall_says_so(
    place: tuple[str, datetime], begins: time, ends: time, days: frozenset[int], offsets: list[int]
) -> None:
    zone, middle = place
    rule = Recurrence("m", (), "", days, begins, ends, ZoneInfo(zone))
    spans = oracle(rule, zone, middle)
    edges = [edge + n * MINUTE for span in spans for edge in span for n in (-1, 0, 1)]
    for now in (*edges, *(middle + n * MINUTE for n in offsets)):
        if abs(now - middle) > DAY:
            continue
        window = rule.occurrence_at(now)
        inside = [span for span in spans if span[0] <= now < span[1]]
        assert (window is not None) == bool(inside), now
        if window is not None:
            assert (window.start, window.end) == max(inside, key=lambda span: span[1])
        after = min((span for span in spans if span[0] > now), default=None)
        upcoming = rule.next_after(now)
        assert upcoming is not None
        assert upcoming.start > now
        if after is not None:
            assert (upcoming.start, upcoming.end) == after


@given(st.sampled_from(PLACES), CLOCK, CLOCK)
def test_an_occurrence_is_never_negative_and_never_longer_than_a_long_day(
    place: tuple[str, datetime], begins: time, ends: time
) -> None:
    zone, middle = place
    rule = Recurrence("m", (), "", frozenset(), begins, ends, ZoneInfo(zone))
    for window in rule.between(middle - 2 * DAY, middle + 2 * DAY):
        assert timedelta() < window.end - window.start <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("begins", "ends", "start", "end"),
    [
        # 29 March 2026, Berlin: 02:00 -> 03:00, at 01:00 UTC.
        ("02:30", "04:00", "2026-03-29 01:00", "2026-03-29 02:00"),
        ("01:30", "02:30", "2026-03-29 00:30", "2026-03-29 01:00"),
        ("02:00", "03:00", None, None),
        ("02:15", "02:45", None, None),
        ("03:00", "03:30", "2026-03-29 01:00", "2026-03-29 01:30"),
    ],
)
def test_the_hour_that_does_not_exist(begins: str, ends: str, start: str | None, end: str | None) -> None:
    windows = list(recurrence(begins, ends).between(utc("2026-03-28 23:00"), utc("2026-03-29 22:00")))
    assert [(w.start, w.end) for w in windows] == ([(utc(start), utc(end))] if start and end else [])


@pytest.mark.parametrize(
    ("begins", "ends", "start", "end"),
    [
        # 25 October 2026, Berlin: 03:00 -> 02:00, at 01:00 UTC; 02:30 is at 00:30 and at 01:30 UTC.
        ("02:30", "04:00", "2026-10-25 00:30", "2026-10-25 03:00"),
        ("01:00", "02:30", "2026-10-24 23:00", "2026-10-25 01:30"),
        ("02:15", "02:45", "2026-10-25 00:15", "2026-10-25 01:45"),
        ("02:00", "03:00", "2026-10-25 00:00", "2026-10-25 02:00"),
        ("03:00", "04:00", "2026-10-25 02:00", "2026-10-25 03:00"),
        ("01:00", "02:00", "2026-10-24 23:00", "2026-10-25 01:00"),
    ],
)
def test_the_hour_that_comes_twice(begins: str, ends: str, start: str, end: str) -> None:
    windows = list(recurrence(begins, ends).between(utc("2026-10-24 23:00"), utc("2026-10-25 22:00")))
    assert [(w.start, w.end) for w in windows] == [(utc(start), utc(end))]


def test_a_day_that_a_country_left_out_has_no_maintenance() -> None:
    rule = recurrence("10:00", "11:00", "Pacific/Apia")
    upcoming = rule.next_after(utc("2011-12-29 22:00"))
    # Samoa had no 30 December 2011.
    assert upcoming is not None
    assert upcoming.start == utc("2011-12-30 20:00")


def test_a_weekly_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    sunday = recurrence("23:00", "01:00", "Asia/Seoul", days=(6,))
    assert sunday.occurrence_at(utc("2026-11-22 13:59")) is None
    window = sunday.occurrence_at(utc("2026-11-22 14:00"))
    assert window == Window("m", (), "because", utc("2026-11-22 14:00"), utc("2026-11-22 16:00"))
    assert sunday.occurrence_at(utc("2026-11-22 15:59")) == window
    assert sunday.occurrence_at(utc("2026-11-22 16:00")) is None
    upcoming = sunday.next_after(utc("2026-11-22 14:00"))
    assert upcoming is not None
    assert upcoming.start == utc("2026-11-29 14:00")


def test_equal_times_are_a_whole_day() -> None:
    whole = recurrence("06:00", "06:00", "UTC", days=(0,))
    window = whole.occurrence_at(utc("2026-11-24 05:59"))
    assert window is not None
    assert (window.start, window.end) == (utc("2026-11-23 06:00"), utc("2026-11-24 06:00"))
    assert whole.occurrence_at(utc("2026-11-24 06:00")) is None


def test_first_and_last_are_included_and_nothing_else() -> None:
    rule = recurrence("22:00", "02:00", "UTC", first=date(2026, 11, 24), last=date(2026, 11, 25))
    days = [w.start.day for w in rule.between(utc("2026-11-20 00:00"), utc("2026-11-30 00:00"))]
    assert days == [24, 25]
    # The last one reaches into the day after `last`.
    assert rule.occurrence_at(utc("2026-11-26 01:00")) is not None
    early, late = rule.next_after(utc("2020-01-01 00:00")), rule.next_after(utc("2026-11-25 22:00"))
    assert early is not None
    assert early.start == utc("2026-11-24 22:00")
    assert late is None


def test_what_a_window_covers() -> None:
    some = Window("m", ("database", "api.health"), "", utc("2026-01-01 00:00"), utc("2026-01-02 00:00"))
    ids = ["database.connection", "api.health", "api.port", "databases.x", "database2.x"]
    assert [check_id for check_id in ids if some.covers_check(check_id)] == ["database.connection", "api.health"]
    everything = Window("m", (), "", some.start, some.end)
    assert all(map(everything.covers_check, ids))


def test_current_and_exclusions() -> None:
    once = Window("once", ("api",), "", utc("2026-11-21 10:00"), utc("2026-11-21 12:00"))
    daily = recurrence("11:00", "13:00", "UTC")
    for at, ids in (("09:59", []), ("10:00", ["once"]), ("11:00", ["once", "m"]), ("12:00", ["m"]), ("13:00", [])):
        assert [w.id for w in current(utc(f"2026-11-21 {at}"), [once], [daily])] == ids
    found = exclusions([daily], [once], utc("2026-11-20 12:59"), utc("2026-11-21 11:00"))
    assert [(w.id, w.start.day) for w in found] == [("m", 20), ("once", 21)]
    found = exclusions([daily], [once], utc("2026-11-20 13:00"), utc("2026-11-21 11:01"))
    assert [(w.id, w.start.day) for w in found] == [("once", 21), ("m", 21)]
    assert merged(found) == ((utc("2026-11-21 10:00"), utc("2026-11-21 13:00")),)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8))
def test_merged_intervals_hold_the_same_minutes(spans: list[tuple[int, int]]) -> None:
    zero = utc("2026-11-21 00:00")
    windows = [Window("m", (), "", zero + a * MINUTE, zero + (a + length) * MINUTE) for a, length in spans]
    intervals = merged(windows)
    for n in range(82):
        now = zero + n * MINUTE
        assert any(now in w for w in windows) == any(start <= now < end for start, end in intervals)
    assert all(a[1] < b[0] for a, b in pairwise(intervals))
