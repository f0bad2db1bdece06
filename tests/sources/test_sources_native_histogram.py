"""C12: native histograms, counted from the growing totals that the server makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import open_indicator
from artisan_tui.sources.slo.native import NativeLatencyReader, growing
from support.memory_range_source import MemoryRangeSource

FIRST = 29_000_000
LATENCY = {"kind": "latency", "histogram": "d_seconds", "threshold": "2.5s", "native": True}


@dataclass
class Native(MemoryRangeSource):
    """25 events every 15 s, of which 20 are fast; after ``restart`` (minute) it begins again."""

    restart: int = 10**12
    queries: list[str] = field(default_factory=list)

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        self.queries.append(query)
        each = 20 if "fraction" in query else 25

        def value(at: int) -> float:
            begun = self.restart if at >= self.restart * 60_000 else self.first
            return float((at - begun * 60_000) // 15_000 * each)

        samples = tuple((at, value(at)) for at in range(max(start_ms, self.first * 60_000), end_ms, step_ms))
        labels = {"job": "api", "instance": "a"}
        return RangeSamples((CounterSeries(labels, samples),) if samples else (), query=query)


async def counted(source: Native, span: Span) -> tuple[int, int]:
    spec = SloSpec.model_validate({"id": "api", "objective": "95%", "window": "7d", "sli": LATENCY})
    indicator = open_indicator(spec, source)
    assert isinstance(indicator, NativeLatencyReader)
    assert indicator.evidence.estimated
    middle = (span.start + span.end) // 2
    rows = [
        *(await indicator.rows(Span(span.start, middle))).rows,
        *(await indicator.rows(Span(middle, span.end))).rows,
    ]
    assert all(row[3] for row in rows)
    return sum(row[1] for row in rows), sum(row[2] for row in rows)


async def test_c12_a_native_histogram_is_counted_event_by_event() -> None:
    source = Native(FIRST, (FIRST + 300) * 60_000)
    assert await counted(source, Span(FIRST + 60, FIRST + 160)) == (100 * 20, 100 * 100)
    assert "histogram_fraction(0, 2.5, d_seconds) * histogram_count(d_seconds)" in source.queries


async def test_c12_a_restart_is_one() -> None:
    source = Native(FIRST, (FIRST + 300) * 60_000, restart=FIRST + 100)
    bad, total = await counted(source, Span(FIRST + 60, FIRST + 160))
    assert (bad, total) == (100 * 20 - 5, 100 * 100 - 25)


def test_c12_a_step_back_of_interpolation_is_no_restart() -> None:
    labels = {"job": "api"}
    total = (CounterSeries(labels, ((1, 100.0), (2, 110.0), (3, 120.0), (4, 10.0))),)
    good = (CounterSeries(labels, ((1, 90.4), (2, 89.9), (3, 130.0), (4, 9.0))),)
    assert growing(good, total)[0].samples == ((1, 90.4), (2, 90.4), (3, 120.0), (4, 9.0))
