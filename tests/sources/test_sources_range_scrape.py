"""What the embedded scraper remembers: every sample at one wall-clock time for good, whatever the clock does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.metrics import Metrics
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics import open_range_source
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from artisan_tui.sources.slo import open_indicator
from support.scraping import MetricsPage
from support.servers import free_port, talking

EVERY = 15.0
ZERO = 29_000_000  # a minute since the epoch
TOTAL = parse_selector("r_total")
EVENTS: dict[str, object] = {"kind": "events", "total": "r_total", "bad": 'r_total{code="500"}'}


class Rig:
    """Two clocks in the test's hands: ``wall`` may be set, the monotonic one only goes on."""

    def __init__(self, page: MetricsPage, *urls: str) -> None:
        self.page, self.wall = page, ZERO * 60.0
        metrics = Metrics(scrape=urls, every=EVERY, timeout=1.0)
        self.backend = ScrapeBackend(metrics, page.clock, lambda: self.wall)

    async def scrape(self, text: str = "", after: float = EVERY) -> None:
        self.page.text(text)
        self.page.now += after
        self.wall += after
        await self.backend.refresh()

    async def samples(self, selector: str = "r_total") -> list[tuple[int, float]]:
        """(ms after the beginning, value)"""
        read = await self.backend.raw(parse_selector(selector), 0, 2**60)
        return sorted((at - ZERO * 60_000, value) for each in read.series for at, value in each.samples)


@asynccontextmanager
async def rigged(*wanted: str, path: str = "/metrics") -> AsyncIterator[Rig]:
    page = MetricsPage()
    async with talking(page.talk) as port:
        rig = Rig(page, f"http://127.0.0.1:{port}{path}")
        rig.backend.wants_samples(map(parse_selector, wanted), 0)
        try:
            yield rig
        finally:
            await rig.backend.aclose()


def slo(**sli: object) -> SloSpec:
    return SloSpec.model_validate({"id": "x", "objective": "99%", "window": "7d", "sli": sli})


async def test_counts_over_a_restart_and_a_birth() -> None:
    async with rigged() as rig:
        one = open_indicator(slo(**EVENTS), rig.backend)
        assert isinstance(rig.backend, RangeSource)
        await rig.scrape('r_total{code="200"} 1000\n')
        await rig.scrape('r_total{code="200"} 1020\n')
        await rig.scrape('r_total{code="200"} 1020\nr_total{code="500"} 10\n')  # born with ten errors
        await rig.scrape('r_total{code="200"} 5\n')  # restarted
        await rig.scrape('r_total{code="200"} 8\nr_total{code="500"} 2\n')
        filled = await one.rows(Span(ZERO, ZERO + 2))
        assert filled.rows == ((ZERO, 10, 30, 1), (ZERO + 1, 2, 10, 1))
        assert filled.unclaimed == 1000
        assert (filled.notes, filled.remarks) == ((), ())


async def test_created_tells_a_restart_that_the_value_hides() -> None:
    async with rigged() as rig:
        one = open_indicator(slo(**EVENTS), rig.backend)
        began = ZERO * 60
        await rig.scrape(f"r_total 100\nr_created {began - 5000}\n")
        await rig.scrape(f"r_total 110\nr_created {began + 20}\n")
        await rig.scrape(f"r_total 111\nr_created {began + 20}\n")
        await rig.scrape("r_total 112\nr_created NaN\n")
        assert (await one.rows(Span(ZERO, ZERO + 2))).rows[0][2] == 111
        latency = slo(kind="latency", histogram="d", threshold="1s")
        two = open_indicator(latency, rig.backend)
        page = 'd_bucket{{le="1.0"}} {0}\nd_bucket{{le="+Inf"}} {0}\nd_created {1}\n'
        await rig.scrape(page.format(50, began - 5000))
        await rig.scrape(page.format(60, rig.wall))
        assert sum(row[2] for row in (await two.rows(Span(ZERO, ZERO + 3))).rows) == 60


async def test_times_stay_what_they_were_and_never_go_back() -> None:
    async with rigged("r_total") as rig:
        await rig.scrape("r_total 1\n")
        await rig.scrape("r_total 2\n")
        before = await rig.samples()
        assert before == [(15_000, 1), (30_000, 2)]
        rig.wall -= 3600
        await rig.scrape("r_total 3\n")
        await rig.scrape("r_total 4\n")
        rig.wall += 3600
        await rig.scrape("r_total 5\n")
        assert await rig.samples() == [*before, (30_001, 3), (30_002, 4), (75_000, 5)]
        rig.wall += 10_000
        await rig.scrape("r_total 6\n")
        assert (await rig.samples())[:5] == [*before, (30_001, 3), (30_002, 4), (75_000, 5)]


async def test_no_event_is_lost_or_counted_twice_when_the_clock_is_set_back() -> None:
    async with rigged() as rig:
        one, kept = open_indicator(slo(**EVENTS), rig.backend), dict[int, int]()
        for count in range(120):
            if count == 60:
                rig.wall -= 300
            await rig.scrape(f"r_total {100 + count * 10}\n")
            now = await rig.backend.now_ms() // 60_000
            kept |= {row[0]: row[2] for row in (await one.rows(Span(now - 3, now + 1))).rows if row[3]}
        assert sum(kept.values()) == 1190


