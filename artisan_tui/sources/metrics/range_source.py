"""The protocol for reading raw samples of a time range. SLOs are counted from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar, runtime_checkable

from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RangeSamples:
    """``notes``: the response is partial. ``remarks`` are informative. ``query`` can be pasted into Prometheus."""

    series: tuple[CounterSeries, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""

    @property
    def count(self) -> int:
        """The number of samples."""
        return sum(len(each.samples) for each in self.series)


@dataclass(frozen=True, slots=True)
class LastSamples:
    """The newest samples of one series as they were scraped: (ms since the epoch, value). ``target`` is a digest of the URL."""

    target: str
    name: str
    labels: tuple[tuple[str, str], ...]
    samples: tuple[tuple[int, float], ...]


@runtime_checkable
class Resumable(Protocol):
    """A range source whose samples end with the program, so that the next session needs the last ones."""

    async def last_samples(self, since_ms: int) -> tuple[LastSamples, ...]:
        """The samples from ``since_ms`` on, and of each series the last one before."""
        ...

    async def resume(self, known: Iterable[LastSamples]) -> None:
        """Go on from what an earlier session had. Its samples are read like those of this session."""
        ...


@runtime_checkable
class RangeSource(Protocol):
    """Reads raw samples. Used on one event loop. Methods raise Blind; a smaller range may succeed if `Blind.divisible`.

    A good response has at most 20,000 samples (0.5 MB, parsed in 30 ms without blocking other threads). That is one
    hour of 80 series at 15 s.
    """

    @property
    def interval_ms(self) -> int:
        """Time between two scrapes."""
        ...

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        """Announce what will be read, and how many seconds back, because a scraper keeps nothing else. Call it before
        `start`.
        """
        ...

    async def now_ms(self) -> int:
        """The current time of the clock that stamps the samples, in ms since the epoch."""
        ...

    async def retention(self) -> float | None:
        """Seconds back from now for which samples exist; None if the server does not report it. Grows over time for a
        scraper.
        """
        ...

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """All samples of all matching series with ``start_ms`` <= time < ``end_ms`` (ms since the epoch)."""
        ...

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """The last sample of every matching series with ``start_ms`` <= time < ``end_ms``, much cheaper than `raw`.

        The values are exact. The times may be wrong, but are within the range.
        """
        ...

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        """Evaluate PromQL at ``start_ms``, ``start_ms + step_ms`` and so on, before ``end_ms``. Values may be NaN."""
        ...

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in one of the backend's threads."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
