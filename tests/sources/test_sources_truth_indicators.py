"""The indicators of a configuration, against a real Prometheus with thirty days of known history."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.metrics import Blind, RangeSource
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.sources.slo import Indicator, open_indicator
from support.prom_blocks import WINDOWS, History, configuration, serving, shared
from support.prom_truth import HOUR, MINUTE

SLOS = ("api-availability", "tokens", "llm-fast-latency", "llm-creative-latency", "rl-reward")
MONTH = WINDOWS["30d"]


@pytest.fixture(scope="session")
def history(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> History:
    return shared(pytestconfig, tmp_path_factory)


@pytest.fixture(params=SLOS)
def slo(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def config_of(folder: Path, url: str, **keys: str) -> Config:
    path = folder / "artisan.toml"
    path.write_text(configuration(url, **keys), "utf-8")
    return load(path, {name: kind.spec for name, kind in KINDS.items()})


@pytest.fixture
async def configured(history: History, tmp_path: Path) -> AsyncIterator[tuple[Config, ProbeContext]]:
    config = config_of(tmp_path, history.url, timeout="60s")
    opened = ProbeContext.open(config.metrics, os.environ)
    yield config, opened
    await opened.aclose()


def indicator_of(configured: tuple[Config, ProbeContext], slo: str) -> Indicator:
    config, opened = configured
    assert opened.range_source is not None
    return open_indicator(next(each for each in config.slos if each.id == slo), opened.range_source)


def expect_truth(history: History, slo: str, rows: Iterable[Row]) -> None:
    held = {row[0]: row for row in rows}
    true = history.truths[slo].rows(history.end - MONTH, history.end)
    wrong = [(row, held.get(row[0])) for row in true if held.get(row[0]) != row]
    assert not wrong, f"{slo}: {len(wrong)} minutes, (truth, counted): {wrong[:5]}"


async def rows_of(indicator: Indicator, spans: Iterable[Span]) -> list[Row]:
    """Read one after another; a row that comes again must be the same."""
    held: dict[int, Row] = {}
    for span in spans:
        filled = await indicator.rows(span)
        assert not filled.notes
        assert [row[0] for row in filled.rows] == list(range(span.start, span.end))
        differing = [(held[row[0]], row) for row in filled.rows if held.get(row[0], row) != row]
        assert not differing, f"{span}: {differing[:5]}"
        held |= {row[0]: row for row in filled.rows}
    return list(held.values())


def cut(rng: random.Random, start: int, end: int, lengths: Sequence[int], overlaps: Sequence[int]) -> list[Span]:
    out, at = [], start
    while at < end:
        until = min(end, at + rng.choice(lengths))
        out.append(Span(at - rng.choice(overlaps), until))
        at = until
    return out


async def test_all_at_once(history: History, configured: tuple[Config, ProbeContext], slo: str) -> None:
    expect_truth(history, slo, await rows_of(indicator_of(configured, slo), [Span(history.end - MONTH, history.end)]))


async def test_forward_carrying_on(history: History, configured: tuple[Config, ProbeContext], slo: str) -> None:
    """As the newest minutes are read: a few at a time, some of them again. What was read before is not asked for."""
    spans = cut(random.Random(slo), history.end - MONTH, history.end, (5, 90, 360, 720), (0, 5, 5, 9))
    expect_truth(history, slo, await rows_of(indicator_of(configured, slo), spans))


async def test_random_chunks_in_any_order(history: History, configured: tuple[Config, ProbeContext], slo: str) -> None:
    rng = random.Random(slo)
    spans = cut(rng, history.end - MONTH, history.end, (1, 59, 600, 1440, 2880), (0, 0, 5, 70))
    rng.shuffle(spans)
    expect_truth(history, slo, await rows_of(indicator_of(configured, slo), spans))


async def test_two_walks_of_one_indicator_at_once(
    history: History, configured: tuple[Config, ProbeContext], slo: str
) -> None:
    """The newest minutes and a hole, on one loop, as the engine has it."""
    indicator, middle = indicator_of(configured, slo), history.end - MONTH // 2
    halves = [
        cut(random.Random(f"{slo} {start}"), start, start + MONTH // 2, (30, 480, 960), (0, 5))
        for start in (history.end - MONTH, middle)
    ]
    found = await asyncio.gather(*(rows_of(indicator, spans) for spans in halves))
    expect_truth(history, slo, [*found[0], *found[1]])


class Late:
    """A `RangeSource` at whose edge every series comes in later than it was scraped, each by its own time, two minutes at most."""

    def __init__(self, past: RangeSource) -> None:
        self._past, self.now = past, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._past, name)

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        read = await self._past.raw(selector, start_ms, end_ms)
        return replace(read, series=tuple(map(self._arrived, read.series)))

    def _arrived(self, series: CounterSeries) -> CounterSeries:
        lag = random.Random(str(sorted(series.labels.items()))).randrange(120_000)
        return replace(series, samples=tuple(each for each in series.samples if each[0] <= self.now - lag))


@pytest.mark.parametrize("slo", ["api-availability", "llm-creative-latency"])
async def test_samples_that_come_late(history: History, configured: tuple[Config, ProbeContext], slo: str) -> None:
    """Read as the engine does, the last five minutes again each time: nothing is lost to what was not there yet."""
    config, opened = configured
    assert opened.range_source is not None
    late = Late(opened.range_source)
    indicator = open_indicator(next(each for each in config.slos if each.id == slo), late)
    rng, held, at = random.Random(slo), dict[int, Row](), history.end - WINDOWS["1d"]
    truth = history.truths[slo].rows(at, history.end)
    seen_late = False
    while at < history.end:
        start, at = at - 5, min(history.end, at + rng.choice((1, 2, 3, 45)))
        late.now = (at + 1) * MINUTE  # one scrape later, see `latest_end`
        rows = (await indicator.rows(Span(start, at))).rows
        seen_late = seen_late or any(row[:3] != held[row[0]][:3] for row in rows if row[0] in held)
        held |= {row[0]: row for row in rows}
    late.now = history.end_ms + HOUR
    held |= {row[0]: row for row in (await indicator.rows(Span(at - 5, at))).rows}
    assert seen_late
    wrong = [(row, held[row[0]]) for row in truth if held[row[0]] != row]
    assert not wrong, f"{len(wrong)} minutes, (truth, counted): {wrong[:5]}"


async def test_the_server_dies_and_comes_back(history: History, tmp_path: Path) -> None:
    """One walk goes on after it as if nothing had been: what failed was not carried along."""
    with serving(history.built, tmp_path) as first:
        config = config_of(tmp_path, first.url)
        opened = ProbeContext.open(config.metrics, os.environ)
        try:
            indicator = indicator_of((config, opened), "tokens")
            spans = cut(random.Random(3), history.end - MONTH, history.end, (600, 1440), (0, 5))
            rows = await rows_of(indicator, spans[:20])
            first.stop()
            for span in spans[20:23]:
                with pytest.raises(Blind):
                    await indicator.rows(span)
            port = int(first.url.rpartition(":")[2])
            with serving(history.built, tmp_path, port):
                rows += await rows_of(indicator, spans[20:])
        finally:
            await opened.aclose()
    expect_truth(history, "tokens", rows)
