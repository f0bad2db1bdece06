"""Indicators over a range source that the test holds: the same rows however they are asked for, and only what is needed."""

from __future__ import annotations

import asyncio
import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import LOOKBACK, CounterSample, CounterSeries
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span, latest_end, settled
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import Indicator, MinuteRows, Unmeasurable, open_indicator
from artisan_tui.sources.slo.latency import spellings

INTERVAL = 15_000
ZERO = 1_000_000  # the minute that histories begin in
MS = ZERO * 60_000


class Remembered:
    """A `RangeSource` that holds what it is given. ``now`` and ``late`` hide what a server would not have yet."""

    interval_ms = INTERVAL

    def __init__(self, *series: CounterSeries) -> None:
        self.series = list(series)
        self.asked: list[tuple[str, int, int]] = []
        self.wanted: dict[str, float] = {}
        self.now: float = math.inf
        self.late: Callable[[int], int] = lambda at: 0
        self.notes: tuple[str, ...] = ()
        self.steps: Callable[[str, int], float | None] | Sequence[CounterSeries] = ()

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        self.wanted |= {str(each): seconds for each in selectors}

    async def now_ms(self) -> int:
        return int(self.now)

    async def retention(self) -> float | None:
        return None

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        self.asked.append((str(selector), start_ms, end_ms))
        found = []
        for each in self.series:
            labels = dict(each.labels)
            if selector.matches(labels.pop("__name__"), labels):
                samples = tuple(s for s in each.samples if start_ms <= s[0] < end_ms and self._there(s[0]))
                if samples:
                    found.append(CounterSeries(each.labels, samples, each.created))
        return RangeSamples(tuple(found), self.notes, (), str(selector))

    def _there(self, at: int) -> bool:
        return at + self.late(at) <= self.now

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        read = await self.raw(selector, start_ms, end_ms)
        last = ((each, [s for s in each.samples if s[1] >= 0][-1:]) for each in read.series)
        return replace(read, series=tuple(replace(each, samples=tuple(samples)) for each, samples in last if samples))

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        self.asked.append((query, start_ms, end_ms))
        times = range(start_ms, end_ms, step_ms)
        if callable(self.steps):
            points = tuple((at, value) for at in times if (value := self.steps(query, at)) is not None)
            return RangeSamples((CounterSeries({}, points),) if points else (), self.notes, (), query)
        found = [CounterSeries(each.labels, tuple(s for s in each.samples if s[0] in times)) for each in self.steps]
        return RangeSamples(tuple(found), self.notes, (), query)

    async def off_loop(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return work(*args, **kwargs)

    async def aclose(self) -> None: ...


def series(name: str, samples: Iterable[CounterSample], **labels: str) -> CounterSeries:
    """Times are in ms after the beginning."""
    return CounterSeries({"__name__": name, **labels}, tuple((MS + at, value) for at, value in samples))


def slo(**sli: object) -> SloSpec:
    return SloSpec.model_validate({"id": "x", "objective": "99%", "window": "7d", "sli": sli})


def indicator(range_source: Remembered, **sli: object) -> Indicator:
    return open_indicator(slo(**sli), range_source)


def span(start: int, end: int) -> Span:
    return Span(ZERO + start, ZERO + end)


def by_minute(filled: MinuteRows) -> dict[int, tuple[int, int, int]]:
    return {minute - ZERO: (bad, total, seen) for minute, bad, total, seen in filled.rows if seen or bad or total}


EVENTS: dict[str, object] = {"kind": "events", "total": "r_total", "bad": 'r_total{code="500"}'}
GOOD: dict[str, object] = {"kind": "events", "total": "r_total", "good": 'r_total{code="200"}'}
LATENCY: dict[str, object] = {"kind": "latency", "histogram": "d_seconds", "threshold": "2.5s"}
SLICES: dict[str, object] = {"kind": "slices", "measure": {"value": "reward"}, "good": "value > 10.0"}


# -- counters ---------------------------------------------------------------------------


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


LENGTH = 200 * 60_000


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


async def _rows(of: Indicator, chunks: Iterable[tuple[int, int]]) -> list[Row]:
    return [row for chunk in chunks for row in (await of.rows(span(*chunk))).rows]


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


# -- latency ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "same", "others"),
    [
        ("2.5", ["2.5", "2.50", "2.5e0", "2.5E+00"], ["25", "2.51", "12.5", "2x5", "2.5e1"]),
        ("1", ["1", "1.0", "1e+00", "1.0E0"], ["10", "11", "0.1", "1.5", "1e1", ""]),
        ("1000000", ["1e+06", "1000000", "1000000.0", "1.0E6"], ["1e+05", "100000", "10000000"]),
        ("0.00025", ["0.00025", "2.5e-04", "2.5E-4", ".00025"], ["0.0025", "2.5e-05", "2.5e+04"]),
        ("Infinity", ["+Inf", "Inf"], ["1", "-Inf"]),
    ],
)
def test_a_bound_in_all_its_spellings(bound: str, same: list[str], others: list[str]) -> None:
    pattern = re.compile(spellings(Decimal(bound)))
    assert [each for each in same if not pattern.fullmatch(each)] == []
    assert [each for each in others if pattern.fullmatch(each)] == []


