"""The cache: 2,000 keys with Zipf popularity. A key hits once it was asked for since the last flush.

The state is how many lookups there were since the flush and how many of the most popular keys were warmed. The hit
ratio is its expected value: HIT_RATIO·Σ p_i·(1 - e^(-p_i·lookups)), with 1 for a warmed key.
"""

from __future__ import annotations

import math
from typing import Final

KEYS: Final = 2000
EXPONENT: Final = 0.8
HIT_RATIO: Final = 0.92  # of a warm cache: the rest has expired or cannot be cached
#: Lookups after which every key has been asked for.
_ALL: Final = 200_000.0
_GROUPS_FROM: Final = 40

_WEIGHTS: Final = tuple(rank**-EXPONENT for rank in range(1, KEYS + 1))
_TOTAL: Final = math.fsum(_WEIGHTS)
POPULARITY: Final = tuple(weight / _TOTAL for weight in _WEIGHTS)


def _grouped() -> tuple[tuple[int, int, float, float], ...]:
    """(first rank, last rank, popularity of all, mean popularity): the top keys alone, the others in groups."""
    out, first = [], 0
    while first < KEYS:
        last = min(KEYS, first + max(1, (first - _GROUPS_FROM) // 12 + 1 if first >= _GROUPS_FROM else 1))
        part = math.fsum(POPULARITY[first:last])
        out.append((first, last, part, part / (last - first)))
        first = last
    return tuple(out)


_GROUPS: Final = _grouped()


class Cache:
    """The cache of the stack. ``lookups`` are those since the flush; ``warmed`` are the top keys that were loaded."""

    def __init__(self) -> None:
        self.lookups = math.inf
        self.warmed = 0
        self.hits_total = 0
        self.lookups_total = 0
        self._known: tuple[float, int] = (math.inf, 0)
        self._ratio = HIT_RATIO

    @property
    def hit_ratio(self) -> float:
        """The expected share of lookups that hit, 0 to 1."""
        if (self.lookups, self.warmed) != self._known:
            self._known = (self.lookups, self.warmed)
            self._ratio = HIT_RATIO * _covered(self.lookups, self.warmed)
        return self._ratio

    @property
    def warmth(self) -> float:
        """The hit ratio relative to a warm cache, 0 to 1."""
        return self.hit_ratio / HIT_RATIO

    def flush(self) -> None:
        """Forget all keys."""
        self.lookups, self.warmed = 0.0, 0

    def warm(self, keys: int) -> None:
        """Load the most popular ``keys``."""
        self.warmed = max(self.warmed, min(KEYS, keys))

    def tick(self, lookups: int, hits: int) -> None:
        """Count the lookups of a second. Each one that missed has filled its key."""
        self.lookups_total += lookups
        self.hits_total += hits
        self.lookups += lookups
        if self.lookups > _ALL:
            self.lookups = math.inf


def _covered(lookups: float, warmed: int) -> float:
    """The share of lookups whose key is in the cache."""
    if lookups == math.inf or warmed >= KEYS:
        return 1.0
    out = 0.0
    for first, last, part, mean in _GROUPS:
        if last <= warmed:
            out += part
        elif first >= warmed:
            out += part * (1.0 - math.exp(-mean * lookups))
        else:
            inside = (warmed - first) / (last - first)
            out += part * (inside + (1.0 - inside) * (1.0 - math.exp(-mean * lookups)))
    return out
