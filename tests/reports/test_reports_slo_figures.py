"""Printed numbers: never better than the true one, never on another side of a threshold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artisan_tui.domain.slo.budget import Budget, BudgetStatus
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.objective import Objective, parse_objective
from artisan_tui.reports.slo.numbers import (
    Worse,
    burn_text,
    cells,
    decimal,
    factor_text,
    json_number,
    left_text,
    needed_text,
    padded,
    percent,
    period_text,
    sli_text,
    target_text,
    used_text,
    wait_text,
)

SHARES = st.fractions(min_value=-3, max_value=3, max_denominator=10**9)
OBJECTIVES = st.integers(1, 10**6 - 1).map(lambda parts: Objective.of(Fraction(parts, 10**6)))


def read(text: str) -> Fraction:
    """The share that a printed percentage says, exactly."""
    return Fraction(text.removesuffix("%").replace(",", "")) / 100


def side(value: Fraction | float, mark: Fraction | float) -> int:
    return (value > mark) - (value < mark)


@pytest.mark.parametrize(
    ("say", "share", "said"),
    [
        (left_text, Fraction(4, 10**4), "0.04%"),
        (left_text, Fraction(4, 10**5), "0.004%"),  # left, so not "0.00%"
        (left_text, Fraction(0), "0.00%"),
        (left_text, Fraction(1, 5), "20.00%"),  # a warning
        (left_text, Fraction(200_004, 10**6), "20.0004%"),  # healthy, so not "20.00%"
        (left_text, Fraction(199_999, 10**6), "19.99%"),
        (left_text, Fraction(999_995, 10**6), "99.99%"),
        (left_text, Fraction(-1, 10**7), "-0.01%"),
        (left_text, Fraction(-3, 10), "-30.00%"),
        (used_text, Fraction(13, 10), "130.00%"),
        (used_text, Fraction(999_996, 10**6), "99.9996%"),  # not gone, so not "100.00%"
        (used_text, Fraction(799_996, 10**6), "79.9996%"),
        (used_text, Fraction(1, 10**9), "0.01%"),
        (used_text, Fraction(10**4), "1,000,000.00%"),
    ],
)
def test_a_budget_at_its_thresholds(say: Callable[[Fraction], str], share: Fraction, said: str) -> None:
    assert say(share) == said


def test_an_sli_just_under_100_or_at_its_objective() -> None:
    three = parse_objective("99.9%")
    assert sli_text(three, Fraction(999_995, 10**6)) == "99.99%"
    assert sli_text(three, Fraction(1)) == "100.00%"
    assert sli_text(three, Fraction(999, 1000)) == "99.90%"  # exactly at it: the budget is gone
    assert sli_text(three, Fraction(999_001, 10**6)) == "99.9001%"  # just kept
    assert sli_text(three, Fraction(998_999, 10**6)) == "99.89%"
    assert sli_text(parse_objective("99.999%"), Fraction(99_999_1, 10**6)) == "99.9991%"


@given(SHARES)
@example(Fraction(1, 5) + Fraction(1, 10**15))
@example(Fraction(-1, 10**15))
def test_a_budget_is_never_printed_better_than_it_is_nor_across_a_threshold(share: Fraction) -> None:
    left, used = read(left_text(share)), read(used_text(1 - share))
    assert left <= share
    assert used >= 1 - share
    assert share - left < Fraction(1, 10**4)
    assert left + used == 1  # both are rounded at the same place
    for mark in (Fraction(0), Fraction(1, 5), Fraction(1)):
        assert side(left, mark) == side(share, mark)
        assert side(used, 1 - mark) == side(1 - share, 1 - mark)


@given(OBJECTIVES, st.fractions(min_value=0, max_value=1, max_denominator=10**9))
def test_an_sli_is_never_printed_better_than_it_is_nor_across_its_objective(
    objective: Objective, sli: Fraction
) -> None:
    said = read(sli_text(objective, sli))
    assert said <= sli
    assert side(said, objective.target) == side(sli, objective.target)
    assert (said == 1) == (sli == 1)


@given(OBJECTIVES, st.integers(1, 10**7), st.data())
def test_the_printed_budget_alone_leads_to_the_verdict(objective: Objective, total: int, data: st.DataObject) -> None:
    """Whoever reads the number and the policy comes to the status beside it."""
    bad = data.draw(st.integers(0, total))
    budget = Budget(objective, Counts(bad, total, 100, 100))
    assert budget.remaining is not None
    left = read(left_text(budget.remaining))
    policy = (
        BudgetStatus.EXHAUSTED
        if left <= 0
        else BudgetStatus.WARNING
        if left <= Fraction(1, 5)
        else BudgetStatus.HEALTHY
    )
    assert budget.status is policy


@given(SHARES, st.sets(SHARES, max_size=3))
def test_a_json_number_compares_as_the_exact_one(value: Fraction, marks: set[Fraction]) -> None:
    number = json_number(value, {Fraction(1), *(Fraction(float(mark)) for mark in marks)})
    assert number is not None
    assert abs(Fraction(number) - value) < Fraction(1, 10**12)
    assert side(number, 1.0) == side(value, Fraction(1))


def test_a_json_number_does_not_reach_a_threshold_that_the_exact_one_misses() -> None:
    tiny = Fraction(1, 10**20)
    assert float(Fraction(1, 5) + tiny) == 0.2
    above = json_number(Fraction(1, 5) + tiny, (Fraction(1, 5),))
    below = json_number(1 - tiny, (Fraction(1),))
    assert above is not None
    assert below is not None
    assert above > 0.2
    assert below < 1.0
    assert json_number(Fraction(1, 5), (Fraction(1, 5),)) == 0.2
    assert json_number(None) is None


@given(SHARES, st.integers(0, 6))
def test_rounding_errs_to_the_worse_side_only(value: Fraction, places: int) -> None:
    less, more = (Fraction(decimal(value, worse, places=places).replace(",", "")) for worse in Worse)
    assert less <= value <= more
    assert more - less <= Fraction(1, 10**places)


@pytest.mark.parametrize(
    ("text", "said"), [("99.9%", "99.90%"), ("95%", "95.00%"), ("99.999%", "99.999%"), ("99.95%", "99.95%")]
)
def test_an_objective_is_exact(text: str, said: str) -> None:
    assert target_text(parse_objective(text)) == said


def test_burn_rates_and_factors() -> None:
    assert burn_text(None) == "-"
    assert burn_text(Fraction(0)) == "0.00"
    assert burn_text(Fraction(1, 10**6)) == "0.01"
    assert burn_text(Fraction(1)) == "1.00"
    assert burn_text(Fraction(1) - Fraction(1, 10**5)) == "0.99999"
    assert burn_text(Fraction(1000)) == "1,000.00"
    assert [factor_text(Fraction(text)) for text in ("14.4", "13.44", "1", "14/15")] == ["14.4", "13.44", "1", "0.9333"]
    assert needed_text(Fraction(9, 10)) == "90%"
    assert needed_text(Fraction(995, 1000)) == "99.5%"


def test_whole_per_cents_have_no_point() -> None:
    assert percent(Fraction(1, 2), Worse.LESS, places=0) == "50%"


def test_times_carry_their_zone_and_both_where_it_changes() -> None:
    seoul, berlin = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
    start, end = (int(datetime(2026, 10, day, tzinfo=UTC).timestamp()) // 60 for day in (20, 27))
    assert period_text(start, end, seoul) == ("2026-10-20 09:00", "2026-10-27 09:00 KST")
    assert period_text(start, end, berlin) == ("2026-10-20 02:00 CEST", "2026-10-27 01:00 CET")


def test_what_is_left_is_rounded_down() -> None:
    assert wait_text(Fraction(299, 2)) == "2h29m"
    assert wait_text(Fraction(1, 2)) == "<1m"


def test_korean_takes_two_columns() -> None:
    assert cells("목표 ab") == 7
    assert padded("목표", 6) == "목표  "
    assert padded("abcdefgh", 6) == "abcdefgh"
