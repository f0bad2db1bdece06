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
    Merged,
    count_all,
    event_rows,
    measured,
    merged,
    reach,
    scrape_times,
    uncounted_rows,
)
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import MINUTE_MS, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.earlier import Found, Latest, last_before, unexplained
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
    """The samples before ``until`` that spans starting at ``floor`` or later need. Both in ms since the epoch.

    ``since`` is the time of the first sample that is known of.
    """

    floor: int
    until: int
    since: int
    total: tuple[CounterSeries, ...]
    part: tuple[CounterSeries, ...]


#: Reads the samples in [start, end), in ms since the epoch. Raises Blind.
Fetch = Callable[[int, int], Awaitable[Batch]]


#: The part's series, corrected with those of all events: (part, all) -> part.
Correct = Callable[[Iterable[CounterSeries], Iterable[CounterSeries]], tuple[CounterSeries, ...]]


class IncrementalCounts:
    """Counts spans, and carries samples from one to the next. ``absent`` is the remark if there is no series at all.

    ``correct`` is applied to what was read together with what was carried, so that it sees no end of a piece.
    """

    def __init__(
        self,
        source: RangeSource,
        fetch: Fetch,
        latest: Latest,
        absent: str,
        *,
        part_is_good: bool,
        correct: Correct | None = None,
    ) -> None:
        self._source, self._fetch, self._latest, self._correct = source, fetch, latest, correct
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
        read = await self._source.off_loop(_Read.of, carry, batch, first, self._correct)
        begun = unexplained((read.whole, read.some), span)
        earlier = await last_before(self._latest, begun, first) if begun else Found()
        counted = await self._source.off_loop(
            _count, carry, read, earlier, span, interval, self._correct, part_is_good=self._part_is_good
        )
        notes = tuple(dict.fromkeys(batch.notes + earlier.notes))
        if not notes:
            self._carry_on(carry, counted.carry)
        absent = not (counted.seen or batch.samples or notes)
        remarks = (*batch.remarks, self._absent) if absent else batch.remarks
        return MinuteRows(
            counted.rows,
            notes,
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


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read and carried, of all events and of the part, and the same merged and corrected."""

    total: tuple[CounterSeries, ...]
    part: tuple[CounterSeries, ...]
    whole: Merged
    some: Merged
    some_as_read: Merged

    @classmethod
    def of(cls, carry: CarriedSamples | None, batch: Batch, first: int, correct: Correct | None) -> _Read:
        total = (*_since(carry.total if carry else (), first), *batch.total)
        part = (*_since(carry.part if carry else (), first), *batch.part)
        return cls(total, part, merged(total), *_corrected(part, total, correct))


def _count(
    carry: CarriedSamples | None,
    read: _Read,
    earlier: Found,
    span: Span,
    interval: int,
    correct: Correct | None,
    *,
    part_is_good: bool,
) -> _Counted:
    _, last = reach(span, interval)
    total, part, whole, some, as_read = read.total, read.part, read.whole, read.some, read.some_as_read
    if earlier.total or earlier.part:
        total, part = (*earlier.total, *total), (*earlier.part, *part)
        whole, (some, as_read) = merged(total), _corrected(part, total, correct)
    seen = scrape_times(total, part)
    patience = last - span.end * MINUTE_MS
    since = min((times[0] for times in seen.values() if times), default=span.end * MINUTE_MS)
    since = since if carry is None else min(since, carry.since)
    counts, parts = count_all((whole, some), span, seen, longest_gap=patience, since=since, as_read=(whole, as_read))
    known = measured(seen.values(), span, interval)
    rows = tuple(event_rows(counts, parts, known, span, part_is_good=part_is_good))
    newest = max((times[-1] for times in seen.values() if times), default=None)
    onward = None if newest is None else _carried(total, part, newest, span, last, since)
    doubts = uncounted_rows(counts, parts)
    return _Counted(rows, sum(each[2] for each in doubts), bool(seen), onward, doubts)


def _corrected(
    part: Iterable[CounterSeries], total: Iterable[CounterSeries], correct: Correct | None
) -> tuple[Merged, Merged]:
    """(the part to count, the part as it was read)."""
    as_read = merged(part)
    return (as_read if correct is None else merged(correct(part, total))), as_read


def _since(series: Iterable[CounterSeries], first: int) -> Iterable[CounterSeries]:
    """The samples from ``first`` (ms) on, as a request would return them."""
    for each in series:
        samples = tuple(sample for sample in each.samples if sample[0] >= first)
        if samples:
            yield CounterSeries(each.labels, samples, each.created)


def _carried(
    total: Iterable[CounterSeries], part: Iterable[CounterSeries], newest: int, span: Span, last: int, since: int
) -> CarriedSamples:
    patience = last - span.end * MINUTE_MS
    until = min(span.end * MINUTE_MS, newest) - patience
    # Nothing before this span's own reach was read, so an earlier span cannot use these samples.
    floor = max(span.start, span.end - _AGAIN) * MINUTE_MS
    # Whether a target ended just before is judged by the scrapes of others, up to the longest gap before the change.
    kept = floor - patience
    return CarriedSamples(floor, until, since, _condensed(total, kept, until), _condensed(part, kept, until))


@dataclass(slots=True)
class _Held:
    labels: Mapping[str, str]
    base: tuple[int, float] | None = None
    #: A sample without a number, before all others: the series was there already.
    blank: int | None = None
    samples: dict[int, float] = field(default_factory=dict)
    created: dict[int, int] = field(default_factory=dict)


def _condensed(series: Iterable[CounterSeries], floor: int, until: int) -> tuple[CounterSeries, ...]:
    """Merge the batches of each series: its samples in [floor, until), and the last one before."""
    held: dict[frozenset[tuple[str, str]], _Held] = {}
    for each in series:
        mine = held.setdefault(frozenset(each.labels.items()), _Held(each.labels))
        for at, value in each.samples:
            if at >= until:
                continue
            if not 0 <= value < math.inf:
                mine.blank = at if mine.blank is None else min(at, mine.blank)
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
        if mine.blank is not None and all(at > mine.blank for at, _ in samples):
            samples = ((mine.blank, math.nan), *samples)
        if samples:
            kept = {at for at, _ in samples}
            births = {at: when for at, when in mine.created.items() if at in kept}
            out.append(CounterSeries(mine.labels, samples, births))
    return tuple(out)
