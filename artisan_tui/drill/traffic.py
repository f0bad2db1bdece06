"""Simulated traffic: arrivals, outcomes and latencies drawn for a samples of time, kept as counters.

A samples of any length costs about the same: few requests are drawn one by one, many
by their counts per bucket. Counters only ever grow.
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
LLM_BOUNDS: Final = (0.5, 1.0, 1.5, 2.0, 2.5, 3.2, 4.0, 4.5, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0)

BRIEFS: Final = "/api/v1/briefs"
ENDPOINTS: Final = (  # (method, path, share of all requests, whether it asks the cache)
    ("GET", "/api/v1/recipes", 0.45, True),
    ("GET", "/api/v1/ingredients", 0.15, True),
    ("POST", "/api/v1/feedback", 0.10, False),
    ("POST", BRIEFS, 0.30, True),
)
MODE_SHARES: Final = (("fast", 0.55), ("balanced", 0.35), ("creative", 0.1))
_ONE_BY_ONE = 64


def poisson(rng: Random, mean: float) -> int:
    """How many events happen when ``mean`` are expected; a rounded normal from 30 on, where the two agree."""
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
    """How many of ``n`` tries succeed when each does with probability ``p``."""
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
    """A lognormal of ``median`` seconds and shape ``sigma``, cut at ``cap`` seconds: the caller's timeout."""

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
    """Counts per bucket (upper bounds in seconds, the last one +Inf) and the sum of what was observed."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    @property
    def count(self) -> int:
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
            # The share of what is left, so that the buckets add up to n exactly.
            here = left if upto >= 1 else binomial(rng, left, (upto - under) / (1 - under))
            self.counts[index] += here
            # The middle of a bucket stands for all in it: the sum stays within what the buckets allow.
            self.sum += here * (lower + min(bound, latency.cap)) / 2
            left, under, lower = left - here, upto, bound
            if left == 0:
                return
        self.counts[-1] += left
        self.sum += left * max(lower, latency.cap)


@dataclass(frozen=True, slots=True)
class Lane:
    """How briefs of one mode are served now: by which model, how fast, and with what share of failures.

    ``failures`` are (HTTP status, outcome, share). ``rejected`` are models whose open breaker turned them away.
    """

    mode: str
    model: str | None
    latency: LatencyModel
    failures: tuple[tuple[int, str, float], ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What traffic meets for a while: ``rate`` requests/s, ``failures`` (status, share) of the API itself."""

    rate: float
    api: LatencyModel
    failures: tuple[tuple[int, float], ...]
    lanes: tuple[Lane, ...]
    hit_ratio: float
    cache_bypassed: bool


class Traffic:
    """Everything counted since the start. ``advance`` is the only writer."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.requests: defaultdict[tuple[str, str, str], int] = defaultdict(int)  # (method, path, status)
        self.llm: defaultdict[tuple[str, str], int] = defaultdict(int)  # (model, outcome)
        self.api = Histogram(API_BOUNDS)
        self.briefs = {mode: Histogram(LLM_BOUNDS) for mode, _ in MODE_SHARES}
        self.cache_hits = 0
        self.cache_requests = 0

    def advance(self, seconds: float, conditions: Conditions) -> None:
        """Let ``seconds`` of traffic meet ``conditions``."""
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
        refused = binomial(self._rng, left, 0.004)  # callers make mistakes too
        self.requests[method, path, "404" if method == "GET" else "422"] += refused
        self.requests[method, path, "200"] += left - refused

    def _fail(self, n: int, method: str, path: str, failures: tuple[tuple[int, float], ...]) -> int:
        """Count the failures among ``n`` requests; how many are left."""
        for status, share in failures:
            failed = binomial(self._rng, n, share)
            self.requests[method, path, str(status)] += failed
            n -= failed
        return n

    def _infer(self, n: int, method: str, path: str, lane: Lane) -> int:
        """Send ``n`` briefs down their lane; how many came back well."""
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
