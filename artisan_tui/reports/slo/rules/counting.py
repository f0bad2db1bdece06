"""How bad and total are read from Prometheus, per kind of SLI.

Both are recorded per window and divided afterwards, so a busy minute weighs more than an idle one; a
mean of ratios would not. ``or vector(0)`` stands on the counter of the part only: no 5xx series yet reads 0,
a dead exporter reads nothing (`anchors/slo.md` §2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.condition import Condition
from artisan_tui.domain.measure import Measure, Promql, Quantile, Rate, Ratio, Value, to_promql
from artisan_tui.domain.slo.rule_source import ChecksRule, EventsRule, Indicator, LatencyRule, SharesRule, SlicesRule
from artisan_tui.domain.slo.windows import BURN_WINDOWS, DAY
from artisan_tui.i18n import _
from artisan_tui.reports.slo.rules.spelling import all_of, ending_at, span

#: Seconds between two evaluations of windows up to `_QUICK` minutes, and of longer ones. An instant vector is
#: forgotten after five minutes, so neither may come near that.
QUICK_EVERY, SLOW_EVERY = 30, 120
_QUICK = 120
#: Minutes; longer windows are summed from what was recorded, for Prometheus reads every raw sample of a range.
_LONGEST_RAW = 3 * DAY
#: Scrapes or slices without which a window says nothing.
_LEAST_SAMPLES = 4
_COMPLEMENT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


class Inexpressible(ValueError):
    """The SLI cannot be a rule; the text says why, to a person."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The recorded series of one SLO.

    ``look`` is the query of an SLI that is one number, 0 to 1, per look; None for counters. ``resolution`` is
    the seconds between two scrapes or looks. ``events`` says that what is summed are whole events or slices.
    """

    slo: str
    resolution: float
    indicator: Indicator
    look: str | None = None
    events: bool = True

    @property
    def base(self) -> int:
        """Minutes of the shortest window that can be read."""
        return next((w for w in BURN_WINDOWS.values() if self.readable(w)), DAY)

    def readable(self, minutes: int) -> bool:
        return minutes * 60 // self.resolution >= _LEAST_SAMPLES

    def every(self, minutes: int) -> int:
        return QUICK_EVERY if minutes <= max(_QUICK, self.base) else SLOW_EVERY

    def series(self, part: str, minutes: int) -> str:
        """The recorded series of ``bad``, ``total`` or ``ratio`` over a window, with its matcher."""
        return f'{self.name(part, minutes)}{{slo="{self.slo}"}}'

    def name(self, part: str, minutes: int) -> str:
        window = span(minutes * 60)
        if part == "ratio":
            return f"slo:sli_error:ratio_rate{window}"
        return f"slo:sli_{part}:{'rate' if self.look is None else 'sum'}{window}"

    @property
    def sample(self) -> str:
        return f'{SAMPLE}{{slo="{self.slo}"}}'

    def expression(self, part: str, minutes: int) -> str:
        """The query behind ``bad``, ``total`` or ``ratio``; nothing rather than NaN where nothing happened."""
        if part == "ratio":
            return f"{self.series('bad', minutes)} / ({self.series('total', minutes)} > 0)"
        window = span(minutes * 60)
        if self.look is not None:
            return f"{'sum' if part == 'bad' else 'count'}_over_time({self.sample}[{window}])"
        if minutes > _LONGEST_RAW:
            summed = f"sum_over_time({self.series(part, self.base)}[{window}])"
            return f"{summed} * {self.every(self.base)} / {minutes * 60}"
        return _bad(self.indicator, window) if part == "bad" else _total(self.indicator, window)

    def at_least(self, part: str, minutes: int, count: int) -> str:
        """A condition that holds from ``count`` events on. `rate` extrapolates by up to a third, never down."""
        scale = f" * {minutes * 60}" if self.look is None else ""
        return f"{self.series(part, minutes)}{scale} > {count - 0.5}"

    @property
    def gone(self) -> str:
        """A query that answers when the SLI cannot be read."""
        if self.look is not None:
            return f"absent_over_time({self.sample}[{span(max(3 * self.resolution, 300))}])"
        # A histogram without the bucket has a total and nothing bad.
        part = "bad" if isinstance(self.indicator, LatencyRule) else "total"
        silent = f"{self.series('total', DAY)} == 0"
        return f"absent({self.series(part, self.base)})\nor {silent}"


SAMPLE = "slo:sli_bad:sample"


def counting(slo: str, indicator: Indicator, interval: float) -> Counting:
    """Raises Inexpressible."""
    match indicator:
        case EventsRule() | LatencyRule():
            return Counting(slo, interval, indicator)
        case SlicesRule(measure, good, seconds):
            return Counting(slo, seconds, indicator, _bad_slice(measure, good, seconds))
        case SharesRule(bad, good_share):
            one = f"clamp(vector(scalar({bad or good_share})) >= -Inf, 0, 1)"
            return Counting(slo, 60.0, indicator, one if bad else f"1 - {one}", events=False)
        case ChecksRule():
            raise Inexpressible(_("it uses the check results of artisan-tui, which Prometheus does not have"))


def _total(indicator: Indicator, window: str) -> str:
    match indicator:
        case EventsRule(total):
            return f"sum(rate({total}[{window}]))"
        case LatencyRule(histogram):
            return f"sum(rate({all_of(histogram)}[{window}]))"
    raise AssertionError(indicator)


def _bad(indicator: Indicator, window: str) -> str:
    match indicator:
        case EventsRule(_total_counter, bad, None) if bad is not None:
            return f"sum(rate({bad}[{window}])) or vector(0)"
        case EventsRule(_total_counter, _none, good):
            # Two estimates: their difference may fall a little below nothing.
            return f"clamp_min({_total(indicator, window)} - (sum(rate({good}[{window}])) or vector(0)), 0)"
        case LatencyRule(histogram, threshold):
            fast = f"sum(rate({ending_at(histogram, threshold)}[{window}]))"
            return f"clamp_min({_total(indicator, window)} - {fast}, 0)"
    raise AssertionError(indicator)


def _bad_slice(measure: Measure, good: Condition, seconds: float) -> str:
    """1 for a bad slice, 0 for a good one, nothing for one without a value: NaN is not a value."""
    literal = good.literal
    if good.op not in _COMPLEMENT or not isinstance(literal, Decimal) or literal.is_nan():
        raise Inexpressible(_("its condition {condition!r} does not compare a number").format(condition=good.text[:80]))
    return f"({_value(measure, seconds)} >= -Inf) {_COMPLEMENT[good.op]} bool {literal:f}"


def _value(measure: Measure, seconds: float) -> str:
    match measure:
        case Value(selector, agg):
            # The last sample of the slice itself: an instant vector would carry a value on for five minutes.
            last = f"last_over_time({selector}[{span(seconds)}])"
            # Several series where one is meant are no value.
            return f"{agg}({last})" if agg else f"vector(scalar({last}))"
        case Rate() | Ratio() | Quantile():
            return f"({to_promql(measure)})"
        case Promql(query):
            return f"vector(scalar({query}))"
