"""Measures: what to read from metrics, declared instead of written as PromQL.

A measure compiles to PromQL for a Prometheus (`to_promql`). The embedded scraper computes it from raw
samples (`counters`). So one configuration works with both backends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.selector import Selector


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a gauge. Without ``agg``, exactly one series must match."""

    selector: Selector
    agg: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per second over ``window`` seconds, summed over all matching counters."""

    selector: Selector
    window: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """Events of ``selector`` divided by the events of all in ``of``, over ``window`` seconds. NaN when there are none.

    ``of`` has at least one selector, and each must match a series: without the misses, hits would be all there is.
    """

    selector: Selector
    of: tuple[Selector, ...]
    window: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The ``q`` quantile (0 to 1) of a classic histogram over ``window`` seconds. The name has no ``_bucket``."""

    q: Decimal
    histogram: Selector
    window: float


@dataclass(frozen=True, slots=True)
class Promql:
    """A raw query. Only a Prometheus can answer it."""

    query: str


Measure = Value | Rate | Ratio | Quantile | Promql


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """The answer of a backend to a measure.

    - ``value`` is NaN when there was no traffic in the window.
    - ``age`` is the seconds since the newest sample behind the value, None when unknown.
    - ``notes`` are limitations such as a partial answer. With a note, a check is degraded at best.
    - ``remarks`` are information that does not change the state.
    - ``query`` is the query as a person can paste it.
    - ``provisional`` is True while too little of the window is known to trust a bad value.
    """

    value: Decimal
    age: float | None = None
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    provisional: bool = False


def to_promql(measure: Measure) -> str:
    """The PromQL query for ``measure``.

    ``sum by (le)`` gives one quantile for a histogram with several label sets. ``or vector(0)`` is
    on the numerator only: without any error series the ratio is 0, and with a dead exporter there
    is no value. Nor is there one if any of several denominators has no series.
    """
    match measure:
        case Value(selector, agg):
            return f"{agg}({selector})" if agg else str(selector)
        case Rate(selector, window):
            return f"sum(rate({selector}[{_window(window)}]))"
        case Ratio(selector, of, window):
            w = _window(window)
            return f"(sum(rate({selector}[{w}])) or vector(0)) / {_added([f'sum(rate({each}[{w}]))' for each in of])}"
        case Quantile(q, histogram, window):
            return f"histogram_quantile({q}, sum by (le) (rate({histogram.suffixed('_bucket')}[{_window(window)}])))"
        case Promql(query):
            return query


def _added(sums: Sequence[str]) -> str:
    return sums[0] if len(sums) == 1 else f"({' + '.join(sums)})"


def _window(seconds: float) -> str:
    """An exact duration in mixed units, such as 1h5s, which Prometheus accepts and people read more easily than 3605s."""
    ms = round(seconds * 1000)
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        whole, ms = divmod(ms, size)
        text += f"{whole}{unit}" if whole else ""
    return text or "0s"
