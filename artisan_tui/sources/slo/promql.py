"""The indicator of kind promql: a query returns the share of good or bad events at the end of each minute."""

from __future__ import annotations

import math
from collections.abc import Iterable

from artisan_tui.config.slo.spec import PromqlSli
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import BY_MINUTE, MINUTE_MS, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.indicator import MinuteRows, digest
from artisan_tui.sources.slo.slices import at_end, by_slice

#: The number of events that every minute counts as, because the query returns no counts.
WHOLE = 1_000_000
#: How far outside of 0 to 1 a share may be because of rounding.
_ROUNDING = 1e-9


class RatioReader:
    """An `Indicator`."""

    def __init__(self, sli: PromqlSli, source: RangeSource) -> None:
        query = sli.bad if sli.bad is not None else sli.good
        assert query is not None, "the configuration is refused without either"
        role = "bad" if sli.bad is not None else "good"
        self._source, self._query, self._good = source, query, role == "good"
        self.grid = BY_MINUTE
        self.resolution = MINUTE_MS / 1000
        self.evidence = Evidence(
            "promql",
            ((role, printable(query)),),
            printable(query),
            estimated=True,
            estimated_why="the query returns a ratio, not a count: every minute has the same weight",
            interval_ms=source.interval_ms,
        )
        self.definition = digest("promql", source.interval_ms, **{role: query}, whole=WHOLE)

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind."""
        start, end = (span.start + 1) * MINUTE_MS, span.end * MINUTE_MS + 1
        read = await self._source.stepped(self._query, start, end, MINUTE_MS)
        rows, remarks = await self._source.off_loop(_rows, read.series, span, self._good)
        if not read.series and len(span):
            remarks = ("the query returned no data",)
        return MinuteRows(rows, read.notes, read.remarks + remarks, read.query, samples=read.count, estimated=True)


def _rows(series: Iterable[CounterSeries], span: Span, good: bool) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """(rows, remarks). Raises Blind."""
    samples, remarks = by_slice(at_end(series), MINUTE_MS, None, "the query: aggregate it")
    bad: dict[int, int] = {}
    beyond: list[float] = []
    for at, share in samples:
        if not math.isfinite(share):
            beyond.append(share)
            continue
        if not -_ROUNDING <= share <= 1 + _ROUNDING:
            beyond.append(share)
        counted = round(min(max(share, 0.0), 1.0) * WHOLE)
        bad[at // MINUTE_MS] = WHOLE - counted if good else counted
    if beyond:
        what = f"{len(beyond)} minutes had a share outside 0 to 1, such as {beyond[0]:.6g}"
        remarks += (f"{what}: clamped to it, or excluded where infinite",)
    minutes = range(span.start, span.end)
    return tuple((m, bad[m], WHOLE, 1) if m in bad else (m, 0, 0, 0) for m in minutes), remarks
