"""What the scraper makes of gauges, counters and histograms, on a clock of the test."""

from __future__ import annotations

import asyncio
import math
import time
from decimal import Decimal

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import MeasureReading, Promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.probing import run_probe
from support.scraping import Rig, with_rig
from support.servers import free_port, http_answer, saying, talking

RATE = {"rate": "c_total", "window": "1m"}
RATIO = {"ratio": 'c_total{code="500"}', "of": "c_total", "window": "1m"}


async def test_gauges_as_they_stand() -> None:
    async def use(rig: Rig) -> None:
        assert (await rig.blind({"value": "g"})).reason is Reason.NO_DATA
        await rig.scrape('g{a="1"} 10.9\ng{a="2"} NaN\nh 3\nlone NaN 1\nbig 9007199254740993\n')
        assert (await rig.read({"value": 'g{a="1"}'})).value == Decimal("10.9")
        assert (await rig.read({"value": "g", "agg": "max"})).value == Decimal("10.9")
        assert (await rig.read({"value": "g", "agg": "sum"})).value.is_nan()
        assert (await rig.blind({"value": "g"})).reason is Reason.VALUE
        assert (await rig.blind({"value": "h"})).reason is Reason.NO_DATA  # nobody wanted it
        rig.page.now += 3
        assert (await rig.read({"value": 'g{a="1"}'})).age == 3.0
        await rig.scrape('g{a="2"} 4\n')
        assert (await rig.read({"value": "g"})).value == 4  # the other has vanished

    await with_rig(use, {"value": "g"}, {"value": "lone"})


async def test_a_rate_needs_two_scrapes_and_says_what_it_covers() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 100\n")
        caught = await rig.blind(RATE)
        assert (caught.reason, caught.detail) == (Reason.NO_DATA, "needs two scrapes, has one")
        await rig.scrape("c_total 150\n")
        found = await rig.read(RATE)
        assert found.value == 5
        assert found.remarks == ("covers <1m of 1m",)
        assert not found.notes
        for count in range(6):
            await rig.scrape(f"c_total {200 + count * 50}\n")
        found = await rig.read(RATE)
        assert found.value == 5
        assert found.remarks == ()
        assert found.query == "sum(rate(c_total[1m]))"

    await with_rig(use, RATE)


async def test_counters_that_restart_vanish_and_are_born() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape('c_total{code="200"} 100\n')
        await rig.scrape('c_total{code="200"} 190\n')
        assert (await rig.read(RATIO)).value == 0  # no errors yet
        # Born between two scrapes: its ten errors are events, though there is only one sample.
        await rig.scrape('c_total{code="200"} 190\nc_total{code="500"} 10\n')
        assert (await rig.read(RATIO)).value == Decimal("0.1")
        # Restarted: 60 counts from zero. The 500s are gone, what they counted is not.
        await rig.scrape('c_total{code="200"} 60\n')
        assert (await rig.read(RATIO)).value == Decimal(repr(10 / 160))
        for _ in range(9):
            await rig.scrape('c_total{code="200"} 60\n')
        assert (await rig.read(RATIO)).value.is_nan()  # no traffic
        assert (await rig.read(RATE)).value == 0

    await with_rig(use, RATIO, RATE)


async def test_a_name_wanted_later_is_not_taken_for_new() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 1000000\n")
        rig.backend.wants([parse_measure(RATE)])
        await rig.scrape("c_total 1000010\n")
        await rig.scrape("c_total 1000020\n")
        assert (await rig.read(RATE)).value < 2

    await with_rig(use)


async def test_events_before_a_gap_are_not_counted_into_the_window() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 0\n")
        await rig.scrape("c_total 100000\n", after=3600)
        assert (await rig.blind(RATE)).detail == "needs two scrapes, has one"
        await rig.scrape("c_total 100020\n")
        assert (await rig.read(RATE)).value == 2

    await with_rig(use, RATE)


async def test_quantiles() -> None:
    shape = {"quantile": 0.95, "histogram": "d_seconds", "window": "1m"}

    def text(n: int) -> str:
        return "".join(
            f'd_seconds_bucket{{mode="{m}",le="{le}"}} {share * n}\n'
            for m in "ab"
            for le, share in (("2", 94.9), ("5", 100), ("+Inf", 100), ("rubbish", 7))
        )

    async def use(rig: Rig) -> None:
        await rig.scrape(text(0))
        await rig.scrape(text(10))
        found = await rig.read(shape)
        assert float(found.value) == pytest.approx(2.0588, abs=0.0001)
        await rig.scrape(text(10), after=90)
        await rig.scrape(text(10))
        assert (await rig.read(shape)).value.is_nan()
        await rig.scrape('d_seconds_bucket{le="1"} 1\n')

    await with_rig(use, shape)


async def test_a_histogram_without_its_last_bucket_is_none() -> None:
    shape = {"quantile": 0.95, "histogram": "d", "window": "1m"}

    async def use(rig: Rig) -> None:
        await rig.scrape('d_bucket{le="1"} 1\n')
        await rig.scrape('d_bucket{le="1"} 2\n')
        caught = await rig.blind(shape)
        assert caught.reason is Reason.NO_DATA
        assert "+Inf" in caught.detail

    await with_rig(use, shape)


# -- as a backend -------------------------------------------------------------------


async def test_raw_promql_is_refused_with_the_mend() -> None:
    backend = ScrapeBackend(Metrics(scrape=("http://127.0.0.1:1/metrics",)))
    with pytest.raises(Blind) as caught:
        await backend.read(Promql("up"))
    assert "prometheus =" in caught.value.detail
    await backend.aclose()


async def test_started_it_goes_on_by_itself_and_the_first_read_waits() -> None:
    count = 0

    async def grow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 10
        await saying(http_answer(f"c_total {count}\n", kind="text/plain"))(reader, writer)

    async with talking(grow) as port:
        backend = ScrapeBackend(Metrics(scrape=(f"http://127.0.0.1:{port}/metrics",), every=0.2, timeout=0.2))
        backend.wants([parse_measure({"rate": "c_total", "window": "1s"})])
        backend.start()
        backend.start()
        found = await _eventually(backend, {"rate": "c_total", "window": "1s"})
        assert 30 < found.value < 70
        seen = count
        deadline = time.monotonic() + 5
        while count < seen + 30:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        await backend.aclose()
        assert not math.isnan(float(found.value))


async def _eventually(backend: ScrapeBackend, measure: object) -> MeasureReading:
    deadline = time.monotonic() + 5
    while True:
        try:
            return await backend.read(parse_measure(measure))
        except Blind:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


async def test_a_probe_on_an_endpoint_that_is_not_there() -> None:
    metrics = Metrics(scrape=(f"http://127.0.0.1:{free_port()}/metrics",))
    seen, outcome = await run_probe("measure", measure={"value": "g", "agg": "max"}, metrics=metrics)
    assert outcome.verdict is State.UNKNOWN
    assert seen.query == "max(g)"
