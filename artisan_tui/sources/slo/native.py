"""The indicator of kind latency on a native histogram: the server itself says how many events were fast.

A native histogram has no bucket exactly at the threshold, so `histogram_fraction` interpolates: the counts are
estimated. Both counts are read per series as growing totals, and differences of them are counted like any counter. So
no event is counted twice, and a restart is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from artisan_tui.config.slo.spec import LatencySli
from artisan_tui.domain.selector import Matcher
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import BY_MINUTE, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.earlier import Found, with_matchers
from artisan_tui.sources.slo.incremental import Batch, IncrementalCounts
from artisan_tui.sources.slo.indicator import MinuteRows, canonical, digest
from artisan_tui.sources.slo.latency import plain


class NativeLatencyReader:
    """An `Indicator`."""

    def __init__(self, sli: LatencySli, source: RangeSource) -> None:
        threshold = plain(Decimal(str(sli.threshold)))
        histogram = str(sli.histogram)
        self._source = source
        self._total, self._good = _queries(histogram, threshold)
        self._histogram, self._threshold = sli.histogram, threshold
        self._counts = IncrementalCounts(
            source,
            self._fetch,
            self._latest,
            f"no series of {histogram} is a native histogram",
            part_is_good=True,
            correct=growing,
        )
        self.grid = BY_MINUTE
        self.resolution = source.interval_ms / 1000
        self.evidence = Evidence(
            "latency",
            (("histogram", printable(histogram)), ("threshold", f"{threshold} s")),
            estimated=True,
            estimated_why=f"a native histogram has no bucket that ends at {threshold} s: the server interpolates",
            interval_ms=source.interval_ms,
        )
        self.definition = digest(
            "native latency",
            source.interval_ms,
            histogram=canonical(sli.histogram),
            threshold=threshold,
            counts="growth",
        )

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind."""
        return await self._counts.rows(span)

    async def _latest(self, matchers: tuple[Matcher, ...], start: int, end: int) -> Found:
        if start >= end:
            return Found()
        total, good = _queries(
            f"last_over_time({with_matchers(self._histogram, matchers)}[{end - start}ms])", self._threshold
        )
        wholes = await self._source.stepped(total, end - 1, end, 1)
        parts = await self._source.stepped(good, end - 1, end, 1)
        return Found(wholes.series, parts.series, tuple(dict.fromkeys(wholes.notes + parts.notes)))

    async def _fetch(self, start: int, end: int) -> Batch:
        step = self._source.interval_ms
        # The same instants, whichever pieces are read: a sample is known by its time.
        first = -(-start // step) * step
        if first >= end:
            return Batch()
        total = await self._source.stepped(self._total, first, end, step)
        good = await self._source.stepped(self._good, first, end, step)
        return Batch(
            total.series,
            good.series,
            tuple(dict.fromkeys(total.notes + good.notes)),
            tuple(dict.fromkeys(total.remarks + good.remarks)),
            f"1 - {self._good} / {self._total}",
            total.count + good.count,
            estimated=True,
        )


def _queries(histogram: str, threshold: str) -> tuple[str, str]:
    """PromQL for all events and for the fast ones, of an expression that yields native histograms."""
    total = f"histogram_count({histogram})"
    return total, f"histogram_fraction(0, {threshold}, {histogram}) * {total}"


def growing(good: Iterable[CounterSeries], total: Iterable[CounterSeries]) -> tuple[CounterSeries, ...]:
    """``good`` without the steps back of interpolation, which would look like a restart.

    Where buckets are merged, the threshold lies between other bounds, and of a million events thousands change sides. So
    only the growth from one sample to the next counts, which is never more than that of ``total``. At a step back, the
    share of all events stands for it. The growth does not depend on what is read together. The first value, and the
    first one after ``total`` fell, is as it was read. A series may come in several parts: what was carried, and what was
    read.
    """
    wholes = _by_labels(total)
    out = []
    for labels, found in _by_labels(good).items():
        whole = wholes.get(labels, {})
        samples: list[tuple[int, float]] = []
        before, level = (0.0, 0.0), 0.0
        for at, value in sorted(found.items()):
            now = whole.get(at)
            if now is None:
                continue
            value = min(value, now)
            level = value if not samples or now < before[1] else level + _growth(*before, value, now)
            before = (value, now)
            samples.append((at, round(level, 6)))
        out.append(CounterSeries(dict(labels), tuple(samples)))
    return tuple(out)


def _growth(value_before: float, before: float, value: float, now: float) -> float:
    """How many events became good from a sample to the next, of ``now - before`` that came to be."""
    grown = value - value_before
    if grown < -1e-6:
        grown = value / now * (now - before) if now else 0.0
    return min(max(0.0, grown), now - before)


def _by_labels(series: Iterable[CounterSeries]) -> dict[frozenset[tuple[str, str]], dict[int, float]]:
    found: dict[frozenset[tuple[str, str]], dict[int, float]] = {}
    for each in series:
        known = found.setdefault(frozenset(each.labels.items()), {})
        for at, value in each.samples:
            known[at] = max(value, known.get(at, value))
    return found