def histogram(
    shares: dict[str, float], *, start: int = -LOOKBACK, end: int = LENGTH, **labels: str
) -> list[CounterSeries]:
    """100 events a minute; ``shares`` of them in or below each bucket."""
    times = range(start, end, INTERVAL)
    return [
        series("d_seconds_bucket", ((at, share * (at + LOOKBACK) / 600) for at in times), le=le, **labels)
        for le, share in shares.items()
    ]


async def test_latency_reads_two_buckets_whatever_their_spelling() -> None:
    range_source = Remembered(
        *histogram({"1": 0.2, "2.5": 0.9, "+Inf": 1}, mode="a"), *histogram({"2.50": 0.5, "+Inf": 1}, mode="b")
    )
    filled = await indicator(range_source, **LATENCY).rows(span(0, 3))
    assert by_minute(filled) == {minute: (60, 200, 1) for minute in range(3)}
    assert not filled.estimated
    assert len(range_source.asked) == 1
    assert 'le=~"' in range_source.asked[0][0]
    assert filled.samples < 4 * 64 * 4 + 20  # the bucket at 1 s did not come


async def test_a_missing_bucket_names_those_there_are_and_the_mend() -> None:
    range_source = Remembered(*histogram({"1.0": 0.2, "2.0": 0.8, "5": 0.95, "10": 1, "+Inf": 1}))
    with pytest.raises(Unmeasurable) as caught:
        await indicator(range_source, **LATENCY).rows(span(0, 60))
    said = caught.value.detail
    assert "no bucket at 2.5 s, only at 1, 2, 5, 10" in said
    assert "interpolate = true" in said
    assert not caught.value.divisible
    # The bounds came from a moment, not from an hour of every bucket.
    _, start, end = range_source.asked[-1]
    assert end - start <= 3 * INTERVAL


async def test_without_its_bucket_in_a_partial_answer_nothing_is_said_about_the_histogram() -> None:
    range_source = Remembered(*histogram({"1": 0.2, "+Inf": 1}))
    range_source.notes = ("store timed out",)
    assert (await indicator(range_source, **LATENCY).rows(span(0, 2))).notes == ("store timed out",)
    assert len(range_source.asked) == 1


async def test_before_a_bucket_was_added_nothing_was_measured() -> None:
    changed = 100 * 60_000
    before = histogram({"1": 0.2, "+Inf": 1}, end=changed)
    range_source = Remembered(*before, *histogram({"1": 0.2, "2.5": 0.5, "+Inf": 1}, start=changed))
    one = indicator(range_source, **LATENCY)
    assert by_minute(await one.rows(span(150, 152))) == {150: (50, 100, 1), 151: (50, 100, 1)}
    filled = await one.rows(span(10, 40))
    assert by_minute(filled) == {}
    assert "no bucket at 2.5 s" in filled.remarks[0]
    with pytest.raises(Unmeasurable):  # nobody has seen the bucket yet
        await indicator(range_source, **LATENCY).rows(span(10, 40))


