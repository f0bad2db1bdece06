"""The cost of error budgets: one refresh, 100 SLOs, and their ledgers on disk."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.engine.slo.backfill import Backfill
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import open_indicator
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from bench.report import Options, Row

P = ParamSpec("P")
T = TypeVar("T")
INTERVAL = 15_000
SERIES = 10
NOW = datetime(2026, 11, 21, 3, 0, 30, tzinfo=UTC)
SLOS = 100


class Counters:
    """A `RangeSource` that responds at once: ten counters that increase by ten per scrape."""

    interval_ms = INTERVAL

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        """It has all samples."""

    async def now_ms(self) -> int:
        return int(NOW.timestamp() * 1000)

    async def retention(self) -> float | None:
        return None

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        first, last = -(-start_ms // INTERVAL), (end_ms - 1) // INTERVAL
        samples = tuple((at * INTERVAL, float(at * 10)) for at in range(first, last + 1))
        return RangeSamples(
            tuple(CounterSeries({"job": "api", "instance": f"api-{n}"}, samples) for n in range(SERIES))
        )

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        return RangeSamples()

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        return RangeSamples()

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)

    async def aclose(self) -> None:
        """Nothing to close."""


def ledger(source: Counters, number: int, window: str) -> SloLedger:
    """One SLO with a full window except for the last minutes."""
    slo = SloSpec.model_validate(
        {
            "id": f"slo-{number:03}",
            "objective": "99.9%",
            "window": window,
            "sli": {"kind": "events", "total": "requests_total", "bad": 'requests_total{status=~"5.."}'},
        }
    )
    made = SloLedger(slo, open_indicator(slo, source), ZoneInfo("UTC"))
    end = int(NOW.timestamp()) // 60
    chance = random.Random(number)
    days = int(window[:-1])
    rows = [(end - n, int(chance.random() < 0.01), 1200, 1) for n in range(2, max(days, 3) * DAY)]
    made.restore(reversed(rows))
    made.read_until = end - 1
    return made


def refresh(ledgers: list[SloLedger], source: Counters) -> float:
    """CPU seconds of one refresh: read the new minutes and evaluate all SLOs."""

    async def round_() -> float:
        async def changed() -> None:
            """No observer."""

        backfill = Backfill(ledgers, source, changed)
        begun = time.process_time()
        now = await backfill.now(NOW)
        await backfill.news(now)
        for each in ledgers:
            each.slo_status(now.of(each), ())
        return time.process_time() - begun

    return asyncio.run(round_())


def budgets(options: Options) -> Iterator[Row]:
    """A refresh of a long and of a short window, 100 SLOs at once, and their ledgers on disk."""
    source = Counters()
    long, short = [ledger(source, 1, "30d")], [ledger(source, 2, "1d")]
    times: dict[str, list[float]] = {"30d": [], "1d": []}
    for _ in range(options.times(30, 5)):
        times["30d"].append(refresh(long, source))
        times["1d"].append(refresh(short, source))
    month, day = (statistics.median(each) for each in times.values())
    yield Row(
        "SLO refresh: 30 d beside 1 d", month / day, "x", 2, note=f"{month * 1000:.2f} ms beside {day * 1000:.2f} ms"
    )
    hundred = [ledger(source, number, "30d") for number in range(SLOS)]
    used = statistics.median(refresh(hundred, source) for _ in range(options.times(5, 2)))
    memory = sum(each.rows.nbytes for each in hundred) / 1e6
    yield Row(
        "100 SLOs: one refresh a minute",
        100 * used / 60,
        "% of a core",
        note=f"{used:.2f} s; {memory:.0f} MB of minutes",
    )
    yield from _on_disk(options)


def _on_disk(options: Options) -> Iterator[Row]:
    days, slos = options.times(90, 9), SLOS
    end = int(NOW.timestamp()) // 60
    chance = random.Random(7)
    place = options.place / "ledgers"
    with Store.open(StorePlace(place)) as store:
        for day in range(days):
            first = end - (days - day) * DAY
            batch = [
                (
                    f"slo-{number:03}",
                    "0" * 64,
                    [(first + n, int(chance.random() < 0.01), int(chance.gauss(1200, 35)), 1) for n in range(DAY)],
                )
                for number in range(slos)
            ]
            store.part(SloStore).keep_many(batch)
        begun = time.perf_counter()
        for number in range(slos):
            store.part(SloStore).minutes(f"slo-{number:03}", "0" * 64, Span(end - 30 * DAY, end))
        loaded = time.perf_counter() - begun
    size = sum(file.stat().st_size for file in Path(place).iterdir()) / 1e6
    yield Row(
        f"ledger on disk, 100 SLOs x {days} d", size, "MB", 500 * days / 90, note=f"100 x 30 d read in {loaded:.1f} s"
    )
