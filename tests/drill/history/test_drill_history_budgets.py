"""The past as it is made: its budgets are those configured."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from artisan_tui.domain.slo.buckets import split
from artisan_tui.domain.slo.budget import Budget, BudgetStatus
from artisan_tui.domain.slo.counter_deltas import counter_deltas, event_rows, measured, scrape_times
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.slices import slice_rows
from artisan_tui.domain.slo.windows import BY_MINUTE, DAY, Span
from artisan_tui.drill import faults, script
from artisan_tui.drill.history import day_count, generate_days, reward_series
from artisan_tui.drill.samples import UP, Labels, held
from artisan_tui.drill.shapes import APP
from artisan_tui.drill.stack import DEFAULT_SEED, SimulatedStack
from support.generated_history import (
    ALL,
    EVERY,
    FAILED,
    MINUTE,
    MONTH,
    START,
    THRESHOLDS,
    WEEK,
    GeneratedHistory,
    minute_of,
    within,
)

pytestmark = pytest.mark.xdist_group("drill-history")


def slower(counts: Iterable[int], bounds: Iterable[float], seconds: float) -> int:
    """The events of ``counts`` (by bucket) that took longer, interpolated in the bucket that contains ``seconds``."""
    out, lower = 0.0, 0.0
    for count, upper in zip(counts, (*bounds, math.inf), strict=True):
        share = 1.0 if seconds <= lower or upper == math.inf else max(0.0, (upper - seconds) / (upper - lower))
        out, lower = out + count * share, upper
    return round(out)


def budget(objective: str, rows: Iterable[Row], span: Span) -> Budget:
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(rows)
    return Budget(parse_objective(objective), ledger.read(span).burned)


def slow_rows(generated: GeneratedHistory, mode: str, span: Span) -> list[Row]:
    """As the ledger of a latency SLO is filled."""
    buckets = generated.series(f'llm_brief_latency_seconds_bucket{{mode="{mode}"}}')
    halves = split(buckets, Decimal(THRESHOLDS[mode]), interpolate=True)
    assert halves.estimated is (float(THRESHOLDS[mode]) not in generated.shape.brief_bounds)
    seen = scrape_times(halves.total)
    total, good = (counter_deltas(half, span, seen) for half in (halves.total, halves.good))
    return event_rows(total, good, measured(seen.values(), span, EVERY), span, part_is_good=True)


def test_about_half_of_the_apis_budget_is_left(generated: GeneratedHistory) -> None:
    every, failed = generated.series(ALL), generated.series(FAILED)
    seen = scrape_times(every)
    total, part = (counter_deltas(each, MONTH, seen) for each in (every, failed))
    rows = event_rows(total, part, measured(seen.values(), MONTH, EVERY), MONTH)
    found = budget("99.9%", rows, MONTH)
    assert found.remaining is not None
    assert 0.45 < found.remaining < 0.58
    assert found.status is BudgetStatus.HEALTHY
    assert 0.999 < found.counts.coverage < 1


def test_the_reward_dipped_and_is_healthy(generated: GeneratedHistory) -> None:
    rewards = reward_series(generated.shape)
    assert len(rewards) == (len(generated.shape.algorithms) or 1)
    samples = [
        (at, min(values))
        for each in generated.made
        for row, at in enumerate(each.samples.times)
        if (values := [v for s in rewards if (v := held(each.samples.columns[s], row)) is not None])
    ]
    rows = slice_rows(samples, lambda value: value > 10, WEEK, BY_MINUTE)
    found = budget("99%", rows, WEEK)
    assert found.remaining is not None
    assert 0.5 < found.remaining < 0.7
    dip = minute_of("feedback pulls the reward down")
    assert {minute for minute, bad, _, _ in rows if bad} <= set(range(dip, dip + 46))
    assert found.counts.bad > 30


@pytest.mark.parametrize(
    ("mode", "least", "most", "status"),
    [
        ("fast", 0.78, 0.84, BudgetStatus.HEALTHY),
        ("balanced", 0.57, 0.78, BudgetStatus.HEALTHY),
        ("creative", 0.012, 0.028, BudgetStatus.WARNING),
    ],
)
def test_the_models_budgets(
    generated: GeneratedHistory, mode: str, least: float, most: float, status: BudgetStatus
) -> None:
    found = budget("95%", slow_rows(generated, mode, WEEK), WEEK)
    assert found.remaining is not None
    assert least < found.remaining < most
    assert found.status is status


@pytest.mark.parametrize(("seed", "hours"), [(1, 0), (2, 13), (3, 29), (4, 50), (5, 71), (6, 99), (7, 130), (8, 155)])
def test_creative_is_close_to_its_end_and_never_past_it_whenever_one_starts(seed: int, hours: int) -> None:
    start = START + hours * 3_600_000
    generated, end = GeneratedHistory(list(generate_days(seed, start, 7))), start // 60_000
    week = Span(end - 7 * DAY, end)
    total = within(generated.truth('llm_brief_latency_seconds_bucket{mode="creative",le="+Inf"}'), week)
    below, above = (
        within(generated.truth(f'llm_brief_latency_seconds_bucket{{mode="creative",le="{le}"}}'), week)
        for le in ("4.0", "5.0")
    )
    assert 0.012 < 1 - (total - (below + above) / 2) / (total * 0.05) < 0.028


def test_the_goal_of_the_script_is_the_slo_of_the_reference_configuration() -> None:
    file = Path(__file__).parents[3] / "artisan.toml"
    slo = next(each for each in tomllib.loads(file.read_text("utf-8"))["slo"] if "creative" in each["id"])
    (goal,) = (each.goal for each in script.EPISODES if each.goal is not None)
    assert slo["objective"] == f"{100 * (1 - goal.allowed):.0f}%"
    assert slo["sli"]["threshold"] == f"{goal.threshold}s"
    assert slo["window"] == "7d"
    assert goal.mode in slo["sli"]["histogram"]


@pytest.mark.parametrize("hour", range(24))
def test_the_day_before_the_start_is_calm(hour: int) -> None:
    start = MINUTE + 60 * hour
    assert max(each.when.minute(start) + each.minutes for each in script.EPISODES) <= start - DAY


@pytest.mark.parametrize("fault", [faults.QWEN_DOWN, faults.QWEN_HANG])
def test_breaking_qwen_exhausts_creative_in_about_ten_minutes(generated: GeneratedHistory, fault: str) -> None:
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(slow_rows(generated, "creative", WEEK))
    stack = SimulatedStack(shape=generated.shape)
    stack.break_fault(fault, 0.0)
    briefs = stack.traffic.briefs["creative"]
    objective, before = parse_objective("95%"), (0, 0)
    for minute in range(30):
        stack.advance(60.0 * (minute + 1))
        now = (slower(briefs.counts, briefs.bounds, 4.5), briefs.count)
        ledger.put([(MINUTE + minute, now[0] - before[0], now[1] - before[1], 1)])
        before = now
        end = MINUTE + minute + 1
        if Budget(objective, ledger.read(Span(end - 7 * DAY, end)).burned).status is BudgetStatus.EXHAUSTED:
            break
    assert 7 <= minute + 1 <= 14


def test_left_alone_the_calm_lasts(generated: GeneratedHistory) -> None:
    """An hour of demo without a fault exhausts nothing."""
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(slow_rows(generated, "creative", WEEK))
    stack = SimulatedStack(shape=generated.shape)
    stack.advance(3600.0)
    briefs = stack.traffic.briefs["creative"]
    slow = slower(briefs.counts, briefs.bounds, 4.5)
    ledger.put([(MINUTE + 59, slow, briefs.count, 60)])
    end = MINUTE + 60
    assert Budget(parse_objective("95%"), ledger.read(Span(end - 7 * DAY, end)).burned).status is BudgetStatus.WARNING


def test_the_same_seed_and_start_make_the_same_past_and_others_another() -> None:
    def picture(seed: int, start: int) -> list[tuple[list[int], dict[Labels, bytes]]]:
        return [
            (list(each.samples.times), {labels: cells.tobytes() for labels, cells in each.samples.columns.items()})
            for each in generate_days(seed, start, 1)
        ]

    once = picture(1, START)
    assert once == picture(1, START)
    assert once != picture(2, START)
    assert once != picture(1, START + 86_400_000)


@pytest.mark.parametrize("days", [0, 1, 2, 30])
def test_it_comes_in_as_many_parts_as_announced_and_ends_with_the_start(days: int) -> None:
    made = list(generate_days(DEFAULT_SEED, START, days))
    assert len(made) == day_count(START, days)
    if days:
        times = [at for each in made for at in each.samples.times]
        assert times[0] // 60_000 == MINUTE - days * DAY - 180
        assert times[-1] <= START
        assert times[-1] // 60_000 >= MINUTE - 1
        assert all(before < after for before, after in pairwise(times))
        assert all(len(cells) == len(each.samples.times) for each in made for cells in each.samples.columns.values())
        assert not math.isnan(made[-1].samples.columns[reward_series(APP)[0]][-1])
        assert made[-1].samples.columns[UP][-1] == 1
