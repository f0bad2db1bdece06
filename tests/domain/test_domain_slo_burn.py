"""Burn rates and the alerts on them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.burn import Pair, Plan, Severity, burn, firing, plan
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.forecast import calendar
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.windows import DAY

THREE_NINES = parse_objective("99.9%")
LAX = parse_objective("95%")
PAIR = plan(THREE_NINES, 30 * DAY, 15).pairs[0]


def factors(objective: str, days: int, resolution: float = 15) -> list[tuple[int, float]]:
    return [(p.long, float(p.factor)) for p in plan(parse_objective(objective), days * DAY, resolution).pairs]


def full(bad: int, total: int, minutes: int = 60) -> Counts:
    return Counts(bad, total, minutes, minutes)


def test_burn_is_exact() -> None:
    assert burn(THREE_NINES, Counts(1, 1000)) == 1
    assert burn(THREE_NINES, Counts(1, 10)) == 100  # the workbook prints 1,000
    assert burn(LAX, Counts(10, 10)) == 20
    assert burn(THREE_NINES, Counts(0, 0)) is None


def test_the_workbook_s_factors_over_30_days() -> None:
    assert factors("99.9%", 30) == [(60, 14.4), (360, 6), (1440, 3), (4320, 1)]
    assert factors("99.9%", 28) == [(60, 13.44), (360, 5.6), (1440, 2.8), (4320, 1)]
    assert [p.short for p in plan(THREE_NINES, 30 * DAY, 15).pairs] == [5, 30, 120, 360]


def test_over_7_days_pages_are_no_trifle_and_tickets_no_less_than_burn_1() -> None:
    assert factors("99.9%", 7) == [(60, 13.44), (360, 3.5), (1440, 1.4), (4320, 1)]
    spent = [p.factor * p.long / (7 * DAY) for p in plan(THREE_NINES, 7 * DAY, 15).pairs]
    assert spent == [Fraction(8, 100), Fraction(125, 1000), Fraction(20, 100), Fraction(3, 7)]


@pytest.mark.parametrize(
    ("objective", "burns", "minutes"),
    [
        ("99.9%", 1, 30 * 1440),
        ("99.9%", 2, 15 * 1440),
        ("99.9%", 10, 3 * 1440),
        ("99.9%", 1000, Fraction(432, 10)),
        ("99.9%", Fraction(144, 10), 50 * 60),  # 2 % of the budget an hour
    ],
)
def test_slo_5_how_long_a_budget_of_30_days_lasts(objective: str, burns: Fraction | int, minutes: Fraction) -> None:
    assert calendar(Fraction(1), Fraction(burns), 30 * DAY) == minutes


def test_slo_5_a_full_outage_empties_five_nines_in_26_seconds() -> None:
    outage = burn(parse_objective("99.999%"), Counts(7, 7))
    assert outage == 100_000
    left = calendar(Fraction(1), outage, 30 * DAY)
    assert left is not None
    assert left * 60 == Fraction(2592, 100)


def test_the_fire_times_of_the_anchors() -> None:
    assert PAIR.fires_after(THREE_NINES, Fraction(15, 100)) == Fraction(576, 100)
    assert PAIR.fires_after(THREE_NINES, Fraction(1)) == Fraction(864, 1000)  # 52 s
    assert PAIR.fires_after(THREE_NINES, Fraction(144, 10_000)) is None
    fast = next(p for p in plan(LAX, 7 * DAY, 15).pairs if p.long == 60)
    assert fast.fires_after(LAX, Fraction(1)) == Fraction(4032, 100)


def test_a_latency_slo_gets_a_page_for_total_failure() -> None:
    outage, *rest = plan(LAX, 7 * DAY, 15).pairs
    assert outage == Pair(Severity.PAGE, 5, 5, Fraction(16), inclusive=True)
    assert [p.long for p in rest] == [60, 360, 1440, 4320]
    assert outage.fires_after(LAX, Fraction(1)) == 4
    assert firing(LAX, (outage,), {5: full(80, 100, 5)}) == (outage,)
    assert firing(LAX, (outage,), {5: full(79, 100, 5)}) == ()


def test_a_strict_slo_needs_none() -> None:
    assert factors("99.9%", 30)[0][0] == 60
    assert factors("99.5%", 30)[0][0] == 60
    assert factors("99%", 30)[0][0] == 5


def test_a_pair_that_can_never_fire_is_refused_with_the_reason() -> None:
    planned = plan(parse_objective("90%"), 30 * DAY, 15)
    assert [(p.long, p.short) for p in planned.pairs] == [(5, 5), (360, 30), (1440, 120), (4320, 360)]
    ((pair, reason),) = planned.refused
    assert pair.long == 60
    assert "can never fire" in reason
    assert "144%" in reason


def test_exactly_everything_bad_is_not_more_than_everything() -> None:
    edge = plan(parse_objective("75%"), 40 * DAY, 15)  # 4 · 0.25 in the pair of a day
    assert edge.refused[-1][0].long == 1440
    assert 1440 not in [p.long for p in edge.pairs]


def test_an_objective_below_what_an_outage_page_needs_has_none() -> None:
    planned = plan(parse_objective("20%"), 30 * DAY, 15)
    assert [p.long for p in planned.pairs] == [4320]
    assert planned.refused[0][0].long == 5
    assert "allows" in planned.refused[0][1]


def test_short_windows_need_four_samples() -> None:
    assert factors("99.9%", 30, 75)[0][0] == 60
    slow = plan(THREE_NINES, 30 * DAY, 76)
    assert [p.long for p in slow.pairs] == [360, 1440, 4320]
    assert "holds 3 samples" in slow.refused[0][1]
    # Five-minute slices at 99 %: the pair of six hours needs 12.6 min, no window with four slices is shorter.
    assert factors("99%", 7, 300) == [(360, 3.5), (1440, 1.4), (4320, 1)]


def test_nothing_waits_until_the_budget_is_gone() -> None:
    short = plan(THREE_NINES, DAY, 15)
    assert [p.long for p in short.pairs] == [60, 360]
    assert all("exhausted" in reason for _, reason in short.refused)


@given(st.integers(1, 366), st.integers(1, 9999), st.sampled_from([15, 60, 300, 3600]))
def test_every_planned_pair_can_fire_in_time_and_every_rung_is_accounted_for(
    days: int, parts: int, resolution: int
) -> None:
    objective = parse_objective(f"{parts / 100:.2f}%")
    planned: Plan = plan(objective, days * DAY, resolution)
    for pair in planned.pairs:
        assert pair.fires_after(objective, Fraction(1)) is not None
        assert pair.short * 60 >= 4 * resolution
        assert pair.factor >= 1
        assert pair.factor * pair.long < days * DAY or pair.inclusive
    rungs = [p.long for p in planned.pairs if not p.inclusive] + [p.long for p, _ in planned.refused if not p.inclusive]
    assert sorted(rungs) == [60, 360, 1440, 4320]


def test_both_windows_must_exceed_and_strictly() -> None:
    at, above = full(144, 10_000), full(145, 10_000)
    assert firing(THREE_NINES, (PAIR,), {60: above, 5: above}) == (PAIR,)
    assert firing(THREE_NINES, (PAIR,), {60: above, 5: at}) == ()
    assert firing(THREE_NINES, (PAIR,), {60: at, 5: above}) == ()


@pytest.mark.parametrize(
    "unknown",
    [None, Counts(100, 100, 60, 29), Counts(0, 0, 60, 60), Counts(3, 3, 60, 60), Counts(100, 100, 0, 0), "missing"],
)
@pytest.mark.parametrize("blind", [60, 5])
def test_an_unknown_window_neither_fires_nor_resolves(unknown: Counts | str | None, blind: int) -> None:
    bad, good = full(500, 1000), full(0, 1000)
    for seen, held, expected in [(bad, (), ()), (bad, (PAIR,), (PAIR,)), (good, (PAIR,), ())]:
        windows: dict[int, Counts | None] = {60: seen, 5: seen}
        if isinstance(unknown, str):
            del windows[blind]
        else:
            windows[blind] = unknown
        assert firing(THREE_NINES, (PAIR,), windows, held) == expected
    assert firing(THREE_NINES, (PAIR,), {}, (PAIR,)) == (PAIR,)


def test_a_single_failure_never_pages() -> None:
    assert firing(THREE_NINES, (PAIR,), {60: full(1, 10), 5: full(1, 5)}) == ()
    assert firing(THREE_NINES, (PAIR,), {60: full(1, 10), 5: full(1, 5)}, (PAIR,)) == ()
    assert firing(THREE_NINES, (PAIR,), {60: full(2, 10), 5: full(1, 5)}) == (PAIR,)
    assert firing(THREE_NINES, (PAIR,), {60: full(1, 10), 5: full(1, 5)}, minimums=Minimums(burn_bad=1)) == (PAIR,)


@given(st.integers(0, 10**6), st.integers(4, 10**6), st.fractions(min_value=1, max_value=1000, max_denominator=1000))
def test_integers_compare_as_fractions_do(bad: int, total: int, factor: Fraction) -> None:
    pair = Pair(Severity.PAGE, 60, 5, factor)
    rate = burn(THREE_NINES, Counts(bad, total))
    assert rate is not None
    assert pair.exceeded(THREE_NINES, Counts(bad, total)) == (rate > factor)
