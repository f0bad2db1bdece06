"""Counter and histogram arithmetic on raw samples.

An increase is the sum of the differences between neighbouring samples. A smaller value than before is
a counter reset, and the whole new value counts. Nothing is extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

#: (time in seconds, value)
Sample = tuple[float, float]


def increase(samples: Sequence[Sample], start: float, *, born: bool = False) -> float:
    """The events counted after ``start`` (seconds), given samples in time order.

    The last sample at or before ``start`` is the baseline. The difference between it and the next
    sample counts completely. ``born`` means that the series did not exist at the previous scrape,
    so its first value counts as well.
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
    """Seconds between ``start`` and the last sample that lie between samples."""
    if not samples:
        return 0.0
    return max(0.0, samples[-1][0] - max(samples[0][0], start))


def histogram_quantile(q: float, buckets: Iterable[tuple[float, float]]) -> float:
    """The ``q`` quantile from cumulative ``(upper bound, count)`` buckets.

    Computed like `histogram_quantile` of Prometheus on classic histograms: linear interpolation inside
    a bucket, at most the highest finite bound, NaN without events or without a +Inf bucket.
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
        # A scrape during an update can read a smaller count in a higher bucket. Cumulative counts never fall.
        highest = max(highest, count)
        if highest >= rank and highest > below:
            if upper <= 0:
                return upper
            return lower + (upper - lower) * (rank - below) / (highest - below)
        below, lower = highest, upper
    return ordered[-2][0]
