"""What one scraped endpoint has said so far: samples per series, as far back as somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from artisan_tui.domain.counters import Sample
from artisan_tui.domain.selector import Selector
from artisan_tui.sources.metrics.exposition import Labels, Line

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
        self._series: dict[str, dict[Labels, Series]] = {}
        self._present: dict[str, set[Labels]] = {}
        self._looked_for: frozenset[str] = frozenset()

    def add(self, at: float, lines: Iterable[Line], keep: Mapping[str, float], unix_now: float) -> None:
        """One successful scrape. ``keep`` maps each wanted name to the seconds it is kept for."""
        self._present = {name: set() for name in keep}
        for name, labels, value, stated in lines:
            age = 0.0 if stated is None else max(0.0, unix_now - stated)
            # The first of two equal lines counts, as in Prometheus.
            if age <= LOOKBACK and name in keep and labels not in self._present[name]:
                self._present[name].add(labels)
                self._append(name, labels, (at - age, value))
        self.scrapes.append(at)
        self._looked_for = frozenset(keep)
        self._forget(at, keep)

    def _append(self, name: str, labels: Labels, sample: Sample) -> None:
        known = self._series.setdefault(name, {})
        series = known.get(labels)
        if series is None:
            # Without an earlier scrape that looked for the name, nobody knows when its first value came to be.
            born = bool(self.scrapes) and name in self._looked_for
            series = known[labels] = Series(dict(labels), born=born)
        if not series.samples or sample[0] > series.samples[-1][0]:
            series.samples.append(sample)

    def _forget(self, now: float, keep: Mapping[str, float]) -> None:
        """Of what is older than somebody asks for, only the newest stays: the base line of the first increase."""
        most = max(30, MOST_SAMPLES // max(1, sum(map(len, self._series.values()))))
        drop = _outdated(self.scrapes, now - max(keep.values(), default=0.0), most)
        del self.scrapes[:drop]
        for name, known in self._series.items():
            start, present = now - keep.get(name, 0.0), self._present.get(name, set())
            for labels in [each for each in known if each not in present and known[each].samples[-1][0] < start]:
                del known[labels]
            for series in known.values():
                # Nearly always nothing or the first: not worth a list of all times.
                if len(series.samples) > 1 and (series.samples[1][0] <= start or len(series.samples) > most):
                    drop = _outdated([at for at, _ in series.samples], start, most)
                    del series.samples[:drop]
                    series.born = series.born and not drop

    def matching(self, selector: Selector) -> Iterator[Series]:
        """Everything within memory, vanished series too: what they counted has happened."""
        for series in self._series.get(selector.name, {}).values():
            if selector.matches(selector.name, series.labels):
                yield series

    def present(self, selector: Selector) -> Iterator[Series]:
        """What the newest scrape had."""
        known = self._series.get(selector.name, {})
        for labels in self._present.get(selector.name, ()):
            if selector.matches(selector.name, known[labels].labels):
                yield known[labels]

    def __len__(self) -> int:
        """Series in memory."""
        return sum(map(len, self._series.values()))


def _outdated(times: list[float], start: float, most: int) -> int:
    """How many of ``times`` may go: all before ``start`` but the last of them, and what is beyond ``most``."""
    older = next((index for index, at in enumerate(times) if at > start), len(times))
    return max(older - 1, len(times) - most, 0)
