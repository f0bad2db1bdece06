"""C12: native histograms, counted from the growing totals that the server makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics.matrix import instant
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import open_indicator
from artisan_tui.sources.slo.matching import selectors_of
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


async def test_c1_a_hole_is_bridged_by_a_native_histogram_that_survives() -> None:
    class Hole(Native):
        """Nothing was scraped from minute 100 to minute 250."""

        async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
            low, high = (FIRST + 100) * 60_000, (FIRST + 250) * 60_000
            if "last_over_time" in query:
                read = await super().stepped(query, low - 1, low, 1)
                return RangeSamples(
                    tuple(replace(each, samples=((start_ms, each.samples[-1][1]),)) for each in read.series)
                )
            read = await super().stepped(query, start_ms, end_ms, step_ms)
            shown = ((each, tuple(one for one in each.samples if not low <= one[0] < high)) for each in read.series)
            return RangeSamples(tuple(replace(each, samples=samples) for each, samples in shown if samples))

    source = Hole(FIRST, (FIRST + 400) * 60_000)
    spec = SloSpec.model_validate({"id": "api", "objective": "95%", "window": "7d", "sli": LATENCY})
    filled = await open_indicator(spec, source).rows(Span(FIRST + 240, FIRST + 300))
    assert (sum(row[1] for row in filled.rows), sum(row[2] for row in filled.rows)) == (200 * 20, 200 * 100)
    assert not filled.unclaimed
    assert any("last_over_time(d_seconds{" in query or "last_over_time(d_seconds[" in query for query in source.queries)


def test_c6_a_native_histogram_is_matched_by_its_own_name() -> None:
    spec = SloSpec.model_validate({"id": "api", "objective": "95%", "window": "7d", "sli": LATENCY})
    assert [(role, str(each)) for role, each in selectors_of(spec.sli)] == [("histogram", "d_seconds")]


def test_c6_the_last_value_of_a_native_histogram_is_its_number_of_events() -> None:
    item = {"metric": {"job": "api"}, "histogram": [1.0, {"count": "24", "sum": "30", "buckets": []}]}
    (found,) = instant({"resultType": "vector", "result": [item]}, "d_seconds", 7)
    assert found.samples == ((7, 24.0),)


def test_c12_the_dust_of_a_fraction_is_no_step_back() -> None:
    """100/120 of 120 is less than 100. The next piece does not know what the one before it had."""
    labels = {"job": "api"}
    first = growing((CounterSeries(labels, ((1, 100.0),)),), (CounterSeries(labels, ((1, 110.0),)),))
    then = growing((CounterSeries(labels, ((2, 99.99999999999999),)),), (CounterSeries(labels, ((2, 120.0),)),))
    assert first[0].samples[0][1] == then[0].samples[0][1] == 100.0


def test_c12_a_step_back_of_interpolation_is_no_restart() -> None:
    labels = {"job": "api"}
    total = (CounterSeries(labels, ((1, 100.0), (2, 110.0), (3, 120.0), (4, 10.0))),)
    good = (CounterSeries(labels, ((1, 90.4), (2, 89.9), (3, 130.0), (4, 9.0))),)
    found = growing(good, total)[0].samples
    assert (found[0], found[3]) == ((1, 90.4), (4, 9.0))
    # At the step back, 89.9 of 110 of them; and from the second to the third, no more than there were.
    assert found[1][1] - found[0][1] == pytest.approx(10 * 89.9 / 110)
    assert found[2][1] - found[1][1] == pytest.approx(10.0)


@dataclass
class Merging(Native):
    """Buckets were merged in minute 150: the fraction says ``less`` fast events less from then on."""

    less: float = 2000.0
    relabelled: int = 10**12

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        read = await super().stepped(query, start_ms, end_ms, step_ms)
        series: list[CounterSeries] = []
        for each in read.series:
            samples = [(at, self._less(at, value) if "fraction" in query else value) for at, value in each.samples]
            change = self.relabelled * 60_000
            for version in ("1", "2"):
                found = tuple(one for one in samples if (one[0] >= change) is (version == "2"))
                series += [CounterSeries({**each.labels, "version": version}, found)] if found else []
        return RangeSamples(tuple(series), query=query)

    def _less(self, at: int, value: float) -> float:
        return max(0.0, value - self.less) if at >= (self.first + 150) * 60_000 else value


@pytest.mark.parametrize("piece", [1, 5, 37, 60, 80, 240])
@pytest.mark.parametrize("less", [0.4, 30.0, 2000.0])
@pytest.mark.parametrize("relabelled", [10**12, FIRST + 130, FIRST + 170])
async def test_c12_merged_buckets_are_neither_a_restart_nor_an_outage(piece: int, less: float, relabelled: int) -> None:
    """Whatever pieces are read: a step back at the beginning of one was a new process, in the middle 25 bad minutes."""
    source = Merging(FIRST, (FIRST + 400) * 60_000, less=less, relabelled=relabelled)
    spec = SloSpec.model_validate({"id": "api", "objective": "95%", "window": "7d", "sli": LATENCY})
    indicator, rows, doubts = open_indicator(spec, source), [], 0
    for start in range(FIRST + 70, FIRST + 310, piece):
        filled = await indicator.rows(Span(start, min(start + piece, FIRST + 310)))
        rows += filled.rows
        doubts += filled.unclaimed
    assert len(rows) == 240
    assert abs(sum(row[2] for row in rows) - 240 * 100) <= 1
    assert abs(sum(row[1] for row in rows) - 240 * 20) <= 8
    assert {row[1] for row in rows} <= set(range(18, 29))
    assert not doubts
