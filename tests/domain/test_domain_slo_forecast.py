"""When the budget will be gone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.budget import Budget
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.forecast import Forecast, RecentBurn, calendar, forecast, rolling
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.windows import DAY, SloWindow, Span

MONTH = 30 * DAY
OBJECTIVE = parse_objective("99.9%")
ROLLING = SloWindow(Span(0, MONTH), MONTH, calendar=False)
ONE, ZERO = Fraction(1), Fraction(0)


def seen(bad: int, total: int, minutes: int) -> Counts:
    return Counts(bad, total, minutes, minutes)


@pytest.mark.parametrize(
    ("rate", "minutes"),
    [(1, MONTH), (2, 15 * DAY), (10, 3 * DAY), (1000, Fraction(432, 10)), (Fraction(144, 10), 50 * 60)],
)
def test_the_workbook_s_table_of_burn_rates(rate: Fraction, minutes: Fraction) -> None:
    """Table 5-4 of the SRE Workbook; 14.4 takes 50 hours, it is the pair's share that takes one."""
    assert calendar(ONE, Fraction(rate), MONTH) == minutes
    assert rolling(ONE, Fraction(rate), ZERO, MONTH) == minutes


def test_five_nines_last_26_seconds_of_a_full_outage() -> None:
    full = 1 / parse_objective("99.999%").allowed
    assert rolling(ONE, full, ZERO, MONTH) == Fraction(2592, 100) / 60


def test_rolling_counts_what_leaves() -> None:
    half = Fraction(1, 2)
    assert rolling(half, Fraction(4), Fraction(2), MONTH) == MONTH / 4
    assert rolling(half, half, half, MONTH) is None
    assert rolling(half, half, Fraction(3), MONTH) is None
    assert rolling(Fraction(3, 10), half, ZERO, MONTH) == 18 * DAY
    assert rolling(ONE, half, ZERO, MONTH) is None  # in a month there is nothing in the window but burn 0.5
    assert rolling(ZERO, half, ZERO, MONTH) == 0


def test_rolling_above_burn_1_is_never_never() -> None:
    """Once a window has passed, only what burns now is in it."""
    assert rolling(Fraction(1, 2), Fraction(2), Fraction(5), MONTH) == MONTH
    assert rolling(ONE, Fraction(12, 10), Fraction(11, 10), MONTH) == MONTH


def test_c3_a_calendar_month_s_budget_is_that_of_the_whole_month() -> None:
    half = Fraction(1, 2)
    assert calendar(half, Fraction(2), MONTH, 3 * DAY) == MONTH / 4
    assert calendar(half, ONE, MONTH, 3 * DAY) == MONTH / 2
    assert calendar(half, Fraction(11, 10), MONTH, 28 * DAY) is None  # the month is over before
    assert calendar(-half, ZERO, MONTH, DAY) == 0
    assert calendar(ONE, ZERO, MONTH) is None


@given(st.integers(1, 29), st.integers(2, 50), st.fractions(0, Fraction(99, 100), max_denominator=100))
def test_a_calendar_forecast_is_when_the_status_turns(days: int, rate: int, used: Fraction) -> None:
    elapsed, allowed = days * DAY, OBJECTIVE.allowed
    after = calendar(1 - used, Fraction(rate), MONTH, elapsed)
    if after is None:
        after = Fraction(MONTH - elapsed)
        assert (used * MONTH + rate * after) * allowed < MONTH * allowed
    else:
        # One event a minute: what was bad so far and turns bad until then is just what may be.
        assert (used * MONTH + rate * after) * allowed == MONTH * allowed


burns = st.fractions(0, 2000, max_denominator=1000)
shares = st.fractions(-1, 1, max_denominator=1000)


def later(one: Fraction | None, other: Fraction | None) -> bool:
    return one is None or (other is not None and one >= other)


@given(shares, shares, burns, burns, burns, st.integers(0, MONTH))
def test_more_burn_is_never_later_and_more_left_never_sooner(
    share: Fraction, more: Fraction, leaving: Fraction, slow: Fraction, fast: Fraction, elapsed: int
) -> None:
    share, more, slow, fast = min(share, more), max(share, more), min(slow, fast), max(slow, fast)

    def rolled(left: Fraction, now: Fraction) -> Fraction | None:
        return rolling(left, now, leaving, MONTH)

    def whole(left: Fraction, now: Fraction) -> Fraction | None:
        return calendar(left, now, MONTH)

    def so_far(left: Fraction, now: Fraction) -> Fraction | None:
        return calendar(left, now, MONTH, elapsed)

    for after in (rolled, whole, so_far):
        assert later(after(share, slow), after(share, fast))
        assert later(after(more, slow), after(share, slow))


def test_a_range_from_two_paces() -> None:
    half = Budget(OBJECTIVE, seen(500, 1_000_000, MONTH))
    quick, slow = RecentBurn(seen(10, 1000, 60), None), RecentBurn(seen(12, 6000, 360), seen(0, 6000, 360))
    assert forecast(half, ROLLING, (quick, slow)) == Forecast(Fraction(MONTH, 20), Fraction(MONTH, 4))
    idle = RecentBurn(seen(0, 1000, 60), seen(0, 1000, 60))
    assert forecast(half, ROLLING, (quick, idle)) == Forecast(Fraction(MONTH, 20), None)
    assert forecast(half, ROLLING, (idle,)) == Forecast(None, None)
    leaving = RecentBurn(seen(10, 1000, 60), seen(5, 1000, 60))
    assert forecast(half, ROLLING, (leaving,)) == Forecast(Fraction(MONTH, 10), Fraction(MONTH, 10))
    month = SloWindow(Span(0, 3 * DAY), MONTH, calendar=True)
    assert forecast(half, month, (slow,)) == Forecast(Fraction(MONTH, 4), Fraction(MONTH, 4))


def test_no_number_from_too_little() -> None:
    half = Budget(OBJECTIVE, seen(500, 1_000_000, MONTH))
    few = RecentBurn(seen(1, 3, 60))
    assert forecast(half, ROLLING, (few,)) is None
    assert forecast(half, ROLLING, ()) is None
    quick = RecentBurn(seen(10, 1000, 60), seen(3, 3, 60))  # what leaves is too little to tell its burn
    assert forecast(half, ROLLING, (few, quick)) == Forecast(Fraction(MONTH, 20), Fraction(MONTH, 20))
    unseen = Budget(OBJECTIVE, Counts(0, 1000, MONTH, 1))
    assert forecast(unseen, ROLLING, (quick,)) is None
    gone = Budget(OBJECTIVE, seen(1, 1000, MONTH))
    assert forecast(gone, ROLLING, ()) == Forecast(ZERO, ZERO)
