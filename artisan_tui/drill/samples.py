"""Raw samples of one target as Prometheus stores them: one row per scrape, one column per series.

All series of a scrape share its time, because there is only one target. A series that is missing from a scrape is
stale from then on, as in Prometheus.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from artisan_tui.domain.selector import Selector

#: Sorted (name, value) pairs. The metric's name has the label "__name__".
Labels = tuple[tuple[str, str], ...]
#: Type "i" for counters, where -1 is a missing sample; type "d" for others, where NaN is.
Cells: TypeAlias = "array[int] | array[float]"
#: The target labels that Prometheus adds to every sample.
TARGET: Final = {"job": "artisan-api", "instance": "api-1:8000"}
#: How far an instant vector looks back, in ms.
LOOKBACK: Final = 300_000


def labels_of(name: str, labels: Mapping[str, str]) -> Labels:
    """The full label set of a series: its name, its labels and the target labels."""
    return tuple(sorted({"__name__": name, **labels, **TARGET}.items()))


UP: Final = labels_of("up", {})


def times() -> array[int]:
    """An empty array of times (ms since the epoch)."""
    return array("q")


@dataclass(slots=True)
class SampleRange:
    """Consecutive scrapes. ``times`` are ms since the epoch; every column has one cell per time."""

    times: array[int] = field(default_factory=times)
    columns: dict[Labels, Cells] = field(default_factory=dict)

    def add(self, at: int, scraped: Mapping[Labels, float]) -> None:
        """Append a scrape. It is ignored unless it is later than the last one: the clock may have been set back."""
        if self.times and at <= self.times[-1]:
            return
        for labels in scraped:
            if labels not in self.columns:
                self.columns[labels] = array("d", [math.nan]) * len(self.times)
        for labels, cells in self.columns.items():
            cells.append(scraped.get(labels, math.nan))  # type: ignore[arg-type]
        self.times.append(at)


@dataclass(frozen=True, slots=True)
class RangePart:
    """The cells of one series in the rows ``low`` <= row < ``high`` of ``samples``."""

    samples: SampleRange
    cells: Cells
    low: int
    high: int


class SampleHistory:
    """All samples of the target: the generated history, one range per day, and the scrapes since ``start`` (ms)."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.generated: list[SampleRange] = []
        self.live = SampleRange()

    @property
    def ranges(self) -> Iterator[SampleRange]:
        """All ranges, the oldest first."""
        yield from self.generated
        yield self.live

    def between(self, selector: Selector, low: int, high: int) -> list[tuple[Labels, list[RangePart]]]:
        """The matching series, sorted by labels, with their rows in ``low < t <= high`` (ms). Cells may be missing."""
        found: dict[Labels, list[RangePart]] = {}
        for samples in self.ranges:
            first, last = bisect_right(samples.times, low), bisect_right(samples.times, high)
            if first < last:
                for labels in matching(selector, samples):
                    found.setdefault(labels, []).append(RangePart(samples, samples.columns[labels], first, last))
        return sorted(found.items())

    def newest(self, at: int) -> tuple[SampleRange, int] | None:
        """(range, row) of the last scrape at or before ``at`` (ms); None if it is older than `LOOKBACK`."""
        best: tuple[SampleRange, int] | None = None
        for samples in self.ranges:
            row = bisect_right(samples.times, at) - 1
            if row >= 0 and samples.times[row] > at - LOOKBACK:
                best = samples, row
        return best


def matching(selector: Selector, samples: SampleRange) -> list[Labels]:
    """The series of ``samples`` that match."""
    out = []
    for labels in samples.columns:
        named = dict(labels)
        if selector.matches(named.pop("__name__"), named):
            out.append(labels)
    return out


def held(cells: Cells, row: int) -> float | None:
    """The sample in a cell; None if it is missing."""
    value = cells[row]
    missing = value < 0 if cells.typecode == "i" else math.isnan(value)
    return None if missing else value
