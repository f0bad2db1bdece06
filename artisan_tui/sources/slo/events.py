"""The indicator of kind events: good or bad events and all events, from two counters."""

from __future__ import annotations

from artisan_tui.config.slo.spec import EventsSli
from artisan_tui.domain.selector import Matcher
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import BY_MINUTE, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo.earlier import Found, with_matchers
from artisan_tui.sources.slo.incremental import Batch, IncrementalCounts
from artisan_tui.sources.slo.indicator import MinuteRows, canonical, digest


class EventsReader:
    """An `Indicator`."""

    def __init__(self, sli: EventsSli, source: RangeSource) -> None:
        part = sli.bad if sli.bad is not None else sli.good
        assert part is not None, "the configuration is refused without either"
        role = "bad" if sli.bad is not None else "good"
        self._source, self._total, self._part = source, sli.total, part
        source.wants_samples((sli.total, part), LOOKBACK / 1000)
        self._counts = IncrementalCounts(
            source, self._fetch, self._latest, f"no series matches {sli.total}", part_is_good=role == "good"
        )
        self.grid = BY_MINUTE
        self.resolution = source.interval_ms / 1000
        selectors = (("total", printable(str(sli.total))), (role, printable(str(part))))
        self.evidence = Evidence("events", selectors, interval_ms=source.interval_ms)
        means = {"total": canonical(sli.total), role: canonical(part)}
        self.definition = digest("events", source.interval_ms, **means)

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind."""
        return await self._counts.rows(span)

    async def _latest(self, matchers: tuple[Matcher, ...], start: int, end: int) -> Found:
        total = await self._source.latest(with_matchers(self._total, matchers), start, end)
        part = await self._source.latest(with_matchers(self._part, matchers), start, end)
        return Found(total.series, part.series, tuple(dict.fromkeys(total.notes + part.notes)))

    async def _fetch(self, start: int, end: int) -> Batch:
        total = await self._source.raw(self._total, start, end)
        part = await self._source.raw(self._part, start, end)
        return Batch(
            total.series,
            part.series,
            tuple(dict.fromkeys(total.notes + part.notes)),
            tuple(dict.fromkeys(total.remarks + part.remarks)),
            "\n".join(query for query in (total.query, part.query) if query),
            total.count + part.count,
        )
