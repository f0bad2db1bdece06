"""C9: bad minutes are joined into episodes with their true totals."""

from __future__ import annotations

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.episodes import GAP, Episode, episodes
from artisan_tui.domain.slo.objective import parse_objective

OBJECTIVE = parse_objective("99.9%")


def minutes(*bad: int, total: int = 1000, first: int = 100) -> list[Row]:
    return [(first + at, each, total, 1) for at, each in enumerate(bad)]


def test_c9_an_hour_of_600_errors_a_minute_is_one_episode_of_36_000() -> None:
    assert episodes(minutes(0, *[600] * 60, 0), OBJECTIVE) == (Episode(101, 161, 36_000, 60_000),)


def test_c9_what_lies_between_two_bad_minutes_counts() -> None:
    rows = minutes(500, *[1] * GAP, 500)
    assert episodes(rows, OBJECTIVE) == (Episode(100, 102 + GAP, 1000 + GAP, 1000 * (GAP + 2)),)


def test_c9_a_longer_pause_ends_an_episode() -> None:
    rows = minutes(500, *[0] * (GAP + 1), 500)
    assert [(each.bad, each.end - each.start) for each in episodes(rows, OBJECTIVE)] == [(500, 1), (500, 1)]


def test_c9_a_hole_is_a_pause_too_and_a_short_one_is_not() -> None:
    assert len(episodes([(1, 5, 10, 1), (100, 5, 10, 1)], OBJECTIVE)) == 2
    assert episodes([(1, 5, 10, 1), (4, 5, 10, 1)], OBJECTIVE) == (Episode(1, 5, 10, 20),)


def test_c9_errors_that_the_budget_allows_are_no_episode() -> None:
    assert episodes(minutes(*[1] * 10_080), OBJECTIVE) == ()
    assert len(episodes(minutes(*[2] * 10_080), OBJECTIVE)) == 1
