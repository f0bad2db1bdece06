"""Raw samples of one target as a Prometheus keeps them: a row for every scrape, a column for every series.

There is one target, and that keeps it small: all series of a scrape share its time, and a series that a
scrape does not have went stale with it, as Prometheus marks it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from artisan_tui.domain.selector import Selector

#: Names and values in order; the metric's own name is that of "__name__".
Labels = tuple[tuple[str, str], ...]
#: "i" for counters, where -1 is a sample that is not there, or "d", where NaN is.
Cells: TypeAlias = "array[int] | array[float]"
#: What a Prometheus adds to everything it scrapes here.
TARGET: Final = {"job": "artisan-api", "instance": "api-1:8000"}
#: ms an instant vector looks back.
LOOKBACK: Final = 300_000


def labels_of(name: str, labels: Mapping[str, str]) -> Labels:
    return tuple(sorted({"__name__": name, **labels, **TARGET}.items()))


UP: Final = labels_of("up", {})


def times() -> array[int]:
    return array("q")


@dataclass(slots=True)
class SampleRange:
    """Scrapes one after the other. ``times`` are ms since the epoch; every column has a cell for each of them."""

    times: array[int] = field(default_factory=times)
    columns: dict[Labels, Cells] = field(default_factory=dict)

    def add(self, at: int, scraped: Mapping[Labels, float]) -> None:
        """One more scrape. One that is not after the last is not kept: a clock that was set back makes no second past."""
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
    """The cells of one series in the rows from ``low`` up to, and without, ``high`` of one samples."""

    samples: SampleRange
    cells: Cells
    low: int
    high: int


class SampleHistory:
    """All there is of a target: the past as it was made, samples by samples, and what is scraped since ``start`` (ms)."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.generated: list[SampleRange] = []
        self.live = SampleRange()

    @property
    def ranges(self) -> Iterator[SampleRange]:
        yield from self.generated
        yield self.live

    def between(self, selector: Selector, low: int, high: int) -> list[tuple[Labels, list[RangePart]]]:
        """The series that match, in order of their labels, with the rows in ``low < t <= high``; cells may be missing."""
        found: dict[Labels, list[RangePart]] = {}
        for samples in self.ranges:
            first, last = bisect_right(samples.times, low), bisect_right(samples.times, high)
            if first < last:
                for labels in matching(selector, samples):
                    found.setdefault(labels, []).append(RangePart(samples, samples.columns[labels], first, last))
        return sorted(found.items())

    def newest(self, at: int) -> tuple[SampleRange, int] | None:
        """The last row at or before ``at``, None when it is older than an instant vector looks back."""
        best: tuple[SampleRange, int] | None = None
        for samples in self.ranges:
            row = bisect_right(samples.times, at) - 1
            if row >= 0 and samples.times[row] > at - LOOKBACK:
                best = samples, row
        return best


def matching(selector: Selector, samples: SampleRange) -> list[Labels]:
    out = []
    for labels in samples.columns:
        named = dict(labels)
        if selector.matches(named.pop("__name__"), named):
            out.append(labels)
    return out


def held(cells: Cells, row: int) -> float | None:
    """The sample in a cell, None when there is none."""
    value = cells[row]
    missing = value < 0 if cells.typecode == "i" else math.isnan(value)
    return None if missing else value
