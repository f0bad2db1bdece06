"""Until when something is due: a time that a person writes lies ahead, and so does the example in a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.arguments import coming, past
from artisan_tui.engine.incidents.rules import IncidentRules

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PRESENT = Present(NOW, "alice", {}, {IncidentRules: IncidentRules()})


def test_a_duration_lies_ahead_where_something_is_due_and_behind_where_something_was() -> None:
    assert coming("2h", PRESENT) == NOW + timedelta(hours=2)
    assert past("2h", PRESENT) == NOW - timedelta(hours=2)


def test_a_refusal_says_what_the_words_would_mean_there() -> None:
    with pytest.raises(CommandRefused, match="2h for two hours from now"):
        coming("soonish", PRESENT)
    with pytest.raises(CommandRefused, match="2h for two hours ago"):
        past("soonish", PRESENT)


@pytest.mark.parametrize(
    ("now", "text", "moment"),
    [
        ("2026-11-30T00:10+00:00", "23:50", "2026-11-29T23:50+00:00"),
        ("2026-11-30T00:10+00:00", "00:05", "2026-11-30T00:05+00:00"),
        ("2026-11-30T08:00+00:00", "08:01", "2026-11-30T08:01+00:00"),  # a slip of a minute is no day
        ("2026-11-30T00:10+00:00", "2026-11-30T23:50", "2026-11-30T23:50+00:00"),  # a date says which day
    ],
)
def test_a_time_of_day_that_was_is_the_nearest_one(now: str, text: str, moment: str) -> None:
    present = Present(datetime.fromisoformat(now), "alice", {}, {IncidentRules: IncidentRules()})
    assert past(text, present) == datetime.fromisoformat(moment)


def new_york(now: str) -> Present:
    rules = IncidentRules()
    rules.zone = ZoneInfo("America/New_York")
    return Present(datetime.fromisoformat(now), "alice", {}, {IncidentRules: rules})


@pytest.mark.parametrize("text", ["02:30", "2026-03-08T02:30"])
def test_a_time_that_the_clocks_skip_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(
        CommandRefused, match=r"does not occur in America/New_York.* write 2026-03-08T01:30-05:00 or 20"
    ):
        past(text, new_york("2026-03-08T16:00Z"))


@pytest.mark.parametrize("ask", [past, coming])
def test_a_time_that_occurs_twice_is_refused_with_both(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(CommandRefused, match=r"occurs twice in America/New_York: write 2026-11-01T01:30-04:00"):
        ask("2026-11-01T01:30", new_york("2026-11-01T16:00Z"))


def test_tomorrow_s_time_of_day_is_never_moved_an_hour_by_today_s_clocks() -> None:
    assert coming("02:30", new_york("2026-03-08T16:00Z")) == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
    with pytest.raises(CommandRefused, match="does not occur"):
        coming("02:30", new_york("2026-03-07T16:00Z"))