async def test_between_two_buckets_is_a_guess_and_says_so() -> None:
    range_source = Remembered(*histogram({"0.5": 0.1, "1": 0.2, "2": 0.8, "4": 1, "+Inf": 1}))
    one = indicator(range_source, **LATENCY, interpolate=True)
    filled = await one.rows(span(0, 2))
    assert filled.estimated
    assert [row[2] for row in filled.rows] == [100, 100]
    assert [row[1] for row in filled.rows] == pytest.approx([15, 15], abs=1)  # 80 + (2.5-2)/(4-2) of 20 are fast
    asked = len(range_source.asked)
    await one.rows(span(2, 3))
    assert range_source.asked[asked][0].count("|") >= 5  # the neighbours are known by now
    exact = Remembered(*histogram({"2.5": 0.5, "+Inf": 1}))
    filled = await indicator(exact, **LATENCY, interpolate=True).rows(span(0, 2))
    assert not filled.estimated
    assert len(exact.asked) == 1
    for shares in ({"1": 0.2, "+Inf": 1}, {"1": 0.5, "2": 0.6, "+Inf": 1}):
        with pytest.raises(Unmeasurable) as caught:
            await indicator(Remembered(*histogram(shares)), **LATENCY, interpolate=True).rows(span(0, 2))
        assert "interpolate" not in caught.value.detail


@settings(max_examples=40)
@given(st.booleans(), st.lists(st.integers(1, 59), max_size=6, unique=True), st.booleans())
def test_latency_in_chunks(interpolate: bool, cuts: list[int], some_lack_it: bool) -> None:
    shares = {"2": 0.61, "4": 0.97, "+Inf": 1.0} | ({} if interpolate else {"2.5": 0.8})
    found = histogram(shares, mode="a")
    if some_lack_it:
        found += histogram({"9": 0.5, "+Inf": 1}, start=1_000_000, mode="b")
    range_source = Remembered(*found)
    edges = [0, *sorted(cuts), 60]
    chunks = list(pairwise(edges))

    async def ask() -> None:
        whole = (await indicator(range_source, **LATENCY, interpolate=interpolate).rows(span(0, 60))).rows
        assert sum(row[2] for row in whole) > 5900
        one = indicator(range_source, **LATENCY, interpolate=interpolate)
        assert tuple(await _rows(one, chunks)) == whole

    asyncio.run(ask())


async def test_a_histogram_without_its_last_bucket_is_told_from_one_that_is_not_there() -> None:
    filled = await indicator(Remembered(*histogram({"2.5": 1})), **LATENCY).rows(span(0, 1))
    assert filled.remarks == ('d_seconds_bucket has no bucket with le="+Inf": it is not a histogram\'s',)
    filled = await indicator(Remembered(), **LATENCY).rows(span(0, 1))
    assert filled.remarks == ("no series matches d_seconds_bucket",)


# -- slices -----------------------------------------------------------------------------


async def test_a_slice_is_evaluated_by_its_last_sample() -> None:
    range_source = Remembered(
        series("reward", [(0, 12), (45_000, 10), (61_000, 9), (119_999, 10.1), (180_000, math.nan)])
    )
    filled = await indicator(range_source, **SLICES).rows(span(0, 4))
    assert by_minute(filled) == {0: (1, 1, 1), 1: (0, 1, 1)}
    assert filled.remarks == ()


async def test_longer_slices_end_in_a_minute() -> None:
    range_source = Remembered(series("reward", [(0, 12), (299_999, 9), (300_000, 12)]))
    one = indicator(range_source, **SLICES, slice="5m")
    assert one.resolution == 300
    assert one.grid.expected(span(0, 10)) == 2
    assert by_minute(await one.rows(span(4, 5))) == {4: (1, 1, 1)}
    assert by_minute(await one.rows(span(0, 10))) == {4: (1, 1, 1), 9: (0, 1, 1)}


