"""What a backend remembers of raw samples: what SLOs are counted from."""

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
    """``notes``: the answer is partial, and says so. ``remarks`` change nothing. ``query`` can be pasted."""

    series: tuple[CounterSeries, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""

    @property
    def count(self) -> int:
        return sum(len(each.samples) for each in self.series)


@runtime_checkable
class RangeSource(Protocol):
    """Used on one event loop. Whatever is asked raises Blind where it cannot be answered; what is
    `Blind.divisible` may be answered in smaller spans.

    A good answer has up to some 20,000 samples: 0.5 MB, parsed in 30 ms, on a thread that lets others in between.
    An hour of 80 series at 15 s is that many.
    """

    @property
    def interval_ms(self) -> int:
        """Time between two scrapes."""
        ...

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        """What will be read, and how far back: a scraper keeps nothing else. Before `start`, to lose nothing."""
        ...

    async def now_ms(self) -> int:
        """By the clock that stamps the samples."""
        ...

    async def retention(self) -> float | None:
        """Seconds back from now that are remembered, None when the server does not say. A scraper's grows with time."""
        ...

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """All samples of all series that match, ``start_ms`` <= time < ``end_ms``."""
        ...

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        """PromQL evaluated at ``start_ms``, ``start_ms + step_ms`` and so on before ``end_ms``. Values may be NaN."""
        ...

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``work`` in a thread of the backend's."""
        ...

    async def aclose(self) -> None: ...
