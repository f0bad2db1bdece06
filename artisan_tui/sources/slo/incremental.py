"""Count two counters (all events, and the good or bad ones) span by span, without reading samples twice.

A minute needs the samples of `counter_deltas.LOOKBACK` before it, but of those only the last per series. These are
carried from one span to the next, so a span costs only its new samples. The newest samples are not carried but read
again, because other samples of the same time may still have been missing.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from artisan_tui.domain.slo.counter_deltas import (
    CounterSeries,
    counter_deltas,
    event_rows,
    measured,
    reach,
    scrape_times,
    uncounted_rows,
)
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import MINUTE_MS, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.indicator import MinuteRows

#: Minutes before a span's end in which the next span may start and still use the carried samples. Late minutes are read
#: again.
_AGAIN = 10
#: Parallel sequences of spans: the newest minutes, and one gap in the history.
_CARRIES = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of one or more requests."""

    total: tuple[CounterSeries, ...] = ()
    part: tuple[CounterSeries, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    samples: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class CarriedSamples:
    """The samples before ``until`` that spans starting at ``floor`` or later need. Both in ms since the epoch."""

    floor: int
    until: int
    total: tuple[CounterSeries, ...]
    part: tuple[CounterSeries, ...]


#: Reads the samples in [start, end), in ms since the epoch. Raises Blind.
Fetch = Callable[[int, int], Awaitable[Batch]]


class IncrementalCounts:
    """Counts spans, and carries samples from one to the next. ``absent`` is the remark if there is no series at all."""

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
            counted.rows,
            batch.notes,
            remarks,
            batch.query,
            counted.unclaimed,
            batch.samples,
            batch.estimated,
            counted.uncounted,
        )

    def _carry_on(self, used: CarriedSamples | None, new: CarriedSamples | None) -> None:
        """``new`` replaces ``used``, or else the oldest one: its sequence has ended, the newest minutes continue."""
        others = sorted((each for each in self._carries if each is not used), key=lambda each: -each.until)
        self._carries = ((new,) if new is not None else ()) + tuple(others[: _CARRIES - 1])


@dataclass(frozen=True, slots=True)
class _Counted:
    rows: tuple[Row, ...]
    unclaimed: int
    seen: bool
    carry: CarriedSamples | None
    uncounted: tuple[Row, ...] = ()


def _count(carry: CarriedSamples | None, batch: Batch, span: Span, interval: int, *, part_is_good: bool) -> _Counted:
    first, last = reach(span, interval)
    total = (*_since(carry.total if carry else (), first), *batch.total)
    part = (*_since(carry.part if carry else (), first), *batch.part)
    seen = scrape_times(total, part)
    whole, some = counter_deltas(total, span, seen), counter_deltas(part, span, seen)
    known = measured(seen.values(), span, interval)
    rows = tuple(event_rows(whole, some, known, span, part_is_good=part_is_good))
    newest = max((times[-1] for times in seen.values() if times), default=None)
    onward = None if newest is None else _carried(total, part, newest, span, last)
    doubts = uncounted_rows(whole, some, seen, part_is_good=part_is_good)
    return _Counted(rows, sum(each[2] for each in doubts), bool(seen), onward, doubts)


def _since(series: Iterable[CounterSeries], first: int) -> Iterable[CounterSeries]:
    """The samples from ``first`` (ms) on, as a request would return them."""
    for each in series:
        samples = tuple(sample for sample in each.samples if sample[0] >= first)
        if samples:
            yield CounterSeries(each.labels, samples, each.created)


def _carried(
    total: Iterable[CounterSeries], part: Iterable[CounterSeries], newest: int, span: Span, last: int
) -> CarriedSamples:
    patience = last - span.end * MINUTE_MS
    until = min(span.end * MINUTE_MS, newest) - patience
    # Nothing before this span's own reach was read, so an earlier span cannot use these samples.
    floor = max(span.start, span.end - _AGAIN) * MINUTE_MS
    return CarriedSamples(floor, until, _condensed(total, floor, until), _condensed(part, floor, until))


@dataclass(slots=True)
class _Held:
    labels: Mapping[str, str]
    base: tuple[int, float] | None = None
    samples: dict[int, float] = field(default_factory=dict)
    created: dict[int, int] = field(default_factory=dict)


def _condensed(series: Iterable[CounterSeries], floor: int, until: int) -> tuple[CounterSeries, ...]:
    """Merge the batches of each series: its samples in [floor, until), and the last one before."""
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
