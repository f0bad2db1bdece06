"""Moments that people write: what no calendar of ours can hold is refused, whatever the zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.oncall.moments import parse_moment
from artisan_tui.domain.when import NotOneMoment, parse_when

NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
NEW_YORK, CAIRO, HAVANA = ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), ZoneInfo("America/Havana")


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")], ids=str)
@pytest.mark.parametrize(
    "text", ["0001-01-01", "0001-01-01T00:00Z", "0002-05-05", "9999-12-31T23:59", "9999-12-31T23:59-12:00", "3600w0"]
)
def test_a_moment_that_cannot_be_reckoned_with_is_refused(text: str, zone: tzinfo) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_when(text, NOW, zone)
    with pytest.raises(ValueError, match=r"\S"):
        parse_moment(text, NOW, zone)


@pytest.mark.parametrize("text", ["900000d", "99999999w"])
def test_a_span_that_leaves_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_when(text, NOW, UTC)
    with pytest.raises(ValueError, match=r"\S"):
        parse_moment(text, NOW, UTC)


@pytest.mark.parametrize("text", ["1970-01-02", "2026-11-30T08:00Z", "2199-01-01"])
def test_every_moment_that_a_store_can_have_is_taken(text: str) -> None:
    assert parse_when(text, NOW, UTC) == parse_moment(text, NOW, UTC)


@pytest.mark.parametrize("text", ["2026-03-08 02:30", "2026-03-08T02:30:15", "2026-11-01T01:30"])
def test_a_time_that_the_clocks_skip_or_repeat_is_refused_with_the_instants(text: str) -> None:
    with pytest.raises(NotOneMoment) as refused:
        parse_when(text, NOW, NEW_YORK)
    said = refused.value.said(str)
    if text.startswith("2026-03"):
        assert "does not occur in America/New_York, the clocks skip it: write 2026-03-08T01:30" in said
        assert "2026-03-08T03:30" in said
    else:
        assert "occurs twice in America/New_York: write 2026-11-01T01:30-04:00 (2026-11-01T05:30Z)" in said
        assert "or 2026-11-01T01:30-05:00 (2026-11-01T06:30Z)" in said


@pytest.mark.parametrize("clock", ["02:30", "2:30:00"])
def test_a_time_of_today_that_the_clocks_skip_is_refused(clock: str) -> None:
    with pytest.raises(NotOneMoment):
        parse_when(clock, datetime(2026, 3, 8, 16, tzinfo=UTC), NEW_YORK)


def test_a_date_is_its_first_instant_also_where_midnight_is_skipped_or_comes_twice() -> None:
    assert parse_when("2027-04-30", NOW, CAIRO) == datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert parse_moment("2027-04-30", NOW, CAIRO) == datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert parse_moment("tomorrow", datetime(2027, 4, 29, 12, tzinfo=UTC), CAIRO) == datetime(
        2027, 4, 29, 22, tzinfo=UTC
    )
    assert parse_moment("fri", datetime(2027, 4, 29, 12, tzinfo=UTC), CAIRO) == datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert parse_when("2026-11-01", NOW, HAVANA) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    with pytest.raises(NotOneMoment):
        parse_when("2026-11-01 00:00", NOW, HAVANA)


@pytest.mark.parametrize(
    ("now", "text", "ahead", "found"),
    [
        ("2026-03-08T16:00Z", "02:30", True, "2026-03-09T02:30-04:00"),  # today's would be over: tomorrow's is meant
        ("2026-03-08T05:30Z", "02:30", False, "2026-03-07T02:30-05:00"),
        ("2026-11-01T16:00Z", "01:30", True, "2026-11-02T01:30-05:00"),
        ("2026-11-01T16:00Z", "sun 01:30", True, "2026-11-08T01:30-05:00"),
    ],
)
def test_a_time_of_day_that_means_another_day_is_not_refused_for_today(
    now: str, text: str, ahead: bool, found: str
) -> None:
    assert parse_moment(text, datetime.fromisoformat(now), NEW_YORK, ahead=ahead) == datetime.fromisoformat(found)


@pytest.mark.parametrize(("now", "text"), [("2026-03-08T05:30Z", "02:30"), ("2026-11-01T05:45Z", "01:30")])
def test_a_time_of_day_that_may_be_the_skipped_or_repeated_one_is_refused(now: str, text: str) -> None:
    with pytest.raises(NotOneMoment):
        parse_moment(text, datetime.fromisoformat(now), NEW_YORK)
