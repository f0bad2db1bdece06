"""Queries of other tools -> an `sli` table, exact when the queries are about counters.

OpenSLO and Sloth both use this module, because both describe an SLI as a pair of queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from artisan_tui.config.base import duration_text
from artisan_tui.config.measure import measure_table
from artisan_tui.config.slo.importing import promql
from artisan_tui.config.slo.importing.findings import At, ImportRefused, Notes
from artisan_tui.config.slo.importing.promql import Counter
from artisan_tui.domain.measure import Promql, Ratio, to_promql
from artisan_tui.domain.selector import Selector

_COUNTER_NAMES = ("_total", "_count", "_bucket", "_sum")
ESTIMATED = (
    "no counter was found in the query, so it is imported as a ratio (kind promql): every minute has the same weight"
)
_SELECTOR = "write it as one counter, like sum(rate(http_requests_total{code=~'5..'}[5m]))"


@dataclass(frozen=True, slots=True)
class IndicatorPart:
    """A query, its place, and the counter in it, if it has one."""

    at: At
    query: str
    counter: Counter | None

    @classmethod
    def of(cls, at: At, query: str) -> IndicatorPart:
        return cls(at, promql.one_line(query), promql.counter(query))


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``total``. The part are the bad events or the good events."""

    part: IndicatorPart
    total: IndicatorPart
    bad: bool
    counted: bool

    @property
    def query(self) -> str:
        return f"({self.part.query}) / ({self.total.query})"

    def ratio(self, seconds: float) -> Ratio | None:
        if not self.counted or self.part.counter is None or self.total.counter is None:
            return None
        return Ratio(self.part.counter.selector, (self.total.counter.selector,), seconds)


def share(part: IndicatorPart, total: IndicatorPart, *, bad: bool, counter: bool | None) -> Share:
    """``counter`` is what the file says about both: counters, gauges, or nothing. Raises ImportRefused."""
    good = _rest(part, total, counter) if bad else None
    if good is not None:
        part, bad = good, False
    if part.counter is None or total.counter is None:
        wanting = part if part.counter is None else total
        if counter is not False and not (promql.says_rate(part.query) and promql.says_rate(total.query)):
            raise ImportRefused(wanting.at, "no counter was found in this query", _SELECTOR)
        return Share(part, total, bad, counted=False)
    bare = [each for each in (part, total) if each.counter is not None and not each.counter.window]
    if not bare or counter:
        return Share(part, total, bad, counted=True)
    if counter is False:
        return Share(part, total, bad, counted=False)
    if all(each.counter is not None and each.counter.selector.name.endswith(_COUNTER_NAMES) for each in bare):
        return Share(part, total, bad, counted=True)
    raise ImportRefused(
        bare[0].at, "it is not stated whether this is a counter or a gauge", "add counter: true or counter: false"
    )


def ratio(at: At, query: str, *, bad: bool, notes: Notes) -> dict[str, Any]:
    """The sli table for a query of a share. When it divides two rates, their counters are used, which are exact."""
    both = promql.quotient(query)
    if both is None:
        notes.remark(at, ESTIMATED)
        return {"kind": "promql", "bad" if bad else "good": promql.one_line(query)}
    part, total, rest = both
    counted = [IndicatorPart(at, str(each.selector), each) for each in (part, total)]
    return occurrences(Share(counted[0], counted[1], bad is not rest, counted=True), notes)


def occurrences(given: Share, notes: Notes) -> dict[str, Any]:
    """All events have the same weight."""
    if not given.counted or given.part.counter is None or given.total.counter is None:
        notes.remark(given.part.at, ESTIMATED)
        return {"kind": "promql", "bad" if given.bad else "good": given.query}
    part, total = given.part.counter.selector, given.total.counter.selector
    if not given.bad and (latency := _latency(part, total)) is not None:
        histogram, threshold = latency
        return {"kind": "latency", "histogram": str(histogram), "threshold": f"{threshold:f}s"}
    return {"kind": "events", "total": str(total), "bad" if given.bad else "good": str(part)}


def shares(given: Share, seconds: float, notes: Notes) -> dict[str, Any]:
    """The mean of the ratios of all slices."""
    ratio = given.ratio(seconds)
    notes.remark(
        given.part.at, ("a mean of ratios is imported as a ratio (kind promql): every minute has the same weight")
    )
    return {"kind": "promql", "bad" if given.bad else "good": to_promql(ratio) if ratio else given.query}


def slices(given: Share, target: Decimal, seconds: float, notes: Notes) -> dict[str, Any]:
    """A slice is good when its share of good events reaches ``target``."""
    ratio = given.ratio(seconds)
    if ratio is not None and seconds <= 60:
        notes.remark(
            given.part.at,
            f"a ratio over {duration_text(seconds)} needs a scrape every {duration_text(seconds / 4)} or oftener",
        )
    return {
        "kind": "slices",
        "measure": measure_table(ratio or Promql(given.query)),
        "good": f"value <= {1 - target:f}" if given.bad else f"value >= {target:f}",
        "slice": duration_text(seconds),
    }


def _rest(part: IndicatorPart, total: IndicatorPart, counter: bool | None) -> IndicatorPart | None:
    """The good events when the bad ones are written as total - good."""
    both = promql.difference(part.query)
    if both is None or total.counter is None or not _same(both[0].selector, total.counter.selector):
        return None
    rated = both[0].window and both[1].window and total.counter.window
    return IndicatorPart(part.at, str(both[1].selector), both[1]) if rated or counter else None


def _same(left: Selector, right: Selector) -> bool:
    return left.name == right.name and set(left.matchers) == set(right.matchers)


def _latency(good: Selector, total: Selector) -> tuple[Selector, Decimal] | None:
    """The histogram and the threshold in seconds, when good is one of its buckets and total is its count."""
    bounds = [matcher for matcher in good.matchers if matcher.label == "le"]
    if not good.name.endswith("_seconds_bucket") or len(bounds) != 1 or bounds[0].op != "=":
        return None
    try:
        threshold = Decimal(bounds[0].value)
    except InvalidOperation:
        return None
    histogram = Selector(good.name.removesuffix("_bucket"), tuple(m for m in good.matchers if m.label != "le"))
    others = tuple(m for m in total.matchers if m.label != "le")
    every = [matcher.value for matcher in total.matchers if matcher.label == "le"]
    counts_all = (total.name == f"{histogram.name}_count" and not every) or (
        total.name == good.name and every == ["+Inf"]
    )
    if not threshold.is_finite() or threshold <= 0 or not counts_all or set(others) != set(histogram.matchers):
        return None
    return histogram, threshold
