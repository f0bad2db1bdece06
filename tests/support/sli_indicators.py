"""A range source that a test holds, and indicators over it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSample, CounterSeries
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import Indicator, MinuteRows, open_indicator

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


LATENCY: dict[str, object] = {"kind": "latency", "histogram": "d_seconds", "threshold": "2.5s"}
SLICES: dict[str, object] = {"kind": "slices", "measure": {"value": "reward"}, "good": "value > 10.0"}
LENGTH = 200 * 60_000


async def _rows(of: Indicator, chunks: Iterable[tuple[int, int]]) -> list[Row]:
    return [row for chunk in chunks for row in (await of.rows(span(*chunk))).rows]
