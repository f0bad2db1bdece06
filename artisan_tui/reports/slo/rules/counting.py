"""PromQL for the bad and the total counts of each kind of SLI.

Both are recorded per window and divided afterwards, so minutes are weighted by their events. A mean of
ratios would not do that. ``or vector(0)`` is on the counter of the part only: without any 5xx series the
value is 0, and with a dead exporter there is none (`anchors/slo.md` §2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.condition import Condition
from artisan_tui.domain.measure import Measure, Promql, Quantile, Rate, Ratio, Value, to_promql
from artisan_tui.domain.slo.rule_source import ChecksRule, EventsRule, Indicator, LatencyRule, SharesRule, SlicesRule
from artisan_tui.domain.slo.windows import BURN_WINDOWS, DAY
from artisan_tui.i18n import _
from artisan_tui.reports.slo.rules.spelling import all_of, ending_at, one_number, span

#: Seconds between two evaluations of windows up to `_QUICK` minutes, and of longer ones. Prometheus drops a
#: sample after five minutes, so both must be much shorter.
QUICK_EVERY, SLOW_EVERY = 30, 120
_QUICK = 120
#: Minutes. Longer windows are summed from recorded series, because Prometheus reads every raw sample of a range.
_LONGEST_RAW = 3 * DAY
#: The minimum number of scrapes or slices in a window.
LEAST_SAMPLES = 4
_COMPLEMENT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


class Inexpressible(ValueError):
    """The SLI cannot be written as a rule. The text says why."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The recorded series of one SLO.

    ``sample_query`` is the query of an SLI that has one number, 0 to 1, per sample; None for counters.
    ``resolution`` is the seconds between two scrapes or samples. ``events`` means that whole events or
    slices are counted.
    """

    slo: str
    resolution: float
    indicator: Indicator
    sample_query: str | None = None
    events: bool = True

    @property
    def base(self) -> int:
        """The shortest window with enough samples, in minutes."""
        return next((w for w in BURN_WINDOWS.values() if self.readable(w)), DAY)

    def readable(self, minutes: int) -> bool:
        return minutes * 60 // self.resolution >= LEAST_SAMPLES

    def every(self, minutes: int) -> int:
        return QUICK_EVERY if minutes <= max(_QUICK, self.base) else SLOW_EVERY

    def series(self, part: str, minutes: int) -> str:
        """The selector of the recorded series of ``bad``, ``total`` or ``ratio`` over a window."""
        return f'{self.name(part, minutes)}{{slo="{self.slo}"}}'

    def name(self, part: str, minutes: int) -> str:
        window = span(minutes * 60)
        if part == "ratio":
            return f"slo:sli_error:ratio_rate{window}"
        return f"slo:sli_{part}:{'rate' if self.sample_query is None else 'sum'}{window}"

    @property
    def sample(self) -> str:
        return f'{SAMPLE}{{slo="{self.slo}"}}'

    def expression(self, part: str, minutes: int) -> str:
        """The query of ``bad``, ``total`` or ``ratio``. Without events, the ratio has no value instead of NaN."""
        if part == "ratio":
            return f"{self.series('bad', minutes)} / ({self.series('total', minutes)} > 0)"
        window = span(minutes * 60)
        if self.sample_query is not None:
            return f"{'sum' if part == 'bad' else 'count'}_over_time({self.sample}[{window}])"
        if minutes > _LONGEST_RAW:
            summed = f"sum_over_time({self.series(part, self.base)}[{window}])"
            return f"{summed} * {self.every(self.base)} / {minutes * 60}"
        return _bad(self.indicator, window) if part == "bad" else _total(self.indicator, window)

    def at_least(self, part: str, minutes: int, count: int) -> str:
        """A condition that holds from ``count`` events on. `rate` can overestimate by up to a third, and never underestimates."""
        scale = f" * {minutes * 60}" if self.sample_query is None else ""
        return f"{self.series(part, minutes)}{scale} > {count - 0.5}"

    @property
    def gone(self) -> str:
        """A query that has a result when the SLI has no data."""
        if self.sample_query is not None:
            return f"absent_over_time({self.sample}[{span(max(3 * self.resolution, 300))}])"
        # A histogram without the bucket at the threshold has a total and no bad count.
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
            one = f"clamp({one_number(bad or good_share or '')} >= -Inf, 0, 1)"
            return Counting(slo, 60.0, indicator, one if bad else f"1 - {one}", events=False)
        case ChecksRule():
            raise Inexpressible(_("it uses the check results of artisan-tui, which Prometheus does not have"))


def _total(indicator: Indicator, window: str) -> str:
    match indicator:
        case EventsRule(total):
            return f"sum(rate({total}[{window}]))"
        case LatencyRule(histogram, native=True):
            return f"sum(histogram_count(rate({histogram}[{window}])))"
        case LatencyRule(histogram):
            return f"sum(rate({all_of(histogram)}[{window}]))"
    raise AssertionError(indicator)


def _bad(indicator: Indicator, window: str) -> str:
    match indicator:
        case EventsRule(_total_counter, bad, None) if bad is not None:
            return f"sum(rate({bad}[{window}])) or vector(0)"
        case EventsRule(_total_counter, _none, good):
            # Both are estimates, so their difference can be slightly negative.
            return f"clamp_min({_total(indicator, window)} - (sum(rate({good}[{window}])) or vector(0)), 0)"
        case LatencyRule(histogram, threshold, native=True):
            rate = f"rate({histogram}[{window}])"
            slow = f"(1 - histogram_fraction(0, {threshold.normalize():f}, {rate})) * histogram_count({rate})"
            return f"clamp_min(sum({slow}), 0)"
        case LatencyRule(histogram, threshold):
            fast = f"sum(rate({ending_at(histogram, threshold)}[{window}]))"
            return f"clamp_min({_total(indicator, window)} - {fast}, 0)"
    raise AssertionError(indicator)


def _bad_slice(measure: Measure, good: Condition, seconds: float) -> str:
    """A query with 1 for a bad slice, 0 for a good one, and no result for a slice without a value or with NaN."""
    literal = good.literal
    if good.op not in _COMPLEMENT or not isinstance(literal, Decimal) or literal.is_nan():
        raise Inexpressible(_("its condition {condition!r} does not compare a number").format(condition=good.text[:80]))
    return f"({_value(measure, seconds)} >= -Inf) {_COMPLEMENT[good.op]} bool {literal:f}"


def _value(measure: Measure, seconds: float) -> str:
    match measure:
        case Value(selector, agg):
            # The last sample in the slice. An instant vector would repeat an older value for five minutes.
            last = f"last_over_time({selector}[{span(seconds)}])"
            # Without an aggregation, several series give no value.
            return f"{agg}({last})" if agg else f"vector(scalar({last}))"
        case Rate() | Ratio() | Quantile():
            return f"({to_promql(measure)})"
        case Promql(query):
            return one_number(query)
