"""Measures: what to read, declared, not written as PromQL.

A measure compiles to correct PromQL for a Prometheus (`to_promql`) and is computed
from raw samples by the embedded scraper (`counters`), so one configuration works
against both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.selector import Selector


@dataclass(frozen=True, slots=True)
class Value:
    """A gauge. Without ``agg`` exactly one series must match."""

    selector: Selector
    agg: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per second over ``window`` seconds, all matching counters together."""

    selector: Selector
    window: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """The share of ``of`` that ``selector`` is, over ``window`` seconds; no ``of`` at all is NaN."""

    selector: Selector
    of: Selector
    window: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The ``q`` quantile (0 to 1) of a classic histogram named without its ``_bucket``."""

    q: Decimal
    histogram: Selector
    window: float


@dataclass(frozen=True, slots=True)
class Promql:
    """A raw query; only a Prometheus can answer it."""

    query: str


Measure = Value | Rate | Ratio | Quantile | Promql


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """What a backend answered to a measure.

    ``value`` may be NaN (no traffic in the window). ``age`` is seconds since the newest
    sample it rests on, None when the backend cannot know. ``notes`` are reservations
    (partial answer, warnings): the value may be shown, never as green. ``remarks`` change
    nothing. ``query`` is what was asked, in words a person can paste. ``provisional``: so little
    of the window is known yet that a bad value proves nothing.
    """

    value: Decimal
    age: float | None = None
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    provisional: bool = False


def to_promql(measure: Measure) -> str:
    """The query that means the same to Prometheus.

    ``sum by (le)`` so that a histogram spread over labels gives one quantile; ``or
    vector(0)`` on the numerator only, so that no errors yet reads 0 and a dead exporter
    reads nothing.
    """
    match measure:
        case Value(selector, agg):
            return f"{agg}({selector})" if agg else str(selector)
        case Rate(selector, window):
            return f"sum(rate({selector}[{_window(window)}]))"
        case Ratio(selector, of, window):
            w = _window(window)
            return f"(sum(rate({selector}[{w}])) or vector(0)) / sum(rate({of}[{w}]))"
        case Quantile(q, histogram, window):
            return f"histogram_quantile({q}, sum by (le) (rate({histogram.suffixed('_bucket')}[{_window(window)}])))"
        case Promql(query):
            return query


def _window(seconds: float) -> str:
    """Exact, in the largest units that divide it: Prometheus reads 1h5s, and 3605s reads worse."""
    ms = round(seconds * 1000)
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        whole, ms = divmod(ms, size)
        text += f"{whole}{unit}" if whole else ""
    return text or "0s"
