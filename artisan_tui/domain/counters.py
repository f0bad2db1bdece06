"""Counter and histogram arithmetic on raw samples.

Increases are telescoped: every neighbouring pair of samples counts once, a drop is a
reset and counts the new value. Nothing is extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

#: (time in seconds, value)
Sample = tuple[float, float]


def increase(samples: Sequence[Sample], start: float, *, born: bool = False) -> float:
    """Events counted after ``start``, given samples in time order.

    The sample at or before ``start`` is the base line; a pair that straddles ``start``
    counts whole. ``born`` says that the series did not exist at the previous scrape, so
    its first value are events too.
    """
    total, previous = 0.0, None
    for index, (at, value) in enumerate(samples):
        if previous is None:
            if born and index == 0 and at > start:
                total += value
        elif at > start:
            total += value - previous if value >= previous else value
        previous = value
    return total


def covered(samples: Sequence[Sample], start: float) -> float:
    """Seconds of the window since ``start`` that the samples speak for."""
    if not samples:
        return 0.0
    return max(0.0, samples[-1][0] - max(samples[0][0], start))


def histogram_quantile(q: float, buckets: Iterable[tuple[float, float]]) -> float:
    """The ``q`` quantile from cumulative ``(upper bound, count)`` buckets.

    Linear inside a bucket, clamped to the highest finite bound, NaN when empty or without
    a +Inf bucket: Prometheus' `histogram_quantile` on classic histograms.
    """
    ordered = sorted(buckets)
    if len(ordered) < 2 or not math.isinf(ordered[-1][0]):
        return math.nan
    total = ordered[-1][1]
    if total <= 0 or math.isnan(total):
        return math.nan
    rank, below, lower = q * total, 0.0, 0.0
    highest = 0.0
    for upper, count in ordered[:-1]:
        # Buckets scraped mid-update can dip; a cumulative count never falls.
        highest = max(highest, count)
        if highest >= rank and highest > below:
            if upper <= 0:
                return upper
            return lower + (upper - lower) * (rank - below) / (highest - below)
        below, lower = highest, upper
    return ordered[-2][0]
