"""What a backend remembers of raw samples: what SLOs are counted from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar, runtime_checkable

from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics
    from artisan_tui.sources.metrics.backend import Backend

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

    def wants_past(self, selectors: Iterable[Selector], seconds: float) -> None:
        """What will be read, and how far back: a scraper keeps nothing else. Before `start`, to lose nothing."""
        ...

    async def now_ms(self) -> int:
        """By the clock that stamps the samples."""
        ...

    async def keeps(self) -> float | None:
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


def open_range_source(metrics: Metrics, environ: Mapping[str, str], backend: Backend) -> RangeSource:
    """``[metrics].history`` when it is given, else ``backend``. No I/O.

    What is not ``backend`` itself is the caller's to close.
    """
    if metrics.history is not None and metrics.history != metrics.prometheus:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics.model_copy(update={"prometheus": metrics.history}), environ)
    if not isinstance(backend, RangeSource):
        raise TypeError(f"{type(backend).__name__} keeps no history")
    return backend
