"""What a real Prometheus remembers, and how long one keeps it."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries, counter_deltas, event_rows, measured, scrape_times
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics import Blind
from artisan_tui.sources.metrics.prometheus import PrometheusBackend
from artisan_tui.sources.metrics.range_source import RangeSource
from artisan_tui.sources.slo import Unmeasurable, open_indicator
from support.range_answers import SELECTOR, matrix, one
from support.servers import free_port, http_answer, page, prometheus, require, talking


def slo(**sli: object) -> SloSpec:
    return SloSpec.model_validate({"id": "x", "objective": "99%", "window": "7d", "sli": sli})


MINUTE = 60_000
HOURS = 5


def _history(zero: int) -> list[CounterSeries]:
    """Five hours of two targets: restarts, births, gaps, and samples on the very edges of minutes."""
    dice, out = random.Random(7), []
    for instance in ("a:1", "b:2"):
        times = sorted({zero + n * 15_000 + dice.choice([0, 0, 1, -1, 400]) for n in range(1, HOURS * 240)})
        gap = zero + dice.randint(30, 200) * MINUTE
        times = [at for at in times if not gap < at < gap + dice.choice([90_000, 4_000_000])]
        restarts = set(dice.sample(times, 4))
        for code, born in (("200", zero), ("500", zero + 90 * MINUTE)):
            value, samples = 10.0, []
            for at in times:
                value = float(dice.randint(0, 3)) if at in restarts else value + dice.choice([0, 1, 2, 70])
                if at >= born:
                    samples.append((at, value))
            labels = {"__name__": "r_total", "instance": instance, "job": "j", "code": code}
            out.append(CounterSeries(labels, tuple(samples)))
    return out


def _openmetrics(series: list[CounterSeries]) -> str:
    lines = ["# TYPE r counter"]
    for each in series:
        inside = ",".join(f'{name}="{value}"' for name, value in each.labels.items() if name != "__name__")
        lines += [f"r_total{{{inside}}} {value} {at / 1000:.3f}" for at, value in each.samples]
    return "\n".join([*lines, "# EOF", ""])


async def test_a_real_server_gives_every_sample_once_in_any_chunks(tmp_path: Path) -> None:
    promtool = require("promtool")
    zero = (int(time.time()) // 3600 - HOURS - 4) * 60 * MINUTE
    history = _history(zero)
    text = tmp_path / "history.txt"
    text.write_text(_openmetrics(history), "utf-8")
    build = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(tmp_path / "data")]
    await asyncio.to_thread(subprocess.run, build, check=True, capture_output=True)
    span = Span(zero // MINUTE, zero // MINUTE + HOURS * 60)
    bad = [each for each in history if each.labels["code"] == "500"]
    seen = scrape_times(history)
    rows = event_rows(
        counter_deltas(history, span, seen),
        counter_deltas(bad, span, seen),
        measured(seen.values(), span, 15_000),
        span,
    )
    assert sum(row[2] for row in rows) > 10_000
    with prometheus(tmp_path, [f"127.0.0.1:{free_port()}"], interval="15s") as server:
        range_source = PrometheusBackend(Metrics(prometheus=server.url), {})
        assert isinstance(range_source, RangeSource)
        assert await range_source.retention() == 15 * 86400
        assert abs(await range_source.now_ms() - time.time() * 1000) < 2000
        read = await range_source.raw(parse_selector("r_total"), zero, zero + HOURS * 60 * MINUTE)
        assert {frozenset(s.labels.items()): s.samples for s in read.series} == {
            frozenset(s.labels.items()): s.samples for s in history
        }
        whole = open_indicator(slo(kind="events", total="r_total", bad='r_total{code="500"}'), range_source)
        assert list((await whole.rows(span)).rows) == rows
        walking = open_indicator(slo(kind="events", total="r_total", bad='r_total{code=~"5.+"}'), range_source)
        found: list[Row] = []
        samples = 0
        for start in range(span.start, span.end, 23):
            filled = await walking.rows(Span(start, min(start + 23, span.end)))
            found += filled.rows
            samples += filled.samples
        assert found == rows
        assert samples < 1.3 * (read.count + sum(len(each.samples) for each in bad))
        # A share asked for minute by minute, over more points than one request may have.
        share = open_indicator(slo(kind="promql", bad="vector(0.25)"), range_source)
        filled = await share.rows(Span(span.end - 12_000, span.end))
        assert len(filled.rows) == 12_000
        assert {row[1:] for row in filled.rows} == {(250_000, 1_000_000, 1)}
        with pytest.raises(Blind) as caught:
            await range_source.stepped("nonsense(", zero, zero + MINUTE, MINUTE)
        assert not caught.value.divisible
        await range_source.aclose()


async def test_a_real_server_that_scrapes_a_real_exporter(tmp_path: Path) -> None:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

    registry = CollectorRegistry()
    requests = Counter("r", "requests", ["code"], registry=registry)
    seconds = Histogram("d_seconds", "latency", buckets=(1, 2.5, 5), registry=registry)
    reward = Gauge("reward", "reward", registry=registry)
    requests.labels("200").inc(100)
    reward.set(11)
    with page(lambda: generate_latest(registry).decode()) as target, prometheus(tmp_path, [target]) as server:
        range_source = PrometheusBackend(Metrics(prometheus=server.url, every=1.0, timeout=1.0), {})
        seen = await _until(range_source, "r_total", 2)
        requests.labels("200").inc(40)
        requests.labels("500").inc(7)  # born with seven errors
        for took in (0.5, 2.5, 3, 9):
            seconds.observe(took)
        await _until(range_source, 'r_total{code="500"}', 2)
        now = await range_source.now_ms()
        span = Span(seen // MINUTE, now // MINUTE + 1)
        counted = [
            (await open_indicator(slo(**sli), range_source).rows(span)).rows
            for sli in (
                {"kind": "events", "total": "r_total", "bad": 'r_total{code="500"}'},
                {"kind": "latency", "histogram": "d_seconds", "threshold": "2.5s"},
                {"kind": "slices", "measure": {"value": "reward"}, "good": "value > 10.0", "slice": "1s"},
            )
        ]
        assert [(sum(row[1] for row in rows), sum(row[2] for row in rows)) for rows in counted[:2]] == [(7, 47), (2, 4)]
        assert sum(row[2] for row in counted[2]) >= 3
        assert sum(row[1] for row in counted[2]) == 0
        missing = open_indicator(slo(kind="latency", histogram="d_seconds", threshold="4.5s"), range_source)
        with pytest.raises(Unmeasurable) as caught:
            await missing.rows(span)
        assert "only at 1, 2.5, 5:" in caught.value.detail
        guessed = slo(kind="latency", histogram="d_seconds", threshold="4.5s", interpolate=True)
        filled = await open_indicator(guessed, range_source).rows(span)
        assert filled.estimated
        assert (sum(row[1] for row in filled.rows), sum(row[2] for row in filled.rows)) == (2, 4)  # 2 + 0.8 cut to 2
        await range_source.aclose()


async def _until(range_source: RangeSource, selector: str, samples: int, seconds: float = 20.0) -> int:
    """When (ms) the first sample was, once there are so many."""
    deadline = time.monotonic() + seconds
    while True:
        now = await range_source.now_ms()
        read = await range_source.raw(parse_selector(selector), now - 60_000, now + 1)
        if read.count >= samples:
            return min(at for each in read.series for at, _ in each.samples)
        assert time.monotonic() < deadline, f"{selector} did not come"
        await asyncio.sleep(0.05)


async def test_c12_one_503_is_retried_within_the_time_limit_and_two_are_told() -> None:
    answers = [http_answer("upstream is busy", status="503 Busy"), matrix(one((1.0, "1")))]
    heard = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers[min(heard, len(answers) - 1)])
        heard += 1

    async with talking(talk) as port:
        metrics = Metrics.model_validate({"prometheus": f"http://127.0.0.1:{port}", "timeout": 5.0})
        backend = PrometheusBackend(metrics, {})
        try:
            assert (await backend.raw(SELECTOR, 0, 60_000)).count == 1
            assert heard == 2
            heard, answers[1] = 0, answers[0]
            with pytest.raises(Blind, match="HTTP 503"):
                await backend.raw(SELECTOR, 0, 60_000)
            assert heard == 2
        finally:
            await backend.aclose()


@pytest.mark.parametrize(
    ("yaml", "kept"), [("remote_read:\n- url: http://x\n", None), ("remote_write: []\n", 1296000.0)]
)
async def test_c11_a_server_that_reads_from_elsewhere_keeps_more_than_it_says(yaml: str, kept: float | None) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        data = {"yaml": yaml} if b"/status/config" in head else {"storageRetention": "15d"}
        writer.write(http_answer(json.dumps({"status": "success", "data": data})))

    async with talking(talk) as port:
        backend = PrometheusBackend(Metrics.model_validate({"prometheus": f"http://127.0.0.1:{port}"}), {})
        try:
            assert await backend.retention() == kept
        finally:
            await backend.aclose()
