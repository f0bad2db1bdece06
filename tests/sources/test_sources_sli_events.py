"""Indicators of events: the same rows however they are asked for, and only what is needed."""

from __future__ import annotations

import asyncio
import math
import random
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.slo.counter_deltas import LOOKBACK, CounterSeries
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span, latest_end, settled
from artisan_tui.sources.slo import open_indicator
from support.sli_indicators import (
    INTERVAL,
    LATENCY,
    LENGTH,
    MS,
    SLICES,
    ZERO,
    Remembered,
    _rows,
    by_minute,
    indicator,
    series,
    span,
)

EVENTS: dict[str, object] = {"kind": "events", "total": "r_total", "bad": 'r_total{code="500"}'}
GOOD: dict[str, object] = {"kind": "events", "total": "r_total", "good": 'r_total{code="200"}'}


async def test_bad_and_good_are_counted_against_the_total() -> None:
    range_source = Remembered(
        series("r_total", ((at, at // 1000) for at in range(0, 300_000, INTERVAL)), code="200", instance="a"),
        # Born at 75 s with ten errors: Prometheus' increase would not count them.
        series("r_total", ((at, 10.0) for at in range(75_000, 300_000, INTERVAL)), code="500", instance="a"),
    )
    for sli in (EVENTS, GOOD):
        filled = await indicator(range_source, **sli).rows(span(1, 4))
        assert by_minute(filled) == {1: (10, 70, 1), 2: (0, 60, 1), 3: (0, 60, 1)}
        assert filled.notes == filled.remarks == ()
        assert not filled.estimated
    assert range_source.wanted["r_total"] >= LOOKBACK / 1000


async def test_unclaimed_events_and_absent_series_are_told() -> None:
    old = series("r_total", ((at, 500.0) for at in range(60_000, 300_000, INTERVAL)), code="200")
    filled = await indicator(Remembered(old), **EVENTS).rows(span(0, 3))
    assert filled.unclaimed == 500
    filled = await indicator(Remembered(), **EVENTS).rows(span(0, 2))
    assert filled.rows == ((ZERO, 0, 0, 0), (ZERO + 1, 0, 0, 0))
    assert filled.remarks == ("no series matches r_total",)


def _history(seed: int) -> list[CounterSeries]:
    """Counters that are scraped with jitter, restart, are born, vanish, miss scrapes and stall."""
    dice = random.Random(seed)
    out = []
    for instance in range(dice.randint(1, 3)):
        times, at = [], dice.randint(-LOOKBACK, 20 * 60_000)
        while at < LENGTH:
            at += INTERVAL + dice.randint(-500, 500)
            if dice.random() < 0.01:
                at += dice.choice([60_000, 600_000, 3_000_000, 5_000_000])
            if dice.random() > 0.05:
                times.append(at)
        restarts = sorted(dice.sample(times, k=min(len(times), dice.randint(0, 3))))
        for code in ("200", "500"):
            begin, end = dice.choice([0, 0, 3_000_000]), dice.choice([LENGTH, LENGTH, 6_000_000])
            value, samples, waiting = float(dice.randint(0, 10**6)), [], list(restarts)
            for at in times:
                if waiting and at >= waiting[0]:
                    waiting.pop(0)
                    value = 0.0
                value += dice.choice([0, 1, 5, 0.5, 1000])
                if begin <= at < end or (begin == 0 and at < 0):
                    samples.append((at, math.nan if dice.random() < 0.01 else value))
            out.append(series("r_total", samples, code=code, instance=f"i{instance}", job="j"))
    return out


@settings(max_examples=120)
@given(st.integers(0, 10**9), st.lists(st.integers(1, 199), max_size=12, unique=True))
def test_rows_do_not_depend_on_how_they_are_asked_for(seed: int, cuts: list[int]) -> None:
    range_source = Remembered(*_history(seed))
    edges = [0, *sorted(cuts), 200]
    chunks = list(pairwise(edges))

    async def ask() -> None:
        whole = (await indicator(range_source, **EVENTS).rows(span(0, 200))).rows
        alone = [row for chunk in chunks for row in (await indicator(range_source, **EVENTS).rows(span(*chunk))).rows]
        assert tuple(alone) == whole
        assert tuple(await _rows(indicator(range_source, **EVENTS), chunks)) == whole
        # A walk through the past, and the newest minutes in between, in any order.
        one, dice = indicator(range_source, **EVENTS), random.Random(seed)
        mixed = dice.choices(chunks, k=8) + [(190 + n, 200) for n in range(5)]
        dice.shuffle(mixed)
        for start, end in mixed:
            assert (await one.rows(span(start, end))).rows == whole[start:end]

    asyncio.run(ask())


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.integers(1, 4))
@example(701, 2)
def test_a_refresh_every_minute_comes_to_the_same_with_samples_that_come_late(seed: int, overlap: int) -> None:
    range_source = Remembered(*_history(seed))
    range_source.late = lambda at: hash((seed, at)) % (INTERVAL * 5 // 2)

    async def ask() -> None:
        whole = (await indicator(range_source, **EVENTS).rows(span(0, 200))).rows
        live, kept, start = indicator(range_source, **EVENTS), dict[int, Row](), ZERO
        for now in range(MS + 60_000, MS + LENGTH, 47_000):
            range_source.now = now
            end = max(latest_end(now, INTERVAL), start)
            filled = await live.rows(Span(start, end))
            kept |= {row[0]: row for row in filled.rows}
            start = max(ZERO, settled(now, INTERVAL) - overlap)
        assert [kept[m][:3] for m in range(ZERO, start)] == [row[:3] for row in whole[: start - ZERO]]

    asyncio.run(ask())


async def test_how_long_ago_an_instance_ended_is_judged_the_same_with_carried_samples() -> None:
    """Only scrapes of the others tell that ``gone`` had ended long before ``new`` began."""
    range_source = Remembered(
        series("r_total", ((at, at // 1000) for at in range(0, LENGTH, INTERVAL)), code="200", instance="here"),
        series("r_total", ((at, 20_000) for at in range(0, 2_850_000, INTERVAL)), code="500", instance="gone"),
        series("r_total", ((at, 20_100) for at in range(3_009_000, LENGTH, INTERVAL)), code="500", instance="new"),
    )
    whole = (await indicator(range_source, **EVENTS).rows(span(0, 200))).rows
    live, kept = indicator(range_source, **EVENTS), dict[int, Row]()
    for start in range(40, 60):
        for end in (start + 3, start + 4):
            kept |= {row[0]: row for row in (await live.rows(span(start, end))).rows}
    assert [kept[ZERO + minute] for minute in range(40, 60)] == list(whole[40:60])


async def test_what_was_read_is_not_read_again() -> None:
    range_source = Remembered(
        series("r_total", ((at, at // 1000) for at in range(-LOOKBACK, LENGTH, INTERVAL)), code="200")
    )
    one = indicator(range_source, **EVENTS)
    await one.rows(span(0, 60))
    assert range_source.asked[0][1:] == (MS - LOOKBACK, MS + 60 * 60_000 + 37_500)
    range_source.asked.clear()
    await one.rows(span(60, 120))
    # All but the newest 2.5 intervals before the end of the span before.
    assert range_source.asked[0][1:] == (MS + 60 * 60_000 - 37_500, MS + 120 * 60_000 + 37_500)
    range_source.asked.clear()
    filled = await one.rows(span(117, 121))
    assert range_source.asked[0][1:] == (MS + 120 * 60_000 - 37_500, MS + 121 * 60_000 + 37_500)
    assert filled.samples < 15
    assert filled.rows == (await indicator(range_source, **EVENTS).rows(span(117, 121))).rows


async def test_a_partial_answer_is_neither_kept_nor_carried() -> None:
    counted = [(at, at // 1000) for at in range(-LOOKBACK, LENGTH, INTERVAL)]
    rare = [sample for sample in counted if not 50 * 60_000 < sample[0] < 61 * 60_000]
    whole = Remembered(series("r_total", counted, code="200"), series("r_total", rare, code="500"))
    range_source = Remembered(whole.series[0])
    range_source.notes = ("partial response",)
    one = indicator(range_source, **EVENTS)
    assert (await one.rows(span(0, 60))).notes == ("partial response",)
    range_source.series, range_source.notes = whole.series, ()
    assert (await one.rows(span(60, 62))).rows == (await indicator(whole, **EVENTS).rows(span(60, 62))).rows


async def test_series_that_vanished_are_not_carried_for_ever() -> None:
    """Pods come and go: what is carried is what an hour had."""
    pods = [
        series("r_total", ((at, at) for at in range(n * 300_000, (n + 1) * 300_000, INTERVAL)), pod=str(n))
        for n in range(100)
    ]
    one = indicator(Remembered(*pods), **EVENTS)
    for start in range(0, 500, 20):
        await one.rows(span(start, start + 20))
        assert len(one._counts._carries[0].total) <= 18  # type: ignore[attr-defined]


async def test_a_definition_is_about_what_a_minute_means() -> None:
    range_source = Remembered()
    one = indicator(range_source, **EVENTS)
    assert len(one.definition) == 64
    same = [{**EVENTS, "bad": 'r_total{ code = "500" }'}, dict(EVENTS)]
    assert {indicator(range_source, **each).definition for each in same} == {one.definition}
    others: list[dict[str, object]] = [
        EVENTS | {"total": "q_total"},
        EVENTS | {"bad": 'r_total{code="501"}'},
        {"kind": "events", "total": "r_total", "good": 'r_total{code="500"}'},
        LATENCY,
        LATENCY | {"threshold": "3s"},
        LATENCY | {"interpolate": True},
        SLICES,
        SLICES | {"slice": "2m"},
        SLICES | {"good": "value > 11"},
        SLICES | {"measure": {"value": "reward", "agg": "max"}},
        {"kind": "promql", "bad": "x"},
        {"kind": "promql", "good": "x"},
    ]
    assert len({indicator(range_source, **each).definition for each in others} | {one.definition}) == 13
    slower = Remembered()
    slower.interval_ms = 30_000
    assert indicator(slower, **EVENTS).definition != one.definition
    renamed = SloSpec.model_validate({"id": "y", "objective": "90%", "window": "30d", "sli": EVENTS})
    assert open_indicator(renamed, range_source).definition == one.definition
