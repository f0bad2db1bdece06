"""How long something takes: a lognormal number of seconds with a limit, and the histogram of what was observed."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from artisan_tui.drill.model.draws import normal_quantile

_ROOT_2 = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class LatencyModel:
    """A lognormal latency with ``median`` (s) and shape ``sigma``, limited to ``cap`` (s), the caller's timeout."""

    median: float
    sigma: float
    cap: float = 30.0

    def at(self, u: float) -> float:
        """The latency at the quantile ``u``, in seconds."""
        return min(self.cap, self.median * math.exp(self.sigma * normal_quantile(u)))

    def below(self, seconds: float) -> float:
        """The share of requests that take at most ``seconds``."""
        if seconds <= 0:
            return 0.0
        if seconds >= self.cap:
            return 1.0
        return 0.5 * (1 + math.erf((math.log(seconds) - math.log(self.median)) / (self.sigma * _ROOT_2)))

    @property
    def mean(self) -> float:
        """The mean in seconds."""
        return moment(self, 1)

    @property
    def square(self) -> float:
        """The mean of the square, in s²."""
        return moment(self, 2)


@lru_cache(maxsize=1024)
def moment(latency: LatencyModel, order: int) -> float:
    """The mean of the latency to the power of ``order``."""
    mu, sigma = math.log(latency.median), latency.sigma
    z = (math.log(latency.cap) - mu) / sigma
    inside = math.exp(order * mu + (order * sigma) ** 2 / 2) * _phi(z - order * sigma)
    return inside + latency.cap**order * (1 - _phi(z))


def _phi(z: float) -> float:
    return 0.5 * (1 + math.erf(z / _ROOT_2))


class Histogram:
    """Counts per bucket (upper bounds in seconds, the last one +Inf) and the sum of the observations."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    @property
    def count(self) -> int:
        """The number of observations."""
        return sum(self.counts)

    def observe(self, seconds: float) -> None:
        """Add one observation."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds
