"""The indicator of kind slices: the slices of time in which a measured value met a condition."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from artisan_tui.config.measure import measure_table
from artisan_tui.config.slo.spec import SlicesSli
from artisan_tui.domain.measure import Value, to_promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.slo.counter_deltas import CounterSample, CounterSeries
from artisan_tui.domain.slo.slices import condition_holds, slice_reach, slice_rows
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import MinuteGrid, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.range_source import RangeSamples, RangeSource
from artisan_tui.sources.slo.indicator import MinuteRows, canonical, digest


class SlicesReader:
    """An `Indicator`. A gauge is evaluated from its raw samples, any other measure at the end of each slice."""

    def __init__(self, sli: SlicesSli, source: RangeSource) -> None:
        self._source, self._measure = source, sli.measure
        self._good = condition_holds(sli.good)
        self._query = to_promql(sli.measure)
        self._estimated = not isinstance(sli.measure, Value)
        self.grid = MinuteGrid(slice_ms=max(1, round(sli.slice * 1000)))
        self.resolution = self.grid.slice_ms / 1000
        measure = measure_table(sli.measure)
        if isinstance(sli.measure, Value):
            source.wants_samples((sli.measure.selector,), 2 * self.resolution)
            measure["value"] = canonical(sli.measure.selector)
        self.evidence = Evidence(
            "slices",
            (("measure", printable(self._query)), ("good", printable(sli.good.text))),
            estimated=self._estimated,
            estimated_why=("each slice is evaluated from the value the server estimates at its end")
            if self._estimated
            else "",
            interval_ms=source.interval_ms,
        )
        good = " ".join(sli.good.text.split())
        self.definition = digest("slices", source.interval_ms, measure=measure, good=good, slice=self.grid.slice_ms)

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind."""
        read = await self._read(span)
        agg = self._measure.agg if isinstance(self._measure, Value) else None
        mend = "aggregate it" if self._estimated else 'add agg = "max"'
        samples, remarks = await self._source.off_loop(
            by_slice, read.series, self.grid.slice_ms, agg, f"{printable(self._query, 200)}: {mend}"
        )
        rows = await self._source.off_loop(slice_rows, samples, self._good, span, self.grid)
        if not read.series and self.grid.expected(span):
            remarks = (f"no series matches {printable(self._query, 300)}",)
        return MinuteRows(
            tuple(rows),
            read.notes,
            read.remarks + remarks,
            read.query,
            samples=read.count,
            estimated=self._estimated,
        )

    async def _read(self, span: Span) -> RangeSamples:
        first, end = slice_reach(span, self.grid)
        if isinstance(self._measure, Value):
            return await self._source.raw(self._measure.selector, first, end)
        size = self.grid.slice_ms
        if first + size > end:
            return RangeSamples(query=printable(self._query))
        read = await self._source.stepped(self._query, first + size, end + 1, size)
        return RangeSamples(at_end(read.series), read.notes, read.remarks, read.query)


def at_end(series: Iterable[CounterSeries]) -> tuple[CounterSeries, ...]:
    """Shift the samples by 1 ms into their slices, which are half-open and do not contain their end."""
    return tuple(CounterSeries(each.labels, tuple((at - 1, value) for at, value in each.samples)) for each in series)


def by_slice(
    series: Iterable[CounterSeries], slice_ms: int, agg: str | None, what: str
) -> tuple[list[CounterSample], tuple[str, ...]]:
    """(one sample for each slice, remarks): the last of each series, aggregated. NaN is no sample.

    Without ``agg``, a slice with samples of several series is left out, because it is unknown which one counts. One
    slice is lost when a series replaces another, as with a new pod. ``what`` is the query and the fix, for the
    remark. Raises Blind if every slice has several series.
    """
    last: dict[int, dict[frozenset[tuple[str, str]], CounterSample]] = {}
    for each in series:
        key = frozenset(each.labels.items())
        for sample in each.samples:
            if not math.isnan(sample[1]):
                known = last.setdefault(sample[0] // slice_ms, {})
                known[key] = max(sample, known.get(key, sample))
    if agg is None:
        most = max(map(len, last.values()), default=0)
        clear = {index: known for index, known in last.items() if len(known) == 1}
        if last and not clear:
            raise Blind(Reason.VALUE, f"{most} series, not one, match {what}")
        doubtful = len(last) - len(clear)
        remarks = (f"{doubtful} slices had {most} series, not one, and are excluded; {what}",) if doubtful else ()
        last = clear
    else:
        remarks = ()
    chosen = [
        (index * slice_ms, _aggregated(agg, [value for _, value in known.values()])) for index, known in last.items()
    ]
    return chosen, remarks


def _aggregated(agg: str | None, values: list[float]) -> float:
    """Sums use decimals, so that 0.1 + 0.2 equals 0.3 in a condition."""
    match agg:
        case "max":
            return max(values)
        case "min":
            return min(values)
    whole = sum(values)
    if math.isfinite(whole):
        exact = sum((Decimal(repr(value)) for value in values), Decimal(0))
        return float(exact / len(values)) if agg == "avg" else float(exact)
    return whole
