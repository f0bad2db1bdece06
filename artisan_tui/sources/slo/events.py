"""Good events of all events, from two counters."""

from __future__ import annotations

from artisan_tui.config.slo.spec import EventsSli
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import BY_MINUTE, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.indicator import Filled, canonical, digest
from artisan_tui.sources.slo.walk import Batch, Walk


class EventsReader:
    """An `Indicator`."""

    def __init__(self, sli: EventsSli, past: RangeSource) -> None:
        part = sli.bad if sli.bad is not None else sli.good
        assert part is not None, "the configuration is refused without either"
        role = "bad" if sli.bad is not None else "good"
        self._past, self._total, self._part = past, sli.total, part
        past.wants_past((sli.total, part), LOOKBACK / 1000)
        self._walk = Walk(past, self._fetch, f"no series matches {sli.total}", part_is_good=role == "good")
        self.grid = BY_MINUTE
        self.resolution = past.interval_ms / 1000
        selectors = (("total", printable(str(sli.total))), (role, printable(str(part))))
        self.evidence = Evidence("events", selectors, interval_ms=past.interval_ms)
        means = {"total": canonical(sli.total), role: canonical(part)}
        self.definition = digest("events", past.interval_ms, **means)

    async def rows(self, span: Span) -> Filled:
        """Raises Blind."""
        return await self._walk.rows(span)

    async def _fetch(self, start: int, end: int) -> Batch:
        total = await self._past.raw(self._total, start, end)
        part = await self._past.raw(self._part, start, end)
        return Batch(
            total.series,
            part.series,
            tuple(dict.fromkeys(total.notes + part.notes)),
            tuple(dict.fromkeys(total.remarks + part.remarks)),
            "; ".join(query for query in (total.query, part.query) if query),
            total.count + part.count,
        )
