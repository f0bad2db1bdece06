"""The indicator of kind latency: events below a threshold, from the buckets of a classic histogram.

It requests only the threshold's bucket and the +Inf bucket, in all spellings that clients and servers use for bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from artisan_tui.config.slo.spec import LatencySli
from artisan_tui.domain.selector import Matcher, Selector
from artisan_tui.domain.slo.buckets import MissingBucket, Split, split
from artisan_tui.domain.slo.counter_deltas import LOOKBACK, CounterSeries
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import BY_MINUTE, LONGEST_GAP, Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSamples, RangeSource
from artisan_tui.sources.slo.earlier import Found, with_matchers
from artisan_tui.sources.slo.incremental import Batch, IncrementalCounts
from artisan_tui.sources.slo.indicator import MinuteRows, Unmeasurable, canonical, digest

_INF = Decimal("Infinity")
#: Bounds listed in an error, those nearest to the threshold.
_NAMED = 12


class LatencyReader:
    """An `Indicator`."""

    def __init__(self, sli: LatencySli, source: RangeSource) -> None:
        self._source = source
        self._threshold = Decimal(str(sli.threshold))
        self._interpolate = sli.interpolate
        self._buckets = sli.histogram.suffixed("_bucket")
        source.wants_samples((self._buckets,), LOOKBACK / 1000)
        self._counts = IncrementalCounts(
            source, self._fetch, self._latest, f"no series matches {self._buckets}", part_is_good=True
        )
        #: The bounds found so far between which the count is interpolated.
        self._around: frozenset[Decimal] = frozenset()
        #: The newest time (ms) at which the bucket existed. A histogram without it before that time is not an error.
        self._found_at = -1
        self.grid = BY_MINUTE
        self.resolution = source.interval_ms / 1000
        self.evidence = Evidence(
            "latency",
            (("histogram", printable(str(sli.histogram))), ("threshold", f"{plain(self._threshold)} s")),
            estimated_why=(
                f"no bucket ends at {plain(self._threshold)} s: counts between two buckets are interpolated"
            ),
            interval_ms=source.interval_ms,
        )
        means = {"histogram": canonical(self._buckets), "threshold": plain(self._threshold)}
        self.definition = digest("latency", source.interval_ms, interpolate=sli.interpolate, **means)

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind. Its subclass Unmeasurable lists the existing buckets."""
        return await self._counts.rows(span)

    async def _fetch(self, start: int, end: int) -> Batch:
        read = await self._read(start, end)
        count = read.count
        found, lacking_at = await self._source.off_loop(split_buckets, read.series, self._threshold, self._interpolate)
        if lacking_at is not None and not read.notes and (self._interpolate or found is None):
            bounds = await self._bounds(lacking_at)
            nearest = frozenset(each for of_one in bounds for each in neighbours(of_one, self._threshold))
            if self._interpolate and not nearest <= self._around:
                self._around |= nearest
                read = await self._read(start, end)
                count += read.count
                found, lacking_at = await self._source.off_loop(split_buckets, read.series, self._threshold, True)
            if found is None and not read.notes:
                why = self._missing({bound for of_one in bounds for bound in of_one})
                if lacking_at is not None and lacking_at >= self._found_at:
                    raise Unmeasurable(why)
                return Batch((), (), read.notes, (*read.remarks, why), read.query, count)
        if found is None:
            return Batch((), (), read.notes, read.remarks, read.query, count)
        times = [each.samples[-1][0] for each in found.total]
        self._found_at = max(self._found_at, *times) if times else self._found_at
        remarks = read.remarks
        if read.series and not found.total:
            remarks += (f'{printable(str(self._buckets), 300)} has no bucket with le="+Inf": it is not a histogram\'s',)
        if found.lacking:
            which, of = len(found.lacking), len(found.lacking) + len(found.total)
            remarks += (f"{which} of {of} histograms have no bucket at {plain(self._threshold)} s and are excluded",)
        return Batch(found.total, found.good, read.notes, remarks, read.query, count, found.estimated)

    async def _read(self, start: int, end: int) -> RangeSamples:
        return await self._source.raw(self._with(self._wanted()), start, end)

    async def _latest(self, matchers: tuple[Matcher, ...], start: int, end: int) -> Found:
        read = await self._source.latest(self._with(self._wanted(), *matchers), start, end)
        found, _ = await self._source.off_loop(split_buckets, read.series, self._threshold, self._interpolate)
        return Found((), (), read.notes) if found is None else Found(found.total, found.good, read.notes)

    def _wanted(self) -> Matcher:
        return Matcher("le", "=~", "|".join(map(spellings, (self._threshold, *sorted(self._around), _INF))))

    def _with(self, *matchers: Matcher) -> Selector:
        return with_matchers(self._buckets, matchers)

    async def _bounds(self, at: int) -> list[frozenset[Decimal]]:
        """The finite bounds of each histogram around ``at`` (ms since the epoch). Raises Blind."""
        longest, of = LONGEST_GAP
        read = await self._source.raw(self._buckets, at - longest * self._source.interval_ms // of, at + 1)
        return await self._source.off_loop(bounds, read.series)

    def _missing(self, known: Iterable[Decimal]) -> str:
        threshold = self._threshold
        near = sorted(sorted(known, key=lambda bound: abs(bound - threshold))[:_NAMED])
        listed = ", ".join(map(plain, near)) or "none"
        what = f"the histogram {self._buckets.name} has no bucket at {plain(threshold)} s, only at {listed}"
        mend = "add one there, or choose one of these as the threshold"
        if not self._interpolate and any(bound > threshold for bound in near):
            mend = "add one there, choose one of these as the threshold, or write interpolate = true"
        return printable(f"{what}: {mend}", 480)


def split_buckets(
    series: Iterable[CounterSeries], threshold: Decimal, interpolate: bool
) -> tuple[Split | None, int | None]:
    """(`split`, or None without the bucket; the newest time in ms without the bucket, or None)."""
    read = tuple(series)
    try:
        found = split(read, threshold, interpolate=interpolate)
    except MissingBucket:
        found = None
    have = {key(each.labels): {at for at, _ in each.samples} for each in (found.total if found else ())}
    lacking = [
        at
        for each in read
        if bound_of(each.labels) == _INF
        for at, _ in each.samples
        if at not in have.get(key(each.labels), ())
    ]
    return found, max(lacking, default=None)


def bounds(series: Iterable[CounterSeries]) -> list[frozenset[Decimal]]:
    """The finite bounds of each label set."""
    found: dict[frozenset[tuple[str, str]], set[Decimal]] = {}
    for each in series:
        bound = bound_of(each.labels)
        if bound is not None and bound.is_finite():
            found.setdefault(key(each.labels), set()).add(bound)
    return [frozenset(each) for each in found.values()]


def neighbours(known: Iterable[Decimal], threshold: Decimal) -> set[Decimal]:
    """The bounds next to the threshold, for interpolation. Empty without a bound above it."""
    below, above = [each for each in known if each < threshold], [each for each in known if each > threshold]
    if not above:
        return set()
    return {min(above)} | ({max(below)} if below else set())


def key(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The labels without ``le``, which identify a histogram."""
    return frozenset((name, value) for name, value in labels.items() if name != "le")


def bound_of(labels: Mapping[str, str]) -> Decimal | None:
    """The upper bound of a bucket's series; None if ``le`` is not a number."""
    try:
        bound = Decimal(labels.get("le", ""))
    except InvalidOperation:
        return None
    return None if bound.is_nan() else bound


def plain(number: Decimal) -> str:
    """``2.5``, ``1000000``: without exponent and trailing zeros."""
    return f"{number.normalize():f}"


def spellings(bound: Decimal) -> str:
    """A regular expression for all spellings of ``bound``: 1, 1.0, 2.50, 1e+06, 1.0E6, +Inf."""
    if not bound.is_finite():
        return "[+]?Inf"
    sign, digits, _ = bound.normalize().as_tuple()
    minus = "-" if sign else ""
    whole, _, fraction = plain(abs(bound)).partition(".")
    if fraction and whole == "0":
        whole = "0?"
    fixed = f"{minus}{whole}" + (f"[.]{fraction}0*" if fraction else "([.]0*)?")
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    mantissa = first + (f"[.]{rest}0*" if rest else "([.]0*)?")
    power = bound.adjusted()
    exponent = f"-0*{-power}" if power < 0 else f"[+]?0*{power}"
    return f"{fixed}|{minus}{mantissa}[eE]{exponent}"
