"""Objectives, counts and budgets: the worked numbers of the field, in integers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.budget import Budget, BudgetStatus, UnknownReason
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.objective import Objective, parse_objective

ALL = 43_200


def budget(objective: str, bad: int, total: int, *, measured: int = ALL, **more: object) -> Budget:
    return Budget(parse_objective(objective), Counts(bad, total, ALL, measured), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "num", "den", "shown"),
    [
        ("99.9", 1, 1000, "99.9"),
        ("99.9%", 1, 1000, "99.9"),
        (" 99.90 % ", 1, 1000, "99.9"),
        ("95%", 1, 20, "95"),
        ("99.999%", 1, 100_000, "99.999"),
        ("33.3%", 667, 1000, "33.3"),
        ("0.05%", 1999, 2000, "0.05"),
        ("99.999999999999%", 1, 10**14, "99.999999999999"),
    ],
)
def test_an_objective_is_the_exact_share_that_may_be_bad(text: str, num: int, den: int, shown: str) -> None:
    objective = parse_objective(text)
    assert (objective.num, objective.den, objective.text) == (num, den, shown)
    assert objective.allowed + objective.target == 1


def test_the_configured_share_is_the_same_objective() -> None:
    assert Objective.of(Decimal("0.999")) == parse_objective("99.9%")


@pytest.mark.parametrize(
    "text", ["100", "100.0%", "101%", "9999", "0", "0.00%", "-1", "", "abc", "1e2", "NaN", "99,9", "९९"]
)
def test_what_leaves_no_budget_or_allows_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_objective(text)


@given(st.integers(1, 10**8 - 1))
def test_an_objective_reads_its_own_text(parts: int) -> None:
    objective = Objective.of(Fraction(parts, 10**8))
    assert parse_objective(str(objective)) == objective


def test_the_seeds_sample_report_computed_right() -> None:
    """Guide 001 §1.4 prints 20 % used and healthy, and 82 % used and a warning."""
    api = budget("99.9", 987, 1_234_567)
    assert api.used == Fraction(987_000, 1_234_567)
    assert f"{float(api.used):.2%}" == "79.95%"
    assert api.remaining is not None
    assert f"{float(api.remaining):.2%}" == "20.05%"
    assert api.status is BudgetStatus.HEALTHY
    creative = budget("95", 65, 1000)
    assert creative.used == Fraction(130, 100)
    assert creative.remaining == Fraction(-30, 100)
    assert creative.status is BudgetStatus.EXHAUSTED


@pytest.mark.parametrize(
    ("bad", "total", "status"),
    [
        (1, 1000, BudgetStatus.EXHAUSTED),  # floats leave +8.9e-16 here
        (1, 1001, BudgetStatus.WARNING),
        (8, 10_000, BudgetStatus.WARNING),  # exactly 20 % left, 0.2000000000000006 in floats
        (8, 10_001, BudgetStatus.HEALTHY),
        (7, 10_000, BudgetStatus.HEALTHY),
        (0, 1, BudgetStatus.HEALTHY),
        (1, 1, BudgetStatus.EXHAUSTED),
        (0, 0, BudgetStatus.UNKNOWN),
    ],
)
def test_statuses_at_99_9(bad: int, total: int, status: BudgetStatus) -> None:
    assert budget("99.9", bad, total).status is status


def test_the_workbook_s_chapter_2() -> None:
    week = budget("97", 3_663_253 - 3_557_865, 3_663_253)
    assert week.counts.sli is not None
    assert f"{float(week.counts.sli):.3%}" == "97.123%"
    assert int(week.allowance) == 109_897
    spent = budget("97", 14_066, 3_663_253).used
    assert spent is not None
    assert f"{float(spent):.1%}" == "12.8%"


def test_ten_requests_an_hour_with_one_failure() -> None:
    used = budget("99.9", 1, 10 * 24 * 30).used
    assert used is not None
    assert f"{float(used):.1%}" == "13.9%"


def test_what_a_status_needs() -> None:
    assert budget("99.9", 0, 100, measured=0).unknown_reason is UnknownReason.NO_DATA
    assert budget("99.9", 0, 0).unknown_reason is UnknownReason.NO_DATA, (
        "minutes were measured, and nothing happened in them"
    )
    assert budget("99.9", 5, 100, partial=True).unknown_reason is UnknownReason.PARTIAL
    assert budget("99.9", 5, 100, measured=ALL * 9 // 10).unknown_reason is None
    assert budget("99.9", 5, 100, measured=ALL * 9 // 10 - 1).unknown_reason is UnknownReason.COVERAGE
    assert budget("99.9", 5, 100, measured=1, minimums=Minimums(coverage=Fraction(0))).unknown_reason is None
    assert budget("99.9", 0, 99, minimums=Minimums(events=100)).unknown_reason is UnknownReason.FEW
    assert budget("99.9", 0, 100, minimums=Minimums(events=100)).unknown_reason is None


def test_counters_read_a_moment_apart_are_no_contradiction_until_they_could_hide_something() -> None:
    assert budget("99.9", -1, 10_000).status is BudgetStatus.HEALTHY
    assert budget("99.9", -1, 10_000).used == 0
    assert budget("99.9", -10, 10_000).status is BudgetStatus.HEALTHY
    assert budget("99.9", -11, 10_000).unknown_reason is UnknownReason.SKEW
    assert budget("99.9", 10_001, 10_000).status is BudgetStatus.EXHAUSTED
    assert budget("99.9", 10_011, 10_000).unknown_reason is UnknownReason.SKEW
    assert Counts(-1, 10).sli == 1
    assert Counts(11, 10).sli == 0


def test_counts_add_up_and_know_their_coverage() -> None:
    whole = Counts(1, 10, 60, 30) + Counts(2, 20, 60, 60)
    assert whole == Counts(3, 30, 120, 90)
    assert whole - Counts(2, 20, 60, 60) == Counts(1, 10, 60, 30)
    assert whole.coverage == Fraction(3, 4)
    assert Counts().coverage == 0
    assert Counts(0, 0, 60, 60).sli is None


counts = st.builds(Counts, st.integers(-5, 10**7), st.integers(0, 10**7), st.integers(0, ALL), st.integers(0, ALL))
objectives = st.integers(1, 10**5 - 1).map(lambda parts: Objective.of(Fraction(parts, 10**5)))


@given(objectives, counts, st.booleans(), st.fractions(0, 1))
def test_never_healthy_without_evidence(objective: Objective, seen: Counts, partial: bool, least: Fraction) -> None:
    result = Budget(objective, seen, Minimums(coverage=least), partial)
    if seen.total == 0 or seen.measured == 0 or partial or seen.coverage < least:
        assert result.status is BudgetStatus.UNKNOWN
        return
    if result.status is BudgetStatus.UNKNOWN:
        assert result.unknown_reason is UnknownReason.SKEW
        return
    assert result.remaining is not None
    by_share = (
        BudgetStatus.EXHAUSTED
        if result.remaining <= 0
        else BudgetStatus.WARNING
        if result.remaining <= Fraction(1, 5)
        else BudgetStatus.HEALTHY
    )
    assert result.status is by_share
