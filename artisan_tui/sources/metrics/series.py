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
        #: What an earlier session had: (stamp, value), by metric name and labels. Only `raw` reads it.
        self._earlier: dict[str, dict[Labels, tuple[tuple[int, float], ...]]] = {}
        self._resumed_at = 0
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
        stamp = max(int(unix_now * 1000), (self._stamps[-1] if self._stamps else self._resumed_at) + 1)
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
        """The samples with ``start`` <= time < ``end`` (ms since the epoch), but none of this session before `known_from`."""
        asked, start = start, max(start, self._whole_from)
        for labels in self._labels(selector.name):
            if not selector.matches(selector.name, dict(labels)):
                continue
            samples = self._samples(selector.name, labels, asked, start, end)
            if samples:
                owner = tuple(pair for pair in labels if pair[0] != "le")
                births = self._samples(creation_of(selector.name), owner, asked, start, end)
                created = {stamp: int(at * 1000) for stamp, at in births if math.isfinite(at)}
                yield counter_deltas.CounterSeries(dict(labels), samples, created)

    def _labels(self, name: str) -> Iterable[Labels]:
        return dict.fromkeys((*self._earlier.get(name, ()), *self._series.get(name, ())))

    def _samples(self, name: str, labels: Labels, asked: int, start: int, end: int) -> tuple[tuple[int, float], ...]:
        """Those of an earlier session from ``asked`` on, then those of this one from ``start`` on."""
        earlier = self._earlier.get(name, {}).get(labels, ())
        found = [(stamp, value) for stamp, value in earlier if asked <= stamp < end]
        series = self._series.get(name, {}).get(labels)
        if series is not None:
            seen = zip(series.stamps, series.samples, strict=True)
            found += ((stamp, value) for stamp, (_, value) in seen if start <= stamp < end)
        return tuple(found)

    # -- from one session to the next ---------------------------------------

    def resume(self, known: Iterable[tuple[str, Labels, tuple[tuple[int, float], ...]]]) -> None:
        """Go on from (name, labels, samples) of an earlier session. The clock may have been set back since."""
        self._earlier = {}
        for name, labels, samples in known:
            self._earlier.setdefault(name, {})[labels] = samples
            self._resumed_at = max(self._resumed_at, samples[-1][0])
        if self._stamps and self._stamps[0] <= self._resumed_at:
            # No scrape may seem older than what was scraped before it.
            self.scrapes, self._stamps, self._series, self._present = [], [], {}, {}

    def last_samples(
        self, names: Iterable[str], since: int
    ) -> Iterator[tuple[str, Labels, tuple[tuple[int, float], ...]]]:
        """(name, labels, the samples from ``since`` on and the last one before)."""
        old = since - counter_deltas.LOOKBACK
        for name in names:
            present = self._present.get(name) if self._stamps else None
            for labels in self._labels(name):
                samples = self._samples(name, labels, 0, self._whole_from, 2**62)
                if not samples or (present is not None and labels not in present and samples[-1][0] < old):
                    continue
                first = max((index for index, (stamp, _) in enumerate(samples) if stamp < since), default=0)
                yield name, labels, samples[first:]

    def __len__(self) -> int:
        """The number of series."""
        return sum(map(len, self._series.values()))


def creation_of(name: str) -> str:
    """The metric that has the creation time of the counters called ``name`` (OpenMetrics ``_created``)."""
    for suffix in ("_total", "_bucket", "_count", "_sum"):
        name = name.removesuffix(suffix)
    return f"{name}_created"


def _outdated(times: list[float], start: float, most: int) -> int:
    """How many of ``times`` to drop: those before ``start`` except the last, and those beyond ``most``."""
    older = next((index for index, at in enumerate(times) if at > start), len(times))
    return max(older - 1, len(times) - most, 0)
