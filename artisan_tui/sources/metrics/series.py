"""The samples of one scraped endpoint, kept as long as a measure or an SLO needs them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from artisan_tui.domain.counters import Sample
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo import counter_deltas
from artisan_tui.sources.metrics.exposition import Labels, SampleLine

#: Samples kept per endpoint, about 60 MB.
MOST_SAMPLES = 600_000
#: A sample whose own timestamp is older than this is stale, as in Prometheus.
LOOKBACK = 300.0


@dataclass(slots=True)
class ScrapedSeries:
    """``born``: the first kept sample is the series' first, and the scrape before it did not have the series.

    ``stamps`` are the samples' times in ms since the epoch. They are assigned once.
    """

    labels: Mapping[str, str]
    samples: list[Sample] = field(default_factory=list)
    born: bool = False
    stamps: array[int] = field(default_factory=lambda: array("q"))


class History:
    """All samples of one endpoint. Times are the starts of the scrapes, in monotonic seconds.

    Each scrape also gets one wall clock stamp. Stamps only increase: if the wall clock is set back, they advance by 1
    ms per scrape until it has caught up. No minute occurs twice that way.
    """

    def __init__(self) -> None:
        self.scrapes: list[float] = []
        self._stamps: list[int] = []
        self._series: dict[str, dict[Labels, ScrapedSeries]] = {}
        self._present: dict[str, set[Labels]] = {}
        self._wanted_names: frozenset[str] = frozenset()
        #: Seconds that measures look back, by metric name.
        self._windows: Mapping[str, float] = {}
        #: The stamp of the first scrape that looked for all metrics that are wanted now.
        self._whole_from = 0

    def add(
        self,
        at: float,
        lines: Iterable[SampleLine],
        keep: Mapping[str, float],
        unix_now: float,
        raw_windows: Mapping[str, float] | None = None,
    ) -> None:
        """Add one successful scrape that started at ``at`` (monotonic s) and ``unix_now`` (Unix s).

        ``keep`` maps the wanted names to the seconds that measures look back, ``raw_windows`` to the seconds for
        `raw`.
        """
        self._windows = keep
        keep = {
            name: max(keep.get(name, 0.0), (raw_windows or {}).get(name, 0.0))
            for name in {**keep, **(raw_windows or {})}
        }
        stamp = max(int(unix_now * 1000), self._stamps[-1] + 1 if self._stamps else 0)
        if not keep.keys() <= self._wanted_names:
            self._whole_from = stamp
        self._present = {name: set() for name in keep}
        for name, labels, value, stated in lines:
            age = 0.0 if stated is None else max(0.0, unix_now - stated)
            # The first of two equal lines counts, as in Prometheus.
            if age <= LOOKBACK and name in keep and labels not in self._present[name]:
                self._present[name].add(labels)
                self._append(name, labels, (at - age, value), stamp - round(age * 1000))
        self.scrapes.append(at)
        self._stamps.append(stamp)
        self._wanted_names = frozenset(keep)
        self._forget(at, keep)

    def _append(self, name: str, labels: Labels, sample: Sample, stamp: int) -> None:
        known = self._series.setdefault(name, {})
        series = known.get(labels)
        if series is None:
            # Without an earlier scrape that looked for this name, the time of the first value is unknown.
            born = bool(self.scrapes) and name in self._wanted_names
            series = known[labels] = ScrapedSeries(dict(labels), born=born)
        if not series.samples or sample[0] > series.samples[-1][0]:
            series.samples.append(sample)
            series.stamps.append(stamp)

    def _forget(self, now: float, keep: Mapping[str, float]) -> None:
        """Drop samples older than needed, except the newest of them: it is the baseline of the first increase."""
        most = max(30, MOST_SAMPLES // max(1, sum(map(len, self._series.values()))))
        drop = _outdated(self.scrapes, now - max(keep.values(), default=0.0), most)
        del self.scrapes[:drop], self._stamps[:drop]
        for name, known in self._series.items():
            start, present = now - keep.get(name, 0.0), self._present.get(name, set())
            for labels in [each for each in known if each not in present and known[each].samples[-1][0] < start]:
                del known[labels]
            for series in known.values():
                # Usually nothing or only the first sample is dropped. The check avoids a list of all times.
                if len(series.samples) > 1 and (series.samples[1][0] <= start or len(series.samples) > most):
                    drop = _outdated([at for at, _ in series.samples], start, most)
                    del series.samples[:drop], series.stamps[:drop]
                    series.born = series.born and not drop

    def matching(self, selector: Selector) -> Iterator[ScrapedSeries]:
        """The matching series within the measures' windows. Vanished series are included: their events have happened."""
        start = (self.scrapes[-1] if self.scrapes else 0.0) - self._windows.get(selector.name, 0.0)
        present = self._present.get(selector.name, ())
        for labels, series in self._series.get(selector.name, {}).items():
            if (series.samples[-1][0] >= start or labels in present) and selector.matches(selector.name, series.labels):
                yield series

    def present(self, selector: Selector) -> Iterator[ScrapedSeries]:
        """The matching series of the newest scrape."""
        known = self._series.get(selector.name, {})
        for labels in self._present.get(selector.name, ()):
            if selector.matches(selector.name, known[labels].labels):
                yield known[labels]

    @property
    def known_from(self) -> int | None:
        """The time (ms since the epoch) from which all wanted metrics are complete; None before the first scrape."""
        return max(self._stamps[0], self._whole_from) if self._stamps else None

    def raw(self, selector: Selector, start: int, end: int) -> Iterator[counter_deltas.CounterSeries]:
        """The samples with ``start`` <= time < ``end`` (ms since the epoch), but none before `known_from`."""
        start = max(start, self._whole_from)
        births = self._series.get(creation_of(selector.name), {})
        for labels, series in self._series.get(selector.name, {}).items():
            if not selector.matches(selector.name, series.labels):
                continue
            seen = zip(series.stamps, series.samples, strict=True)
            samples = tuple((stamp, value) for stamp, (_, value) in seen if start <= stamp < end)
            if samples:
                birth = births.get(tuple(pair for pair in labels if pair[0] != "le"))
                yield counter_deltas.CounterSeries(series.labels, samples, _creations(birth, start, end))

    def __len__(self) -> int:
        """The number of series."""
        return sum(map(len, self._series.values()))


def creation_of(name: str) -> str:
    """The metric that has the creation time of the counters called ``name`` (OpenMetrics ``_created``)."""
    for suffix in ("_total", "_bucket", "_count", "_sum"):
        name = name.removesuffix(suffix)
    return f"{name}_created"


def _creations(series: ScrapedSeries | None, start: int, end: int) -> dict[int, int]:
    """Creation times by the stamp of the scrape that reported them, both in ms since the epoch."""
    if series is None:
        return {}
    seen = zip(series.stamps, series.samples, strict=True)
    return {stamp: int(at * 1000) for stamp, (_, at) in seen if start <= stamp < end and math.isfinite(at)}


def _outdated(times: list[float], start: float, most: int) -> int:
    """How many of ``times`` to drop: those before ``start`` except the last, and those beyond ``most``."""
    older = next((index for index, at in enumerate(times) if at > start), len(times))
    return max(older - 1, len(times) - most, 0)
