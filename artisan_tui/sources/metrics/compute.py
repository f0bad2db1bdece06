"""Compute measures from scraped samples, without I/O.

The rules are Prometheus', except that nothing is extrapolated to the edges of a window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.counters import Sample, covered, histogram_quantile, increase
from artisan_tui.domain.measure import Quantile, Rate, Ratio, Value
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.span import minutes_text, span_text
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.series import History, ScrapedSeries

#: A remark says how much of the window is covered if the share is below this.
_ENOUGH = 0.8
#: Seconds, or share of the window, that must be covered before a bad value counts against the target.
_LEAST, _LEAST_SHARE = 30.0, 0.1


@dataclass(frozen=True, slots=True)
class View:
    """The histories of the current endpoints at ``now`` (monotonic s). ``slack`` is the longest time between two
    scrapes, in s.
    """

    now: float
    slack: float
    histories: Sequence[History]


@dataclass(frozen=True, slots=True)
class Computed:
    """``age`` is the age of the newest sample of the oldest endpoint, in seconds."""

    value: float
    age: float
    remarks: tuple[str, ...] = ()
    provisional: bool = False

    @property
    def exact(self) -> Decimal:
        """The value as Decimal, in the digits of its repr()."""
        return Decimal(repr(self.value))


@dataclass(frozen=True, slots=True)
class _Span:
    """The covered part of a window for one endpoint. Increases count after ``start``; ``floor`` is the baseline's
    time.
    """

    history: History
    start: float
    floor: float
    seconds: float
    known: float


def value(view: View, measure: Value) -> Computed:
    """The newest value, aggregated over the matching series. Raises Blind."""
    found = [(h, s) for h in view.histories for s in h.present(measure.selector)]
    if not found:
        raise Blind(Reason.NO_DATA, f"no series matches {measure.selector}")
    if measure.agg is None and len(found) > 1:
        raise Blind(Reason.VALUE, f'{len(found)} series match {measure.selector}, not one: add agg = "max"')
    numbers = [s.samples[-1][1] for _, s in found]
    age = view.now - min(s.samples[-1][0] for _, s in found)
    return Computed(_AGGREGATED[measure.agg or "sum"](numbers), age)


def _without_nan(numbers: Sequence[float]) -> Sequence[float]:
    """Like Prometheus' max and min: NaN counts only if there is nothing else."""
    return [n for n in numbers if not math.isnan(n)] or [math.nan]


_AGGREGATED: dict[str, Callable[[Sequence[float]], float]] = {
    "max": lambda numbers: max(_without_nan(numbers)),
    "min": lambda numbers: min(_without_nan(numbers)),
    "sum": lambda numbers: numbers[0] if len(numbers) == 1 else sum(numbers),
    "avg": lambda numbers: sum(numbers) / len(numbers),
}


def rate(view: View, measure: Rate) -> Computed:
    """Events per second over the window. Raises Blind."""
    spans = _spans(view, measure.selector, measure.window)
    return Computed(sum(_per_second(s, measure.selector) for s in spans), *_coverage(view, spans, measure.window))


def ratio(view: View, measure: Ratio) -> Computed:
    """Events of ``selector`` per event of all in ``of``.

    0 without any series of ``selector``, NaN without traffic. Raises Blind, also without a series of each in ``of``.
    """
    spans: list[_Span] = []
    whole = 0.0
    for each in measure.of:
        found = _spans(view, each, measure.window)
        spans += found
        whole += sum(_per_second(s, each) for s in found)
    parts = _spans(view, measure.selector, measure.window) if _histories_with(view, measure.selector) else []
    part = sum(_per_second(s, measure.selector) for s in parts)
    return Computed(part / whole if whole else math.nan, *_coverage(view, spans + parts, measure.window))


def quantile(view: View, measure: Quantile) -> Computed:
    """The quantile from a classic histogram, interpolated like Prometheus' histogram_quantile. Raises Blind."""
    selector = measure.histogram.suffixed("_bucket")
    spans = _spans(view, selector, measure.window)
    buckets: dict[float, float] = {}
    for span in spans:
        for series in span.history.matching(selector):
            bound = _bound(series.labels.get("le", ""))
            if bound is not None:
                buckets[bound] = buckets.get(bound, 0.0) + _events(span, series) / span.seconds
    if math.inf not in buckets:
        raise Blind(Reason.NO_DATA, f'{selector} has no bucket with le="+Inf": it is not a histogram\'s')
    return Computed(histogram_quantile(float(measure.q), buckets.items()), *_coverage(view, spans, measure.window))


def _bound(text: str) -> float | None:
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if math.isnan(bound) else bound


def _histories_with(view: View, selector: Selector) -> list[History]:
    return [h for h in view.histories if next(h.matching(selector), None) is not None]


def _spans(view: View, selector: Selector, window: float) -> list[_Span]:
    """The covered part of the window for every endpoint that has the series. Raises Blind."""
    matching = _histories_with(view, selector)
    if not matching:
        raise Blind(Reason.NO_DATA, f"no series matches {selector}")
    spans = []
    for history in matching:
        start = view.now - window
        # A baseline from before a gap would count old events into this window.
        times = [at for at in history.scrapes if at >= start - view.slack]
        base = max((i for i, at in enumerate(times) if at <= start), default=0)
        times = times[base:]
        if len(times) >= 2:
            known = covered([(at, 0.0) for at in times], start)
            spans.append(_Span(history, start, times[0], times[-1] - times[0], known))
    if not spans:
        has = len(matching[0].scrapes[-1:])
        raise Blind(Reason.NO_DATA, f"needs two scrapes, has {'one' if has else 'none'}")
    return spans


def _per_second(span: _Span, selector: Selector) -> float:
    return sum(_events(span, series) for series in span.history.matching(selector)) / span.seconds


def _events(span: _Span, series: ScrapedSeries) -> float:
    samples: list[Sample] = [s for s in series.samples if s[0] >= span.floor and math.isfinite(s[1])]
    born = series.born and bool(samples) and samples[0] is series.samples[0]
    return increase(samples, span.start, born=born)


def _coverage(view: View, spans: Sequence[_Span], window: float) -> tuple[float, tuple[str, ...], bool]:
    """(age in s, remarks, whether too little is covered for a bad value to count)."""
    age = view.now - min(span.history.scrapes[-1] for span in spans)
    known = min(span.known for span in spans)
    if known + age >= window * _ENOUGH:
        return age, (), False
    thin = known < min(_LEAST, window * _LEAST_SHARE)
    # The text uses minutes: it is shown on the board, and must not change with every scrape.
    return age, (f"covers {minutes_text(known)} of {span_text(window)}",), thin
