"""What one scraped endpoint has said so far: samples per series, as far back as somebody asks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from artisan_tui.domain.counters import Sample
from artisan_tui.domain.selector import Selector
from artisan_tui.sources.metrics.exposition import Labels, Line

T = TypeVar("T")
#: Samples of one endpoint that are kept at most, some 60 MB.
MOST_SAMPLES = 600_000
#: A sample with a timestamp of its own older than this is no longer what is, as in Prometheus.
LOOKBACK = 300.0


@dataclass(slots=True)
class Series:
    """``born``: the first sample kept is the series' first ever, and the scrape before did not have it."""

    labels: Mapping[str, str]
    samples: list[Sample] = field(default_factory=list)
    born: bool = False


class History:
    """All of one endpoint. Times are monotonic seconds, of when a scrape began."""

    def __init__(self) -> None:
        self.scrapes: list[float] = []
        self._series: dict[tuple[str, Labels], Series] = {}
        self._present: set[tuple[str, Labels]] = set()
        self._looked_for: frozenset[str] = frozenset()

    def add(self, at: float, lines: Iterable[Line], keep: Mapping[str, float], unix_now: float) -> None:
        """One successful scrape. ``keep`` maps each wanted name to the seconds it is kept for."""
        fresh: dict[tuple[str, Labels], Sample] = {}
        for name, labels, value, stated in lines:
            age = 0.0 if stated is None else max(0.0, unix_now - stated)
            # The first of two equal lines counts, as in Prometheus.
            if age <= LOOKBACK and name in keep:
                fresh.setdefault((name, labels), (at - age, value))
        for key, sample in fresh.items():
            self._append(key, sample)
        self.scrapes.append(at)
        self._present, self._looked_for = set(fresh), frozenset(keep)
        self._forget(at, keep)

    def _append(self, key: tuple[str, Labels], sample: Sample) -> None:
        series = self._series.get(key)
        if series is None:
            # Without an earlier scrape that looked for the name, nobody knows when its first value came to be.
            born = bool(self.scrapes) and key[0] in self._looked_for
            series = self._series[key] = Series(dict(key[1]), born=born)
        if not series.samples or sample[0] > series.samples[-1][0]:
            series.samples.append(sample)

    def _forget(self, now: float, keep: Mapping[str, float]) -> None:
        most = max(30, MOST_SAMPLES // max(1, len(self._series)))
        longest = max(keep.values(), default=0.0)
        _trim(self.scrapes, self.scrapes, now - longest, most)
        for key in [key for key, series in self._series.items() if self._outlived(key, series, now, keep)]:
            del self._series[key]
        for key, series in self._series.items():
            if _trim(series.samples, [at for at, _ in series.samples], now - keep.get(key[0], 0.0), most):
                series.born = False

    def _outlived(self, key: tuple[str, Labels], series: Series, now: float, keep: Mapping[str, float]) -> bool:
        return key not in self._present and series.samples[-1][0] < now - keep.get(key[0], 0.0)

    def matching(self, selector: Selector) -> Iterator[Series]:
        """Everything within memory, vanished series too: what they counted has happened."""
        for (name, _), series in self._series.items():
            if selector.matches(name, series.labels):
                yield series

    def present(self, selector: Selector) -> Iterator[Series]:
        """What the newest scrape had."""
        for key in self._present:
            series = self._series[key]
            if selector.matches(key[0], series.labels):
                yield series

    def __len__(self) -> int:
        return len(self._present)


def _trim(items: list[T], times: Sequence[float], start: float, most: int) -> bool:
    """Drop what is older than ``start`` but the newest of it, the base line. True when something was dropped."""
    drop = max(bisect_right(times, start) - 1, len(items) - most, 0)
    del items[:drop]
    return drop > 0
