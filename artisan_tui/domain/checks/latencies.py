"""Latencies counted in buckets that grow by a tenth: a quantile of any number of probes, at most 5 % off.

The buckets are those of DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019) with a relative error of 4.8 %: counts of
two stretches of time are added by adding their buckets.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: Seconds: everything faster is in the first bucket.
LEAST = 0.0001
GROWTH = 1.1
#: Beyond this bucket (some three hours) nothing is told apart.
MOST = 200
_LOG = math.log(GROWTH)


@dataclass(frozen=True, slots=True)
class Latencies:
    """How many probes were in each bucket. Bucket n holds ``LEAST * GROWTH**(n-1) < seconds <= LEAST * GROWTH**n``."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Latencies:
        counts: dict[int, int] = {}
        for each in seconds:
            at = bucket(each)
            counts[at] = counts.get(at, 0) + 1
        return cls(counts)

    def __add__(self, other: Latencies) -> Latencies:
        counts = dict(self.counts)
        for at, number in other.counts.items():
            counts[at] = counts.get(at, 0) + number
        return Latencies(counts)

    def quantile(self, share: float) -> float | None:
        """Seconds that ``share`` of the probes were at least as fast as, by nearest rank; None without a probe."""
        total = sum(self.counts.values())
        if not total:
            return None
        rank = max(1, math.ceil(share * total))
        for at in sorted(self.counts):
            rank -= self.counts[at]
            if rank <= 0:
                return middle(at)
        return None

    def pack(self) -> str:
        return json.dumps({str(at): number for at, number in sorted(self.counts.items())}, separators=(",", ":"))

    @classmethod
    def unpack(cls, text: str) -> Latencies:
        """What `pack` wrote; what cannot be read counts nothing."""
        try:
            held = json.loads(text) if text else {}
            return cls({int(at): int(number) for at, number in held.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()

    @classmethod
    def total(cls, texts: Sequence[str]) -> Latencies:
        """The sum of what was written by `pack`, several times as fast as by `unpack`; what cannot be read counts nothing."""
        try:
            held = json.loads(f"[{','.join([text for text in texts if text])}]")
            counts: dict[str, int] = {}
            for each in held:
                for at, number in each.items():
                    counts[at] = counts.get(at, 0) + number
            return cls({int(at): int(number) for at, number in counts.items()})
        except (ValueError, TypeError, AttributeError):
            return sum(map(cls.unpack, texts), cls())  # one of them cannot be read


def bucket(seconds: float) -> int:
    if not seconds > LEAST:
        return 0
    if seconds >= LEAST * GROWTH**MOST:
        return MOST
    return min(MOST, math.ceil(math.log(seconds / LEAST) / _LOG - 1e-9))


def middle(at: int) -> float:
    """The value of a bucket that is equally far, in proportion, from both of its ends."""
    return LEAST if at == 0 else LEAST * GROWTH**at * 2 / (1 + GROWTH)