async def test_two_endpoints_with_the_same_series_are_two() -> None:
    async with talking((first := MetricsPage()).talk) as one, talking((second := MetricsPage()).talk) as two:
        rig = Rig(first, f"http://127.0.0.1:{one}/metrics", f"http://127.0.0.1:{two}/metrics?x=1")
        sli = open_indicator(slo(**EVENTS), rig.backend)
        for a, b in ((1000, 5), (1001, 7), (1003, 9)):
            second.text(f'r_total{{instance="me",job="it"}} {b}\n')
            await rig.scrape(f"r_total {a}\n")
        assert (await sli.rows(Span(ZERO, ZERO + 1))).rows == ((ZERO, 0, 7, 1),)
        read = await rig.backend.raw(parse_selector('r_total{instance="me"}'), 0, 2**60)
        assert read.series[0].labels == {
            "instance": f"http://127.0.0.1:{two}/metrics?x=1",
            "exported_instance": "me",
            "exported_job": "it",
        }
        await rig.backend.aclose()


async def test_memory_is_as_long_as_wanted_and_no_longer() -> None:
    async with rigged("r_total") as rig:
        assert await rig.backend.retention() == 0
        for count in range(20):
            await rig.scrape(f"r_total {count}\nother 1\n", after=300)
        kept = await rig.backend.retention()
        assert LOOKBACK / 1000 < kept < 1.5 * LOOKBACK / 1000
        samples = await rig.samples()
        assert 13 <= len(samples) <= 17
        assert samples[-1][1] == 19
        assert await rig.samples("other") == []


async def test_what_is_wanted_late_is_not_taken_for_new() -> None:
    """Everything read is from when everything was looked for: a target seen without a series proves nothing before."""
    async with rigged() as rig:
        rig.backend.wants([parse_measure({"rate": "all_total", "window": "10m"})])
        await rig.scrape("all_total 10\nbad_total 99\n")
        await rig.scrape("all_total 20\nbad_total 99\n")
        sli = {"kind": "events", "total": "all_total", "bad": "bad_total"}
        one = open_indicator(slo(**sli), rig.backend)
        await rig.scrape("all_total 30\nbad_total 99\n")
        await rig.scrape("all_total 40\nbad_total 100\n")
        assert (await one.rows(Span(ZERO, ZERO + 2))).rows == ((ZERO, 0, 0, 1), (ZERO + 1, 1, 10, 1))
        assert await rig.backend.retention() == 15


async def test_a_longer_memory_does_not_change_what_measures_say() -> None:
    """A series that vanished is past for a measure after its window, however long an SLO remembers it."""
    rate = {"rate": 'r_total{code="500"}', "window": "1m"}
    async with rigged("r_total") as rig:
        rig.backend.wants([parse_measure(rate)])
        for count in range(6):
            await rig.scrape(f'r_total{{code="200"}} 1\nr_total{{code="500"}} {count * 30}\n')
        assert (await rig.backend.read(parse_measure(rate))).value == 2
        for _ in range(12):
            await rig.scrape('r_total{code="200"} 1\n')
        with pytest.raises(Blind) as caught:
            await rig.backend.read(parse_measure(rate))
        assert caught.value.reason is Reason.NO_DATA
        assert len(await rig.samples('r_total{code="500"}')) == 6


async def test_an_endpoint_that_is_not_there() -> None:
    async with talking((page := MetricsPage()).talk) as port:
        rig = Rig(page, f"http://127.0.0.1:{port}/metrics", f"http://127.0.0.1:{free_port()}/metrics")
        one = open_indicator(slo(**EVENTS), rig.backend)
        with pytest.raises(Blind) as caught:
            await one.rows(Span(ZERO, ZERO + 1))
        assert caught.value.reason is Reason.NO_DATA
        await rig.scrape("r_total 1\n")
        await rig.scrape("r_total 4\n")
        filled = await one.rows(Span(ZERO, ZERO + 1))
        assert filled.rows == ((ZERO, 0, 3, 1),)
        assert not filled.notes  # what was not scraped never comes: waiting for it would keep nothing at all
        assert "connection refused" in filled.remarks[0]
        await rig.backend.aclose()


async def test_gauges_by_slice_and_no_promql() -> None:
    async with rigged() as rig:
        sli = slo(kind="slices", measure={"value": "reward"}, good="value > 10.0")
        one = open_indicator(sli, rig.backend)
        for value in (12, 11, 10, 10.5, 9, 9, 9, 10):
            await rig.scrape(f"reward {value}\n")
        assert (await one.rows(Span(ZERO, ZERO + 2))).rows == ((ZERO, 1, 1, 1), (ZERO + 1, 1, 1, 1))
        share = open_indicator(slo(kind="promql", bad="x"), rig.backend)
        with pytest.raises(Blind) as caught:
            await share.rows(Span(ZERO, ZERO + 1))
        assert "history =" in caught.value.detail
        assert not caught.value.divisible
        metrics = Metrics(scrape=("http://127.0.0.1:1/metrics",))
        assert open_range_source(metrics, {}, rig.backend) is rig.backend
