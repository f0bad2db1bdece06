"""A filter as a person types it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.when import parse_when
from artisan_tui.reports.journal_filter import FilterError, matches, read_filter

NOW = datetime(2026, 11, 21, 9, 42, 10, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("now", NOW),
        ("today", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 19, 15, tzinfo=UTC)),
        ("9:05", datetime(2026, 11, 21, 0, 5, tzinfo=UTC)),
        ("18:00:30", datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 15, tzinfo=UTC)),
        ("2026-11-20T09:30", datetime(2026, 11, 20, 0, 30, tzinfo=UTC)),
        ("2026-11-20 09:30", datetime(2026, 11, 20, 0, 30, tzinfo=UTC)),
        ("2026-11-20T09:30Z", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("2026-11-20T09:30+02:00", datetime(2026, 11, 20, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_the_zone_of_the_screen_unless_it_names_one(text: str, moment: datetime) -> None:
    assert parse_when(text, NOW, SEOUL) == moment


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2h ago", "-2h", "2026-13-01", "99999999999999d", "9:5"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_when(text, NOW, SEOUL)
    assert isinstance(caught.value, ValueError)


def test_a_line_is_words_and_fields() -> None:
    where = read_filter("CUDA !ok person:Park service:api check:db.ping kind:check since:2h until:09:30", NOW, UTC)
    assert where == JournalFilter(
        ("cuda", "!ok"),
        ("park",),
        ("api", "db.ping"),
        ("check",),
        NOW - timedelta(hours=2),
        datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )


def test_a_colon_that_names_no_field_is_part_of_a_word() -> None:
    assert read_filter("http://x:80 rev:7 person: :x", NOW, UTC).words == ("http://x:80", "rev:7", "person:", ":x")


def test_an_unreadable_time_is_a_sentence() -> None:
    with pytest.raises(FilterError, match="since: soon is not a time: write 2h"):
        read_filter("since:soon", NOW, UTC)


def test_who_asks_for_a_kind_gets_it_also_where_it_is_folded() -> None:
    assert not read_filter("x", NOW, UTC, routine=False).routine
    assert read_filter("kind:session", NOW, UTC, routine=False).routine


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("out of memory", True),
        ("MEMORY", True),
        ("note", True),
        ("j.park", True),
        ("memory !park", False),
        ("!disk", True),
        ("disk", False),
        ("kind:note", True),
        ("kind:no", False),
        ("person:PARK", True),
        ("person:kim person:park", True),
        ("service:api", False),
        ("since:1m", True),
        ("until:1m", False),
    ],
)
def test_words_are_looked_for_in_what_is_said_and_in_what_is_kept(line: str, found: bool) -> None:
    event = Event(NOW, "j.park", "note", "", {"text": "CUDA out of memory"})
    assert matches(event, read_filter(line, NOW, UTC)) is found


@pytest.mark.parametrize("field", ["since", "until"])
def test_a_time_that_the_clocks_repeat_or_skip_is_refused_with_both_ways_to_write_it(field: str) -> None:
    zone = ZoneInfo("America/New_York")
    with pytest.raises(FilterError, match=rf"{field}: 2026-11-01 01:30 occurs twice .* 2026-11-01T01:30-05:00"):
        read_filter(f"{field}:2026-11-01T01:30", NOW, zone)
    with pytest.raises(FilterError, match=rf"{field}: 2026-03-08 02:30 does not occur"):
        read_filter(f"{field}:2026-03-08T02:30", NOW, zone)
