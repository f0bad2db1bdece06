"""Load of on-call: classes of pages by the person's own hours, disturbed hours, nights, medians."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.oncall.load import (
    Page,
    disturbed_hours,
    load_class,
    night,
    night_of,
    person_loads,
    wakers,
)

SEOUL, LONDON, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-11-20T17:59:59", "business"),
        ("2026-11-20T18:00:00", "off"),
        ("2026-11-20T21:59:59", "off"),
        ("2026-11-20T22:00:00", "sleep"),
        ("2026-11-21T07:59:59", "sleep"),
        ("2026-11-21T08:00:00", "off"),
        ("2026-11-23T07:59:59", "sleep"),
        ("2026-11-23T08:00:00", "business"),
    ],
)
def test_oncall_case_22_the_class_of_a_page_follows_from_the_hours_in_seoul(clock: str, expected: str) -> None:
    assert load_class(datetime.fromisoformat(clock).replace(tzinfo=SEOUL), SEOUL) == expected


def test_oncall_case_22_one_instant_has_the_class_of_the_zone_that_the_person_lives_in() -> None:
    at = datetime.fromisoformat("2026-11-24T03:00+09:00")
    assert (load_class(at, SEOUL), load_class(at, LONDON)) == ("sleep", "off")


def test_oncall_case_23_disturbed_hours_are_distinct_hours() -> None:
    night_pages = [datetime(2026, 11, 25, hour, minute, tzinfo=SEOUL) for hour, minute in ((2, 10), (2, 50), (3, 5))]
    assert disturbed_hours(night_pages) == 2
    twice = [datetime(2027, 11, 7, 1, 30, tzinfo=NEW_YORK, fold=fold) for fold in (0, 1)]
    assert disturbed_hours(twice) == 2
    assert disturbed_hours([twice[0], twice[0] + timedelta(minutes=5)]) == 1


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2027, 3, 13), NEW_YORK, 9.0),
        (date(2027, 11, 6), NEW_YORK, 11.0),
        (date(2027, 3, 13), SEOUL, 10.0),
        (date(2027, 11, 6), SEOUL, 10.0),
    ],
)
def test_oncall_case_23_a_night_is_as_long_as_the_clocks_make_it(day: date, zone: ZoneInfo, hours: float) -> None:
    start, end = night(day, zone)
    assert (end - start).total_seconds() / 3600 == hours


def test_the_early_morning_belongs_to_the_night_that_began_the_evening_before() -> None:
    assert night_of(datetime(2026, 11, 25, 2, 0, tzinfo=SEOUL), SEOUL) == date(2026, 11, 24)
    assert night_of(datetime(2026, 11, 24, 22, 0, tzinfo=SEOUL), SEOUL) == date(2026, 11, 24)
    assert night_of(datetime(2026, 11, 25, 8, 0, tzinfo=SEOUL), SEOUL) is None


def page(person: str, hours: float, *rings: float, cause: str = "disk") -> Page:
    at = START + timedelta(hours=hours)
    moments = (at, *(START + timedelta(hours=ring) for ring in rings))
    return Page(person, f"INC-{hours}", at, moments, tuple(range(1, len(moments) + 1)), 3, cause)


def test_a_week_counts_a_page_once_and_every_hour_in_which_it_rang() -> None:
    # The second page rings on into the week after: that disturbs its hour, and is no page of it.
    pages = [page("alice", 10), page("alice", 167.5, 168.5)]
    spans = [(START + n * WEEK, START + (n + 1) * WEEK) for n in range(2)]
    (load,) = person_loads(pages, spans, {"alice": SEOUL}, SEOUL)
    assert [(len(week.pages), week.disturbed) for week in load.weeks] == [(2, 2), (0, 1)]
    assert (load.median, load.worst and load.worst.pages) == (1.0, 1)
    assert sum(load.weeks[0].by_class.values()) == 2


def test_everybody_who_is_configured_has_a_line_and_so_has_who_left() -> None:
    loads = person_loads([page("gone", 10)], [(START, START + WEEK)], {"alice": SEOUL}, SEOUL)
    assert [load.person for load in loads] == ["gone", "alice"]
    assert loads[1].worst is None


def test_what_wakes_people_is_counted_by_cause_at_night_only() -> None:
    pages = [page("alice", 9.5), page("bob", 9.6), page("alice", 33.5, cause="pool"), page("alice", 1, cause="by day")]
    found = wakers(pages, {"alice": SEOUL, "bob": SEOUL}, SEOUL)
    assert [(cause, len(own)) for cause, own in found] == [("disk", 2), ("pool", 1)]
