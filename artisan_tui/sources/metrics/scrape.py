"""The embedded backend: scrape /metrics endpoints and keep their samples in memory. It needs no server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from artisan_tui.domain.measure import Measure, MeasureReading, Promql, Quantile, Rate, Ratio, Value, to_promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo import counter_deltas
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.metrics import compute
from artisan_tui.sources.metrics.backend import Blind, Report
from artisan_tui.sources.metrics.compute import Computed, View
from artisan_tui.sources.metrics.endpoint import MANY, ScrapeEndpoint
from artisan_tui.sources.metrics.range_source import LastSamples, RangeSamples
from artisan_tui.sources.metrics.series import creation_of
from artisan_tui.sources.trust import Trust

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics

#: Seconds between the first two scrapes. A rate needs two, and a whole interval would be a long wait.
WARM_UP = 1.0
#: Seconds for which raw samples are kept at least: counting looks back `LOOKBACK` for a baseline, and the last minutes
#: are read again.
MIN_RETENTION = counter_deltas.LOOKBACK / 1000 + 900.0

P = ParamSpec("P")
T = TypeVar("T")
Shape = Value | Rate | Ratio | Quantile


class ScrapeBackend:
    """``clock`` is monotonic seconds, ``wall`` Unix seconds."""

    def __init__(
        self,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._every = metrics.every
        self._clock, self._wall = clock, wall
        # Two consecutive scrapes may be late or fail before the samples count as stale.
        self._patience = 2 * metrics.every + metrics.timeout
        # The first read waits for data, but ends before its caller's timeout, so that the reason is reported.
        self._wait = min(2.0, 0.8 * metrics.timeout)
        self._connections = Connections()
        trusted = Trust(metrics.ca_file, True, metrics.cert_file, metrics.key_file)
        self._endpoints = [
            ScrapeEndpoint(url, metrics.timeout, trusted, self._connections, clock, wall)
            for url in dict.fromkeys(metrics.scrape)
        ]
        self._keep: dict[str, float] = {}
        self._raw_windows: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # -- scraping -----------------------------------------------------------

    def wants(self, measures: Iterable[Measure]) -> None:
        for measure in measures:
            for name, window in _needs(measure):
                # The baseline lies before the window, so one more interval is kept.
                kept = window + self._patience if window else 0.0
                self._keep[name] = max(self._keep.get(name, 0.0), kept)

    def start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._follow(each), name=f"scrape {each.url}") for each in self._endpoints
            ]

    async def _follow(self, endpoint: ScrapeEndpoint) -> None:
        """Scrape at fixed times, so that a slow scrape does not delay the next one."""
        await endpoint.scrape(self._keep, self._raw_windows)
        begun = self._clock()
        await asyncio.sleep(min(WARM_UP, self._every))
        while True:
            await endpoint.scrape(self._keep, self._raw_windows)
            passed = self._clock() - begun
            await asyncio.sleep(self._every - passed % self._every)

    async def refresh(self) -> None:
        """Scrape every endpoint once, now."""
        await asyncio.gather(*(each.scrape(self._keep, self._raw_windows) for each in self._endpoints))

    async def prime(self) -> None:
        await self.refresh()
        if any(self._keep.values()):
            await asyncio.sleep(WARM_UP)
            await self.refresh()

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._connections.aclose()

    # -- reading ------------------------------------------------------------

    async def read(self, measure: Measure) -> MeasureReading:
        if isinstance(measure, Promql):
            raise Blind(Reason.NO_DATA, 'raw PromQL needs a Prometheus: add prometheus = "http://…" to [metrics]')
        if self._tasks:
            attempts = 1 if isinstance(measure, Value) else 2
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait):
                    await asyncio.gather(*(each.wait_for_scrapes(attempts) for each in self._endpoints))
        now = self._clock()
        fresh = [each for each in self._endpoints if each.is_current(now, self._patience)]
        late = [each for each in self._endpoints if each not in fresh]
        lost = [each for each in late if await each.has_series(_selectors(measure))]
        try:
            if not fresh:
                raise self._none_fresh(lost or late, now)
            computed = await self._compute(View(now, self._patience, [each.history for each in fresh]), fresh, measure)
        except Blind as blind:
            if fresh and late and blind.reason is Reason.NO_DATA:
                # The series may exist on an endpoint that is not current.
                raise self._none_fresh(lost or late, now) from None
            raise
        notes = tuple(f"{each.describe_failure(now)}; its series are excluded" for each in lost)
        remarks = computed.remarks + tuple(each.warning for each in fresh if each.warning)
        query = printable(to_promql(measure), 4096)
        return MeasureReading(computed.exact, round(computed.age, 3), notes, remarks, query, computed.provisional)

    async def _compute(self, view: View, fresh: list[ScrapeEndpoint], measure: Shape) -> Computed:
        async with AsyncExitStack() as held:
            for each in fresh:
                await held.enter_async_context(each.lock)
            if sum(map(len, view.histories)) > MANY:
                return await self._connections.off_loop(_compute, view, measure)
            return _compute(view, measure)

    def _none_fresh(self, late: list[ScrapeEndpoint], now: float) -> Blind:
        if not late:
            return Blind(Reason.NO_DATA, "there is no endpoint to scrape")
        return Blind(late[0].reason, "; ".join(each.describe_failure(now) for each in late[:3]))

    # -- range source -------------------------------------------------------

    @property
    def interval_ms(self) -> int:
        return round(self._every * 1000)

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        for selector in selectors:
            for name in (selector.name, creation_of(selector.name)):
                self._raw_windows[name] = max(self._raw_windows.get(name, 0.0), seconds, MIN_RETENTION)

    async def now_ms(self) -> int:
        return int(self._wall() * 1000)

    async def retention(self) -> float:
        """Seconds since the first scrape, limited to what is kept."""
        since = [each.history.known_from for each in self._endpoints]
        oldest = min((stamp for stamp in since if stamp is not None), default=None)
        if oldest is None:
            return 0.0
        return min((max(0.0, self._wall() - oldest / 1000), *self._raw_windows.values()))

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """The label `instance` distinguishes the endpoints. Raises Blind before the first successful scrape."""
        if self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait):
                    await asyncio.gather(*(each.wait_for_scrapes(1) for each in self._endpoints))
        known = [each for each in self._endpoints if each.history.known_from is not None]
        if not known:
            raise self._none_fresh(self._endpoints, self._clock())
        async with AsyncExitStack() as held:
            for each in self._endpoints:
                await held.enter_async_context(each.lock)
            found = await self.off_loop(_raw, self._endpoints, selector, start_ms, end_ms)
        remarks = [f"{each.shown}: {each.failure.detail}" for each in self._endpoints if each.failure is not None]
        remarks += [each.warning for each in known if each.warning]
        return RangeSamples(found, (), tuple(remarks), printable(str(selector), 4096))

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        read = await self.raw(selector, start_ms, end_ms)
        last = ((each, [sample for sample in each.samples if sample[1] >= 0][-1:]) for each in read.series)
        return replace(read, series=tuple(replace(each, samples=tuple(samples)) for each, samples in last if samples))

    async def last_samples(self, since_ms: int) -> tuple[LastSamples, ...]:
        found: list[LastSamples] = []
        for each in self._endpoints:
            async with each.lock:
                found += await self.off_loop(_last_samples, each, tuple(self._raw_windows), since_ms)
        return tuple(found)

    async def resume(self, known: Iterable[LastSamples]) -> None:
        """A target that is not scraped any more is left out."""
        by_target: dict[str, list[LastSamples]] = {}
        for last in known:
            by_target.setdefault(last.target, []).append(last)
        for each in self._endpoints:
            if mine := by_target.get(each.digest):
                async with each.lock:
                    each.history.resume((last.name, last.labels, last.samples) for last in mine)

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        what = "the SLO history of a query needs a Prometheus"
        raise Blind(Reason.NO_DATA, f'{what}: add prometheus = "http://…" or history = "http://…" to [metrics]')

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._connections.off_loop(work, *args, **kwargs)

    async def status(self) -> list[Report]:
        await self.refresh()
        reports: list[Report] = []
        for each in self._endpoints:
            if each.failure is None:
                reports.append((True, f"{each.shown}: {each.summary}", ""))
            else:
                mend = "check that it is running and that scrape in [metrics] is its address"
                reports.append((False, each.describe_failure(self._clock()), mend))
        return reports


def _needs(measure: Measure) -> list[tuple[str, float]]:
    """(metric name, window in seconds; 0 if only the newest value is read)."""
    match measure:
        case Value(selector):
            return [(selector.name, 0.0)]
        case Rate(selector, window):
            return [(selector.name, window)]
        case Ratio(selector, of, window):
            return [(each.name, window) for each in (selector, *of)]
        case Quantile(_, histogram, window):
            return [(histogram.suffixed("_bucket").name, window)]
        case Promql():
            return []


def _selectors(measure: Shape) -> tuple[Selector, ...]:
    match measure:
        case Value(selector) | Rate(selector):
            return (selector,)
        case Ratio(selector, of):
            return (selector, *of)
        case Quantile(_, histogram):
            return (histogram.suffixed("_bucket"),)


def _raw(
    endpoints: list[ScrapeEndpoint], selector: Selector, start: int, end: int
) -> tuple[counter_deltas.CounterSeries, ...]:
    return tuple(
        replace(series, labels=_at(each.url, series.labels))
        for each in endpoints
        for series in each.history.raw(selector, start, end)
    )


def _last_samples(endpoint: ScrapeEndpoint, names: Iterable[str], since: int) -> list[LastSamples]:
    return [LastSamples(endpoint.digest, *each) for each in endpoint.history.last_samples(names, since)]


def _at(url: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Labels as Prometheus assigns them: the page's own ``job`` and ``instance`` get the prefix ``exported_``."""
    exported = {f"exported_{name}" if name in ("job", "instance") else name: value for name, value in labels.items()}
    return exported | {"instance": url}


def _compute(view: View, measure: Shape) -> Computed:
    match measure:
        case Value():
            return compute.value(view, measure)
        case Rate():
            return compute.rate(view, measure)
        case Ratio():
            return compute.ratio(view, measure)
        case Quantile():
            return compute.quantile(view, measure)
