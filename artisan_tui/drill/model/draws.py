"""Random numbers as a function of (seed, stream, tick, k). Nothing here has a state.

Counts are drawn by inversion: one uniform number gives one count, and a larger mean gives a count at least as large.
So two plays of one seed differ only where their conditions differ.

Numbers of a play are the same with every version of Python. The built-in ``sum`` of floats is not: the model adds
them with ``math.fsum``.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from statistics import NormalDist
from typing import Final

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15  # of splitmix64
_UNIT: Final = 2.0**-53
_MANY: Final = 30.0
_MOST: Final = 400
normal_quantile: Final = NormalDist().inv_cdf


def _mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


class Stream:
    """The numbers of one named stream."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, name: str) -> None:
        self._key = int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "big")

    def uniform(self, tick: int, k: int = 0) -> float:
        """A number above 0 and below 1."""
        x = _mixed((self._key + tick * _STEP) & _MASK)
        if k:
            x = _mixed((x + k * _STEP) & _MASK)
        return ((x >> 11) + 0.5) * _UNIT

    def uniforms(self, tick: int, n: int, first: int = 1) -> list[float]:
        """``n`` numbers of a tick: those of k = ``first`` and on."""
        x = _mixed((self._key + tick * _STEP) & _MASK)
        return [((_mixed((x + k * _STEP) & _MASK) >> 11) + 0.5) * _UNIT for k in range(first, first + n)]

    def normal(self, tick: int, k: int = 0) -> float:
        """A standard normal number."""
        return normal_quantile(self.uniform(tick, k))


class DrawStreams:
    """The streams of one seed, by name."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Stream] = {}

    def __getitem__(self, name: str) -> Stream:
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = Stream(self._seed, name)
        return found


def poisson(u: float, mean: float) -> int:
    """The Poisson number of ``mean`` at the quantile ``u``. From a mean of 30 on it is a rounded normal number."""
    if mean <= 0.0:
        return 0
    if mean >= _MANY:
        return max(0, round(mean + math.sqrt(mean) * normal_quantile(u)))
    chance = math.exp(-mean)
    upto, count = chance, 0
    while u > upto and count < _MOST:
        count += 1
        chance *= mean / count
        upto += chance
    return count


def binomial(u: float, n: int, p: float) -> int:
    """The binomial number at the quantile ``u``: successes of ``n`` trials with probability ``p``."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - binomial(min(1.0 - u, 1.0 - _UNIT), n, 1.0 - p)
    mean = n * p
    if mean >= _MANY:
        return min(n, max(0, round(mean + math.sqrt(mean * (1.0 - p)) * normal_quantile(u))))
    chance = (1.0 - p) ** n
    upto, count, odds = chance, 0, p / (1.0 - p)
    while u > upto and count < n:
        count += 1
        chance *= odds * (n - count + 1) / count
        upto += chance
    return count


def chosen(u: float, counts: list[int], n: int) -> list[int]:
    """``n`` of all that ``counts`` counts, as counts: a systematic sample, so each one has the same chance."""
    total = sum(counts)
    if n >= total:
        return list(counts)
    out = [0] * len(counts)
    step = total / n if n else 0.0
    place, upto = 0, counts[0]
    last = math.nextafter(total, 0.0)
    for j in range(n):
        at = min((u + j) * step, last)  # rounded, it may be the total itself, where nobody is
        while at >= upto and place < len(counts) - 1:
            place += 1
            upto += counts[place]
        out[place] += 1
    return out
