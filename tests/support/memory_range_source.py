"""A past in memory: one counter of all requests and one of the bad ones, whose minutes are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.range_source import RangeSamples

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class MemoryRangeSource:
    """A scrape every 15 s from ``first`` (minute) up to ``now`` (ms), 25 requests in each, of which ``bad(minute)`` fail
    in the first of a minute. ``answers_at_most``: minutes of one answer; ``down`` and ``partial`` are its faults.
    """

    first: int
    now: int
    bad: Callable[[int], int] = lambda _minute: 0
    interval_ms: int = 15_000
    answers_at_most: int = 10**9
    down: bool = False
    partial: bool = False
    kept: float | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)  #: minutes without a scrape
    _sums: list[int] = field(default_factory=list)

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        """It has everything."""

    async def now_ms(self) -> int:
        self._answer()
        return self.now

    async def retention(self) -> float | None:
        self._answer()
        return self.kept

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        self._answer()
        if end_ms - start_ms > self.answers_at_most * 60_000:
            raise Blind(Reason.TIMEOUT, "too much at once", divisible=True)
        self.asked.append((start_ms, end_ms))
        failing = 'status=~"5' in str(selector)
        low = max(start_ms, self.first * 60_000)
        if self.kept is not None:
            low = max(low, self.now - int(self.kept * 1000))
        samples = tuple(
            (at, float(self._bad_until(at) if failing else (at // self.interval_ms - self.first * 4) * 25))
            for at in range(-(-low // self.interval_ms) * self.interval_ms, min(end_ms, self.now), self.interval_ms)
            if at // 60_000 not in self.hidden
        )
        notes = ("a store gateway did not answer",) if self.partial else ()
        labels = {"job": "api", "instance": "a", "status": "500" if failing else "200"}
        return RangeSamples((CounterSeries(labels, samples),) if samples else (), notes, query=f"{selector}[…]")

    def _bad_until(self, at: int) -> int:
        while len(self._sums) <= at // 60_000 - self.first:
            self._sums.append((self._sums[-1] if self._sums else 0) + self.bad(self.first + len(self._sums)))
        return self._sums[at // 60_000 - self.first]

    def _answer(self) -> None:
        if self.down:
            raise Blind(Reason.REFUSED, "http://prometheus:9090: refused")

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        read = await self.raw(selector, start_ms, end_ms)
        last = ((each, [s for s in each.samples if s[1] >= 0][-1:]) for each in read.series)
        return replace(read, series=tuple(replace(each, samples=tuple(samples)) for each, samples in last if samples))

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        return RangeSamples()

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def truth(self, span: Span) -> tuple[int, int]:
        """(bad, total) in ``span``; the first scrape of all has nothing before it."""
        minutes = range(max(span.start, self.first), span.end)
        total = 100 * len(minutes) - (25 if span.start <= self.first else 0)
        bad = sum(self.bad(minute) for minute in minutes if minute > self.first)
        return bad, total
