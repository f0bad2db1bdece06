"""Latency SLIs: a classic Prometheus histogram -> counters of fast events and of all events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from artisan_tui.domain.slo.counter_deltas import CounterSeries

_INF = Decimal("Infinity")


class MissingBucket(ValueError):
    """No bucket has the threshold as its bound. ``bounds`` are the finite bounds in seconds, ascending."""

    def __init__(self, threshold: Decimal, bounds: tuple[Decimal, ...]) -> None:
        self.bounds = bounds
        has = ", ".join(f"{bound.normalize():f}" for bound in bounds) or "none"
        super().__init__(
            f"the histogram has no bucket at {threshold.normalize():f} s, only at {has}: "
            "add one there, or choose one of these as the threshold"
        )


@dataclass(frozen=True, slots=True)
class Split:
    """The counters of fast (``good``) and of all (``total``) events, sampled at the same times.

    ``lacking`` are label sets without the bucket, which are not counted. ``estimated`` means that some
    samples were interpolated linearly, as in `histogram_quantile`.
    """

    good: tuple[CounterSeries, ...]
    total: tuple[CounterSeries, ...]
    lacking: tuple[Mapping[str, str], ...]
    estimated: bool


@dataclass(slots=True)
class _Histogram:
    """One label set without `le`. ``bounds``: bucket bound -> time (ms) -> count."""

    labels: dict[str, str]
    bounds: dict[Decimal, dict[int, float]] = field(default_factory=dict)
    created: dict[int, int] = field(default_factory=dict)


def split(buckets: Iterable[CounterSeries], threshold: Decimal, *, interpolate: bool = False) -> Split:
    """Split the events at ``threshold`` seconds.

    Raises MissingBucket when no label set has a bucket there or, with ``interpolate``, when no label set
    has finite bounds on both sides.

    Bounds are compared as numbers: ``1`` (Prometheus 2) and ``1.0`` (Prometheus 3) are the same bucket.
    A time counts only when the bucket and +Inf both have a sample. So the time before the bucket was
    added has no events, instead of only bad ones. Interpolated counts are rounded down per sample, not
    per difference, so the differences add up; the fraction that is cut off counts as slow.
    """
    good, total, lacking, estimated = [], [], [], False
    known: set[Decimal] = set()
    for each in _histograms(buckets):
        known.update(each.bounds)
        whole, fast = each.bounds.get(_INF, {}), dict(each.bounds.get(threshold, {}))
        if interpolate and whole.keys() - fast.keys():
            guessed = _between(each.bounds, threshold, whole.keys() - fast.keys())
            estimated = estimated or bool(guessed)
            fast.update(guessed)
        both = sorted(whole.keys() & fast.keys())
        if whole and not both:
            lacking.append(each.labels)
        elif both:
            good.append(CounterSeries(each.labels, tuple((at, fast[at]) for at in both), each.created))
            total.append(CounterSeries(each.labels, tuple((at, whole[at]) for at in both), each.created))
    if lacking and not total:
        raise MissingBucket(threshold, tuple(sorted(bound for bound in known if bound.is_finite())))
    return Split(tuple(good), tuple(total), tuple(lacking), estimated)


def _histograms(buckets: Iterable[CounterSeries]) -> list[_Histogram]:
    found: dict[frozenset[tuple[str, str]], _Histogram] = {}
    for series in buckets:
        bound = _bound(series.labels.get("le", ""))
        if bound is None:
            continue
        labels = {name: value for name, value in series.labels.items() if name != "le"}
        each = found.setdefault(frozenset(labels.items()), _Histogram(labels))
        samples = each.bounds.setdefault(bound, {})
        for at, value in series.samples:
            if 0 <= value < math.inf:
                samples[at] = max(value, samples.get(at, value))
        for at, when in series.created.items():
            each.created[at] = max(when, each.created.get(at, when))
    return list(found.values())


def _bound(text: str) -> Decimal | None:
    try:
        bound = Decimal(text)
    except InvalidOperation:
        return None
    return None if bound.is_nan() else bound


def _between(
    bounds: Mapping[Decimal, Mapping[int, float]], threshold: Decimal, times: Iterable[int]
) -> dict[int, float]:
    """Time (ms) -> the interpolated count of a bucket at ``threshold``. Events are assumed to be evenly spread."""
    lower = max((bound for bound in bounds if bound < threshold), default=Decimal(0))
    upper = min((bound for bound in bounds if bound > threshold), default=_INF)
    if not upper.is_finite() or not 0 <= lower < threshold:
        return {}
    place = Fraction(threshold - lower) / Fraction(upper - lower)
    below = bounds.get(lower)
    out: dict[int, float] = {}
    for at in times:
        high, low = bounds[upper].get(at), 0.0 if below is None else below.get(at)
        if high is not None and low is not None:
            out[at] = math.floor(Fraction(low) + max(Fraction(0), Fraction(high) - Fraction(low)) * place)
    return out
