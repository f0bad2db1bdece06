"""A real Prometheus and the embedded scraper give the same numbers for the same target."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import MeasureReading, Promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics import Backend, Blind, open_backend
from artisan_tui.sources.probe_context import ProbeContext
from support.probing import run_probe
from support.servers import answers, page, prometheus, until

SHAPES = [
    ({"value": "demo_reward"}, 10.9, 0.0),
    ({"value": "demo_queue", "agg": "max"}, 41.5, 0.0),
    ({"value": "demo_queue", "agg": "min"}, 2.0, 0.0),
    ({"value": "demo_queue", "agg": "sum"}, 43.5, 0.0),
    ({"value": "demo_queue", "agg": "avg"}, 21.75, 0.0),
    ({"value": 'demo_queue{queue=~"l.*"}'}, 41.5, 0.0),
    ({"rate": "demo_requests_total", "window": "4s"}, 100.0, 5.0),
    ({"rate": 'demo_requests_total{status="500"}', "window": "4s"}, 5.0, 0.25),
    ({"rate": "demo_idle_total", "window": "4s"}, 0.0, 0.0),
    ({"ratio": 'demo_requests_total{status=~"5.."}', "of": "demo_requests_total", "window": "4s"}, 0.05, 0.001),
    ({"ratio": 'demo_requests_total{status="404"}', "of": "demo_requests_total", "window": "4s"}, 0.0, 0.0),
    ({"ratio": "demo_hits_total", "of": ["demo_hits_total", "demo_misses_total"], "window": "4s"}, 0.75, 0.001),
    ({"ratio": "no_such_total", "of": ["demo_hits_total", "demo_misses_total"], "window": "4s"}, 0.0, 0.0),
    ({"quantile": 0.5, "histogram": "demo_seconds", "window": "4s"}, 0.0556, 0.001),
    ({"quantile": 0.95, "histogram": "demo_seconds", "window": "4s"}, 0.4333, 0.005),
    ({"quantile": 0.99, "histogram": 'demo_seconds{mode="fast"}', "window": "4s"}, 0.875, 0.01),
]


async def reading(backend: Backend, measure: object, seconds: float = 20.0) -> MeasureReading:
    """Ask until the window is covered; a server that just started has no past."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = await backend.read(parse_measure(measure))
            if not found.remarks:
                return found
        except Blind as blind:
            if time.monotonic() > deadline or blind.reason is not Reason.NO_DATA:
                raise
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_every_shape_of_measure(stack) -> None:  # type: ignore[no-untyped-def]
    remote = open_backend(Metrics(prometheus=stack.prometheus.url), {})
    local = open_backend(Metrics(scrape=(f"http://{stack.target}/metrics",), every=1.0, timeout=1.0), {})
    local.wants([parse_measure(shape) for shape, _, _ in SHAPES])
    local.start()
    try:
        # Prometheus extrapolates to the edges of a window that it does not know whole.
        await reading(remote, {"promql": "count_over_time(demo_reward[4s]) >= 4"})
        for backend in (remote, local):
            for shape, expected, tolerance in SHAPES:
                found = await reading(backend, shape)
                assert abs(float(found.value) - expected) <= tolerance, (backend, shape, found)
                assert not found.notes
                assert found.query
        for backend in (remote, local):
            with pytest.raises(Blind) as caught:
                await backend.read(parse_measure({"value": "demo_queue"}))
            assert caught.value.reason is Reason.VALUE
            assert "2 series" in caught.value.detail
            with pytest.raises(Blind) as caught:
                await backend.read(parse_measure({"ratio": "demo_queue", "of": "no_such_total"}))
            assert caught.value.reason is Reason.NO_DATA
            with pytest.raises(Blind) as caught:
                # Without the misses, the share of the hits would be 100 %.
                await backend.read(parse_measure({"ratio": "demo_hits_total", "of": ["demo_hits_total", "no_total"]}))
            assert caught.value.reason is Reason.NO_DATA
            idle = {"ratio": "demo_idle_total", "of": "demo_idle_total", "window": "4s"}
            assert (await reading(backend, idle)).value.is_nan()
    finally:
        await remote.aclose()
        await local.aclose()


async def test_a_node_exporter(stack) -> None:  # type: ignore[no-untyped-def]
    memory = {"value": "node_memory_MemTotal_bytes"}
    remote = open_backend(Metrics(prometheus=stack.prometheus.url), {})
    local = open_backend(Metrics(scrape=(f"{stack.node.url}/metrics",)), {})
    local.wants([parse_measure(memory)])
    await local.prime()
    assert (await reading(remote, memory)).value == (await reading(local, memory)).value > 0
    await remote.aclose()
    await local.aclose()


async def test_prometheus_in_its_own_words(stack) -> None:  # type: ignore[no-untyped-def]
    backend = open_backend(Metrics(prometheus=stack.prometheus.url), {})
    await reading(backend, {"promql": "count(up) == 2"})  # it has scraped both: this may be the first test to ask it
    for query, reason, said in (
        ("up{", Reason.STATUS, "parse error"),
        ("demo_requests_total[5m]", Reason.PROTOCOL, "matrix"),
        ('"text"', Reason.PROTOCOL, "string"),
        ("up", Reason.VALUE, "2 series"),
        ("no_such_thing", Reason.NO_DATA, "no series"),
    ):
        with pytest.raises(Blind) as caught:
            await backend.read(Promql(query))
        assert caught.value.reason is reason
        assert said in caught.value.detail
    assert (await backend.read(Promql("vector(1) / 0"))).value.is_infinite()
    [(ok, said, mend)] = await backend.status()
    assert ok
    assert "version 2." in said
    assert "keeps data for 15d" in said
    assert not mend
    await backend.aclose()


async def test_a_prometheus_that_stops_makes_us_blind_and_comes_back(tmp_path: Path) -> None:
    with page(lambda: "x 1\n") as target, prometheus(tmp_path, [target]) as server:
        metrics = Metrics(prometheus=server.url)
        _, outcome = await run_probe("promql", query="vector(1)", metrics=metrics, expect=["value == 1"])
        assert outcome.verdict is State.UP
        server.stop()
        _, outcome = await run_probe("promql", query="vector(1)", metrics=metrics)
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.REFUSED)
        backend = open_backend(metrics, {})
        [(ok, said, mend)] = await backend.status()
        assert ok is False
        assert "connection refused" in said
        assert mend
        await backend.aclose()


async def test_one_probe_from_the_command_line(stack) -> None:  # type: ignore[no-untyped-def]
    """`prime` gathers enough even for a rate."""
    shape = {"rate": "demo_requests_total", "window": "5m"}
    probe_context = ProbeContext.open(Metrics(scrape=(f"http://{stack.target}/metrics",)), {})
    assert probe_context.metrics is not None
    probe_context.metrics.wants([parse_measure(shape)])
    await probe_context.metrics.prime()
    found = await probe_context.metrics.read(parse_measure(shape))
    assert 80 < found.value < 120
    assert found.remarks == ("covers <1m of 5m",)
    await probe_context.aclose()


def test_the_page_is_served() -> None:
    with page(lambda: "x 1\n") as target:
        until(answers(f"http://{target}/metrics"), 5.0)
