"""Simulated traffic: draw arrivals, outcomes and latencies for a period, and count them.

The cost is about the same for any period: few requests are drawn one by one, many by their counts per bucket.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

API_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

BRIEFS: Final = "/api/v1/briefs"
ENDPOINTS: Final = (  # (method, path, share of all requests, whether it uses the cache)
    ("GET", "/api/v1/recipes", 0.45, True),
    ("GET", "/api/v1/ingredients", 0.15, True),
    ("POST", "/api/v1/feedback", 0.10, False),
    ("POST", BRIEFS, 0.30, True),
)
MODE_SHARES: Final = (("fast", 0.55), ("balanced", 0.35), ("creative", 0.1))
_ONE_BY_ONE = 64


def poisson(rng: Random, mean: float) -> int:
    """A Poisson number. From a mean of 30 on it is a rounded normal number, which is close enough."""
    if mean <= 0:
        return 0
    if mean >= 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    floor, product, count = math.exp(-mean), rng.random(), 0
    while product > floor:
        product *= rng.random()
        count += 1
    return count


def binomial(rng: Random, n: int, p: float) -> int:
    """A binomial number: successes of ``n`` trials with probability ``p``."""
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if n <= _ONE_BY_ONE:
        return sum(rng.random() < p for _ in range(n))
    if n * p < 10:
        return min(n, poisson(rng, n * p))
    if n * (1 - p) < 10:
        return n - min(n, poisson(rng, n * (1 - p)))
    return min(n, max(0, round(rng.gauss(n * p, math.sqrt(n * p * (1 - p))))))


@dataclass(frozen=True, slots=True)
class LatencyModel:
    """A lognormal latency with ``median`` (s) and shape ``sigma``, limited to ``cap`` (s), the caller's timeout."""

    median: float
    sigma: float
    cap: float = 30.0

    def draw(self, rng: Random) -> float:
        """One latency in seconds."""
        return min(self.cap, rng.lognormvariate(math.log(self.median), self.sigma))

    def below(self, seconds: float) -> float:
        """The share of requests that take at most ``seconds``."""
        if seconds <= 0:
            return 0.0
        if seconds >= self.cap:
            return 1.0
        return 0.5 * (1 + math.erf((math.log(seconds) - math.log(self.median)) / (self.sigma * math.sqrt(2))))


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

    def observe(self, rng: Random, n: int, latency: LatencyModel) -> None:
        """Add ``n`` requests of that latency."""
        if n <= _ONE_BY_ONE:
            for _ in range(n):
                seconds = latency.draw(rng)
                self.counts[bisect_left(self.bounds, seconds)] += 1
                self.sum += seconds
            return
        left, under, lower = n, 0.0, 0.0
        for index, bound in enumerate(self.bounds):
            upto = latency.below(bound)
            # The probability among the remaining requests, so that the buckets sum up to n.
            here = left if upto >= 1 else binomial(rng, left, (upto - under) / (1 - under))
            self.counts[index] += here
            # Each observation counts as the middle of its bucket, so the sum is consistent with the buckets.
            self.sum += here * (lower + min(bound, latency.cap)) / 2
            left, under, lower = left - here, upto, bound
            if left == 0:
                return
        self.counts[-1] += left
        self.sum += left * max(lower, latency.cap)


@dataclass(frozen=True, slots=True)
class Lane:
    """How briefs of one mode are served: by which model, with which latency and failures.

    ``failures`` are (HTTP status, outcome, share). ``rejected`` are the models skipped because of an open breaker.
    """

    mode: str
    model: str | None
    latency: LatencyModel
    failures: tuple[tuple[int, str, float], ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions for traffic: ``rate`` in requests/s, ``failures`` (status, share) of the API itself."""

    rate: float
    api: LatencyModel
    failures: tuple[tuple[int, float], ...]
    lanes: tuple[Lane, ...]
    hit_ratio: float
    cache_bypassed: bool


class Traffic:
    """All counters since the start. Only ``advance`` changes them."""

    def __init__(self, rng: Random, brief_bounds: Sequence[float]) -> None:
        self._rng = rng
        self.requests: defaultdict[tuple[str, str, str], int] = defaultdict(int)  # (method, path, status)
        self.llm: defaultdict[tuple[str, str], int] = defaultdict(int)  # (model, outcome)
        self.api = Histogram(API_BOUNDS)
        self.briefs = {mode: Histogram(brief_bounds) for mode, _ in MODE_SHARES}
        self.cache_hits = 0
        self.cache_requests = 0

    def advance(self, seconds: float, conditions: Conditions) -> None:
        """Draw ``seconds`` of traffic under ``conditions``."""
        expected = conditions.rate * seconds
        for method, path, share, cached in ENDPOINTS:
            lanes = conditions.lanes if path == BRIEFS else (None,)
            for lane in lanes:
                part = share if lane is None else share * dict(MODE_SHARES)[lane.mode]
                n = poisson(self._rng, expected * part)
                if n:
                    self._requests(n, method, path, cached, lane, conditions)

    def _requests(
        self, n: int, method: str, path: str, cached: bool, lane: Lane | None, conditions: Conditions
    ) -> None:
        self.api.observe(self._rng, n, conditions.api)
        if cached and not conditions.cache_bypassed:
            self.cache_requests += n
            self.cache_hits += binomial(self._rng, n, conditions.hit_ratio)
        left = self._fail(n, method, path, conditions.failures)
        if lane is not None:
            left = self._infer(left, method, path, lane)
        refused = binomial(self._rng, left, 0.004)  # a small share of requests is invalid
        self.requests[method, path, "404" if method == "GET" else "422"] += refused
        self.requests[method, path, "200"] += left - refused

    def _fail(self, n: int, method: str, path: str, failures: tuple[tuple[int, float], ...]) -> int:
        """Count the failures among ``n`` requests. Returns the remaining requests."""
        for status, share in failures:
            failed = binomial(self._rng, n, share)
            self.requests[method, path, str(status)] += failed
            n -= failed
        return n

    def _infer(self, n: int, method: str, path: str, lane: Lane) -> int:
        """Count ``n`` briefs of the lane. Returns the successful ones."""
        for model in lane.rejected:
            self.llm[model, "rejected"] += n
        if lane.model is None:
            self.requests[method, path, "503"] += n
            return 0
        self.briefs[lane.mode].observe(self._rng, n, lane.latency)
        for status, outcome, share in lane.failures:
            failed = binomial(self._rng, n, share)
            self.requests[method, path, str(status)] += failed
            self.llm[lane.model, outcome] += failed
            n -= failed
        self.llm[lane.model, "success"] += n
        return n
