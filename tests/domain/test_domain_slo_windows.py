"""Windows in whole minutes, months above all where the clock is changed at midnight of the first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.windows import (
    BURN_WINDOWS,
    DAY,
    MinuteGrid,
    Span,
    burn_spans,
    latest_end,
    merged,
    month_of,
    settled,
    slo_window_at,
    touched,
)
from artisan_tui.domain.span import parse_span

SEOUL = ZoneInfo("Asia/Seoul")


def minute(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


def test_burn_windows_end_where_they_are_evaluated() -> None:
    assert {name: parse_span(name) / 60 for name in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")} == BURN_WINDOWS
    assert burn_spans(10_000)["5m"] == Span(9_995, 10_000)
    assert len(burn_spans(10_000)["3d"]) == 4320


def test_now_is_one_scrape_ago_and_what_may_change_two_and_a_half() -> None:
    noon = minute("2026-11-21T12:00")
    now = noon * 60_000 + 14_999
    assert latest_end(now, 15_000) == noon - 1
    assert latest_end(now + 1, 15_000) == noon
    assert settled(noon * 60_000 + 37_499, 15_000) == noon - 1
    assert settled(noon * 60_000 + 37_500, 15_000) == noon


def test_rolling_days_have_24_hours() -> None:
    own = slo_window_at("7d", 100_000, SEOUL)
    assert own.span == Span(100_000 - 7 * DAY, 100_000)
    assert (own.whole, own.calendar) == (7 * DAY, False)


@pytest.mark.parametrize("window", ["", "0d", "1000d", "1w", "d", "Month"])
def test_another_window_is_refused(window: str) -> None:
    with pytest.raises(ValueError, match="write"):
        slo_window_at(window, 100_000, SEOUL)


def test_a_month_begins_at_its_zone_s_midnight_and_midnight_closes_the_old_one() -> None:
    begin = minute("2026-10-31T15:00")  # 1 November 00:00 in Seoul
    assert slo_window_at("month", begin + 1, SEOUL).span == Span(begin, begin + 1)
    before = slo_window_at("month", begin, SEOUL)
    assert before.span == Span(begin - 31 * DAY, begin)
    assert before.whole == 31 * DAY
    assert slo_window_at("month", begin + 5000, SEOUL).whole == 30 * DAY


@pytest.mark.parametrize(
    ("zone", "inside", "start", "hours"),
    [
        ("Europe/Berlin", "2026-03-15T12:00", "2026-02-28T23:00", 31 * 24 - 1),
        ("Europe/Berlin", "2026-10-15T12:00", "2026-09-30T22:00", 31 * 24 + 1),
        # The first has no midnight: 00:00 is 01:00.
        ("America/Asuncion", "2023-10-15T12:00", "2023-10-01T04:00", 31 * 24 - 1),
        # The first has two midnights: the month begins with the earlier.
        ("America/Havana", "2020-11-15T12:00", "2020-11-01T04:00", 30 * 24 + 1),
        # 00:01 became 23:01 of the day before: October's walls within November.
        ("America/St_Johns", "2009-11-01T03:00", "2009-11-01T02:30", 30 * 24 + 1),
    ],
)
def test_months_where_the_clock_changes(zone: str, inside: str, start: str, hours: int) -> None:
    month = month_of(minute(inside), ZoneInfo(zone))
    assert month.start == minute(start)
    assert len(month) == hours * 60
    assert month_of(month.start, ZoneInfo(zone)) == month
    assert month_of(month.start - 1, ZoneInfo(zone)).end == month.start
    assert month_of(month.end, ZoneInfo(zone)).start == month.end


ZONES = [
    "Asia/Seoul",
    "Europe/Berlin",
    "America/Havana",
    "America/St_Johns",
    "Asia/Amman",
    "Pacific/Apia",
    "Asia/Beirut",
]


@given(st.sampled_from(ZONES), st.integers(minute("2000-01-01"), minute("2030-01-01")))
def test_months_leave_no_minute_out(zone: str, at: int) -> None:
    month = month_of(at, ZoneInfo(zone))
    assert month.start <= at < month.end
    assert 27 * DAY < len(month) <= 31 * DAY + 60
    middle = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=month.start + len(month) // 2)
    assert month_of(month.start + len(month) // 2, ZoneInfo(zone)) == month
    assert middle.astimezone(ZoneInfo(zone)).day in {15, 16, 14}


def test_a_slice_counts_where_it_ends() -> None:
    five = MinuteGrid(slice_ms=300_000)
    assert five.expected(Span(0, 7 * DAY)) == 2016
    assert [five.expected(Span(m, m + 1)) for m in range(6)] == [0, 0, 0, 0, 1, 0]
    assert MinuteGrid(slice_ms=30_000).expected(Span(3, 5)) == 4
    assert MinuteGrid(lanes=3).expected(Span(3, 5)) == 6
    assert MinuteGrid().expected(Span(5, 3)) == 0


def test_the_reward_slo_s_allowance() -> None:
    """1 % of 7 days: 20.16 five-minute slices or 100.8 of one minute."""
    week = Span(0, 7 * DAY)
    assert MinuteGrid(slice_ms=300_000).expected(week) / 100 == 20.16
    assert MinuteGrid().expected(week) / 100 == 100.8


def test_maintenance_takes_every_minute_it_touches() -> None:
    at = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
    noon = minute("2026-11-21T12:00")
    second = timedelta(seconds=1)
    assert touched([(at, at + 30 * second)]) == (Span(noon, noon + 1),)
    assert touched([(at, at + 31 * second)]) == (Span(noon, noon + 2),)
    assert touched([(at, at)]) == ()


@given(st.lists(st.builds(Span, st.integers(0, 50), st.integers(0, 50))))
def test_merged_spans_are_the_same_minutes_once(spans: list[Span]) -> None:
    flat = [m for span in merged(spans) for m in range(span.start, span.end)]
    assert flat == sorted({m for span in spans for m in range(span.start, span.end)})
