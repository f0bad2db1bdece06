"""A calendar month is judged against the budget of the whole month, and its pace is told besides."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import plan
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.evaluation import Slo, SloEvaluation, evaluate_slo
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.windows import DAY, Span

INTERVAL = 15_000
#: November has thirty days.
NOVEMBER = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) // 60


def evaluated(
    objective: str,
    rows: list[Row],
    end: int,
    unit: str = "events",
    excluded: tuple[Span, ...] = (),
    window: str = "month",
    grows: bool = False,
) -> SloEvaluation:
    ledger, parsed = MinuteSeries(), parse_objective(objective)
    ledger.put(rows)
    slo = Slo("x", "X", parsed, window, ZoneInfo("UTC"), plan(parsed, 30 * DAY, 15), unit=unit)
    return evaluate_slo(slo, ledger, end * 60_000 + INTERVAL, INTERVAL, excluded=excluded, course=30, grows=grows)


def day_of(first: int, bad: int, total: int) -> list[Row]:
    """``total`` events in each minute; ``bad`` in the whole day, in its first minutes."""
    return [(first + n, min(total, max(0, bad - n * total)), total, 1) for n in range(DAY)]


@pytest.mark.parametrize("before", [0, 1, 30])
def test_c3_sixty_bad_minutes_on_the_first_day(before: int) -> None:
    """60 of the 432 that 99 % allow in November. So far 14.4 were allowed: that is the pace."""
    past = [(NOVEMBER - n, 0, 1, 1) for n in range(1, before * DAY + 1)]
    found = evaluated("99%", past + day_of(NOVEMBER, 60, 1), NOVEMBER + DAY, "slices")
    assert found.budget.used == Fraction(60, 432)
    assert round(float(found.budget.used) * 100, 1) == 13.9
    assert found.budget.pace == Fraction(600, 144)
    assert found.status is BudgetStatus.HEALTHY
    assert found.budget.allowance == 432
    assert found.points[-1] == (NOVEMBER + DAY, 1 - Fraction(60, 432))


@pytest.mark.parametrize(
    ("window", "first", "days"),
    [("week", datetime(2026, 11, 2, tzinfo=UTC), 7), ("quarter", datetime(2026, 10, 1, tzinfo=UTC), 92)],
)
def test_c3_weeks_and_quarters_are_judged_as_months_are(window: str, first: datetime, days: int) -> None:
    start = int(first.timestamp()) // 60
    found = evaluated("99%", day_of(start, 60, 1), start + DAY, "slices", window=window)
    assert found.expected == days * DAY
    assert found.budget.used == Fraction(6000, days * DAY)
    assert found.budget.pace == Fraction(600, 144)
    assert found.status is BudgetStatus.HEALTHY


def test_c3_a_promise_that_began_in_the_month_has_the_budget_of_the_rest_of_it() -> None:
    """Of 30 days, it began on the 11th: 19 days are to come after its first one."""
    found = evaluated("99%", day_of(NOVEMBER + 10 * DAY, 60, 1), NOVEMBER + 11 * DAY, "probes", grows=True)
    assert found.since == NOVEMBER + 10 * DAY
    assert found.expected == 20 * DAY
    assert found.budget.used == Fraction(6000, 20 * DAY)
    assert found.status is BudgetStatus.HEALTHY


@pytest.mark.parametrize(("unsure", "known"), [(372, True), (373, False)])
def test_c5_in_a_month_a_doubt_is_held_against_what_the_whole_month_has_left(unsure: int, known: bool) -> None:
    rows = day_of(NOVEMBER, 60, 1)
    rows[900] = (*rows[900], unsure)
    found = evaluated("99%", rows, NOVEMBER + DAY, "slices")
    assert (found.unknown_reason is None) is known


def test_c3_seven_days_of_equal_traffic() -> None:
    """99.0, 99.1 ... 99.6 % on seven days, at 99.9 %."""
    rows: list[Row] = []
    left = []
    for day, bad in enumerate((10, 9, 8, 7, 6, 5, 4)):
        rows += day_of(NOVEMBER + day * DAY, bad * 1440, 1000)
        remaining = evaluated("99.9%", rows, NOVEMBER + (day + 1) * DAY).budget.remaining
        assert remaining is not None
        left.append(round(float(remaining) * 100, 2))
    assert left == [66.67, 36.67, 10.0, -13.33, -33.33, -50.0, -63.33]


def test_c3_the_expected_traffic_is_that_of_the_past() -> None:
    """The last month had 30 events a minute and this one has 10: the rest is expected as it was in the last 30 days."""
    past = [(NOVEMBER - n, 0, 30, 1) for n in range(1, 30 * DAY + 1)]
    found = evaluated("99%", past + day_of(NOVEMBER, 144, 10), NOVEMBER + DAY)
    usual = (29 * 30 + 1 * 10) * DAY  # of thirty days
    assert found.expected == 14_400 + usual * 29 // 30
    assert found.budget.used == Fraction(144 * 100, found.expected)


def test_c3_at_the_end_of_the_month_it_is_what_was_counted() -> None:
    rows = [(NOVEMBER + n, int(n < 400), 1, 1) for n in range(30 * DAY)]
    found = evaluated("99%", rows, NOVEMBER + 30 * DAY)
    assert found.expected == 43_200
    assert found.budget.used == found.budget.pace == Fraction(400, 432)
    assert found.status is BudgetStatus.WARNING


def test_c3_maintenance_takes_part_of_the_month_s_budget_away() -> None:
    rows = day_of(NOVEMBER, 0, 1)
    found = evaluated("99%", rows, NOVEMBER + DAY, "slices", (Span(NOVEMBER, NOVEMBER + 600),))
    assert found.expected == 43_200 - 600


def test_c3_a_spent_month_stays_spent_and_a_rolling_window_has_no_pace() -> None:
    found = evaluated("99%", day_of(NOVEMBER, 432, 1), NOVEMBER + DAY, "slices")
    assert found.status is BudgetStatus.EXHAUSTED
    assert found.forecast is not None
    assert found.forecast.earliest == 0
    ledger, parsed = MinuteSeries(), parse_objective("99%")
    ledger.put(day_of(NOVEMBER, 1, 1))
    slo = Slo("x", "X", parsed, "1d", ZoneInfo("UTC"), plan(parsed, DAY, 15))
    rolling = evaluate_slo(slo, ledger, (NOVEMBER + DAY) * 60_000 + INTERVAL, INTERVAL)
    assert (rolling.expected, rolling.budget.pace) == (None, None)