@pytest.mark.parametrize(
    ("agg", "good", "bad"),
    [("max", "value == 7", 0), ("min", "value == 0.1", 0), ("sum", "value == 7.3", 0), ("avg", "value > 2.4", 0)],
)
async def test_series_are_aggregated_slice_by_slice(agg: str, good: str, bad: int) -> None:
    range_source = Remembered(
        series("reward", [(0, 99), (30_000, 0.1)], pod="a"),
        series("reward", [(1_000, 0.2)], pod="b"),
        series("reward", [(59_000, 7)], pod="c"),
    )
    sli = {"kind": "slices", "measure": {"value": "reward", "agg": agg}, "good": good}
    assert by_minute(await indicator(range_source, **sli).rows(span(0, 1))) == {0: (bad, 1, 1)}


async def test_one_series_may_follow_another_but_two_at_once_need_an_aggregate() -> None:
    old, new = (
        series("reward", [(at, 12) for at in range(0, 150_000, 15_000)], pod="old"),
        series("reward", [(at, 12) for at in range(160_000, 300_000, 15_000)], pod="new"),
    )
    filled = await indicator(Remembered(old, new), **SLICES).rows(span(0, 5))
    assert sorted(by_minute(filled)) == [0, 1, 3, 4]
    assert "1 slices had 2 series" in filled.remarks[0]
    both = Remembered(old, series("reward", [(at + 7000, 12) for at in range(0, 150_000, 15_000)], pod="other"))
    with pytest.raises(Blind) as caught:
        await indicator(both, **SLICES).rows(span(0, 2))
    assert caught.value.reason is Reason.VALUE
    assert 'add agg = "max"' in caught.value.detail


async def test_a_measure_over_a_window_is_asked_for_at_the_end_of_each_slice() -> None:
    range_source = Remembered()
    known = {1: 0.5, 2: 0.001, 3: math.nan}
    range_source.steps = lambda _query, at: known.get((at - MS) // 60_000)
    sli = {
        "kind": "slices",
        "measure": {"ratio": 'r{code="500"}', "of": "r", "window": "5m"},
        "good": "value < 0.01",
    }
    one = indicator(range_source, **sli)
    assert one.evidence.estimated
    filled = await one.rows(span(0, 4))
    assert by_minute(filled) == {0: (1, 1, 1), 1: (0, 1, 1)}
    assert filled.estimated
    (query, start, end) = range_source.asked[0]
    assert query.startswith("(sum(rate(r{")
    assert (start, end) == (MS + 60_000, MS + 240_001)
    longer = indicator(range_source, **sli, slice="5m")
    assert (await longer.rows(span(1, 3))).rows == ((ZERO + 1, 0, 0, 0), (ZERO + 2, 0, 0, 0))
    assert len(range_source.asked) == 1  # no slice ends there


# -- shares -----------------------------------------------------------------------------


async def test_a_share_weighs_a_minute() -> None:
    range_source = Remembered()
    known = {1: 0.25, 2: math.nan, 3: 1.5, 4: -1e-12, 6: math.inf}
    range_source.steps = lambda _query, at: known.get((at - MS) // 60_000)
    filled = await indicator(range_source, kind="promql", bad="bad_share").rows(span(0, 6))
    m = 1_000_000
    assert by_minute(filled) == {0: (m // 4, m, 1), 2: (m, m, 1), 3: (0, m, 1)}
    assert filled.estimated
    assert filled.remarks == (
        "2 minutes had a share outside 0 to 1, such as 1.5: clamped to it, or excluded where infinite",
    )
    filled = await indicator(range_source, kind="promql", good="good_share").rows(span(0, 2))
    assert by_minute(filled) == {0: (m - m // 4, m, 1)}


async def test_shares_of_several_series_are_no_share() -> None:
    range_source = Remembered()
    range_source.steps = [series("s", [(60_000, 0.1), (120_000, 0.1)], pod=pod) for pod in "ab"]
    with pytest.raises(Blind) as caught:
        await indicator(range_source, kind="promql", bad="s").rows(span(0, 2))
    assert caught.value.reason is Reason.VALUE
    assert "aggregate it" in caught.value.detail


async def test_what_is_shown_is_printable() -> None:
    range_source = Remembered()
    one = indicator(range_source, kind="events", total='r{a="\x1b[31m"}', bad="b")
    assert all(text.isprintable() for _, text in one.evidence.selectors)
    filled = await one.rows(span(0, 1))
    assert filled.remarks[0].isprintable()
