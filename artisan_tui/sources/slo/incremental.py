"""Two counters, all events and some of them, walked over forward: what was read is read once.

A minute needs the samples of an hour before it (`counter_deltas.LOOKBACK`), of which only the last of each series
matters. So that is carried from one span to the next, and a span costs what is new in it. The
newest samples are not carried but read anew: others of the same time may still have been on their way.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from artisan_tui.domain.slo.counter_deltas import CounterSeries, counter_deltas, event_rows, measured, reach, sights
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import MINUTE_MS, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.indicator import MinuteRows

#: Minutes before the end of a span that the next one may begin in, and still be cheap: late ones are read again.
_AGAIN = 10
#: Walks at once: the newest minutes, and a hole in the past.
_CARRIES = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request, or some, brought."""

    total: tuple[CounterSeries, ...] = ()
    part: tuple[CounterSeries, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    samples: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class CarriedSamples:
    """What spans that begin at ``floor`` (ms) or later need of the samples before ``until``."""

    floor: int
    until: int
    total: tuple[CounterSeries, ...]
    part: tuple[CounterSeries, ...]


#: Reads what is in [start, end), in ms. Raises Blind.
Fetch = Callable[[int, int], Awaitable[Batch]]


class IncrementalCounts:
    """``absent`` is remarked when nothing was found at all."""

    def __init__(self, source: RangeSource, fetch: Fetch, absent: str, *, part_is_good: bool) -> None:
        self._source, self._fetch = source, fetch
        self._absent, self._part_is_good = printable(absent, 300), part_is_good
        self._carries: tuple[CarriedSamples, ...] = ()

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind."""
        interval = self._source.interval_ms
        first, last = reach(span, interval)
        usable = [each for each in self._carries if each.floor <= span.start * MINUTE_MS]
        carry = max(usable, key=lambda each: each.until, default=None)
        begin = first if carry is None else min(max(first, carry.until), last)
        batch = await self._fetch(begin, last)
        counted = await self._source.off_loop(_count, carry, batch, span, interval, part_is_good=self._part_is_good)
        if not batch.notes:
            self._carry_on(carry, counted.carry)
        absent = not (counted.seen or batch.samples or batch.notes)
        remarks = (*batch.remarks, self._absent) if absent else batch.remarks
        return MinuteRows(
            counted.rows, batch.notes, remarks, batch.query, counted.unclaimed, batch.samples, batch.estimated
        )

    def _carry_on(self, used: CarriedSamples | None, new: CarriedSamples | None) -> None:
        """``new`` takes the place of ``used``, else the oldest one's: that walk is over, the newest minutes go on."""
        others = sorted((each for each in self._carries if each is not used), key=lambda each: -each.until)
        self._carries = ((new,) if new is not None else ()) + tuple(others[: _CARRIES - 1])


@dataclass(frozen=True, slots=True)
class _Counted:
    rows: tuple[Row, ...]
    unclaimed: int
    seen: bool
    carry: CarriedSamples | None


def _count(carry: CarriedSamples | None, batch: Batch, span: Span, interval: int, *, part_is_good: bool) -> _Counted:
    first, last = reach(span, interval)
    total = (*_since(carry.total if carry else (), first), *batch.total)
    part = (*_since(carry.part if carry else (), first), *batch.part)
    seen = sights(total, part)
    whole, some = counter_deltas(total, span, seen), counter_deltas(part, span, seen)
    known = measured(seen.values(), span, interval)
    rows = tuple(event_rows(whole, some, known, span, part_is_good=part_is_good))
    newest = max((times[-1] for times in seen.values() if times), default=None)
    onward = None if newest is None else _carried(total, part, newest, span, last)
    return _Counted(rows, sum(whole.unclaimed.values()), bool(seen), onward)


def _since(series: Iterable[CounterSeries], first: int) -> Iterable[CounterSeries]:
    """Only what a read from ``first`` on would have brought."""
    for each in series:
        samples = tuple(sample for sample in each.samples if sample[0] >= first)
        if samples:
            yield CounterSeries(each.labels, samples, each.created)


def _carried(
    total: Iterable[CounterSeries], part: Iterable[CounterSeries], newest: int, span: Span, last: int
) -> CarriedSamples:
    patience = last - span.end * MINUTE_MS
    until = min(span.end * MINUTE_MS, newest) - patience
    # Nothing before this span's own reach was read, so an earlier one cannot be served.
    floor = max(span.start, span.end - _AGAIN) * MINUTE_MS
    return CarriedSamples(floor, until, _condensed(total, floor, until), _condensed(part, floor, until))


@dataclass(slots=True)
class _Held:
    labels: Mapping[str, str]
    base: tuple[int, float] | None = None
    samples: dict[int, float] = field(default_factory=dict)
    created: dict[int, int] = field(default_factory=dict)


def _condensed(series: Iterable[CounterSeries], floor: int, until: int) -> tuple[CounterSeries, ...]:
    """Each series once: its samples in [floor, until) and the last before them."""
    held: dict[frozenset[tuple[str, str]], _Held] = {}
    for each in series:
        mine = held.setdefault(frozenset(each.labels.items()), _Held(each.labels))
        for at, value in each.samples:
            if at >= until or not 0 <= value < math.inf:
                continue
            if at >= floor:
                mine.samples[at] = max(value, mine.samples.get(at, value))
            elif mine.base is None or (at, value) > mine.base:
                mine.base = (at, value)
        for at, when in each.created.items():
            mine.created[at] = max(when, mine.created.get(at, when))
    out = []
    for mine in held.values():
        samples = ((mine.base,) if mine.base else ()) + tuple(mine.samples.items())
        if samples:
            kept = {at for at, _ in samples}
            births = {at: when for at, when in mine.created.items() if at in kept}
            out.append(CounterSeries(mine.labels, samples, births))
    return tuple(out)
