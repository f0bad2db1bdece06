"""Raw samples of counters -> whole events per minute, with every event counted once.

The difference between a sample and the one before it in the same series counts in the minute of the sample.
So a minute depends only on its samples and on those up to ``lookback`` before it. The order and the size
of the fetched chunks do not matter (`reach` gives the range to fetch), and the minutes add up to what the
counters counted. `increase()` per chunk extrapolates, and loses events between chunks (`anchors/slo.md` §2.3).

- A smaller value than before is a counter reset. The whole new value counts.
- The first value of a series counts when its target (job and instance; the whole metric when samples have
  neither) was scraped without the series within ``lookback`` before. The series was created in between.
  `increase` of Prometheus drops this value, so it reads 10 errors in a new series as 0. When the target was
  not scraped before, the age of the value is unknown. Then it does not count, `MinuteDeltas.unclaimed`
  reports it, and the gap lowers the coverage.
- `created`, the OpenMetrics `_created` time, decides both cases where the target exports it. A first value
  counts when the series was created within ``lookback``. A later creation time than at the sample before is a
  reset, even if the value is not smaller. Creation times are compared with each other, not with scrape times.
- A series that disappears adds nothing. NaN (staleness markers), infinite and negative values are not
  samples. Of two values at one time, the larger counts.
- Fractions are cut off per sample, not per difference. So minutes are whole numbers, and their sum differs
  from the counter by less than one event between two resets.

Limits: events between the last scrape and a reset are lost. A series that is new in a known target may be an
old series with a new label, or one that was absent for longer than ``lookback``; `MinuteDeltas.born`
reports these events. A reset is not detected when the counter is higher at the next scrape than before.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import LONGEST_GAP, MINUTE_MS, Span

#: How far back the previous sample is searched for, in ms. A change of this value requires a new backfill.
LOOKBACK = 3_600_000

#: (ms since the epoch, raw value)
CounterSample = tuple[int, float]
#: (job, instance), empty where the labels have none.
Target = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CounterSeries:
    """Raw samples of one series, in any order. ``created``: sample time (ms) -> creation time (ms) from `_created`.

    The same labels may occur in several series, for example when two answers have parts of one.
    """

    labels: Mapping[str, str]
    samples: Sequence[CounterSample]
    created: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MinuteDeltas:
    """Events by minute since the epoch. Minutes without events are left out.

    ``born`` is the part of ``events`` from first values. ``unclaimed`` are first values that were not
    counted, because the time of their events is unknown.
    """

    events: Mapping[int, int]
    born: Mapping[int, int]
    unclaimed: Mapping[int, int]


def target_of(labels: Mapping[str, str]) -> Target:
    return labels.get("job", ""), labels.get("instance", "")


def reach(span: Span, interval_ms: int, lookback: int = LOOKBACK) -> tuple[int, int]:
    """The range [start, end) in ms of the samples needed for the minutes of ``span`` and their coverage."""
    longest_gap = _longest_gap(interval_ms)
    return span.start * MINUTE_MS - max(lookback, longest_gap), span.end * MINUTE_MS + longest_gap


def _longest_gap(interval_ms: int) -> int:
    longest, of = LONGEST_GAP
    return longest * interval_ms // of


def scrape_times(*selections: Iterable[CounterSeries]) -> dict[Target, list[int]]:
    """The scrape times of each target (ms, ascending): the times at which any of its series has a sample.

    Pass every series that was read, also the total when only the bad events are needed.
    """
    seen: dict[Target, set[int]] = {}
    for selection in selections:
        for series in selection:
            times = seen.setdefault(target_of(series.labels), set())
            times.update(at for at, value in series.samples if 0 <= value < math.inf)
    return {target: sorted(times) for target, times in seen.items()}


def counter_deltas(
    series: Iterable[CounterSeries], span: Span, seen: Mapping[Target, Sequence[int]], lookback: int = LOOKBACK
) -> MinuteDeltas:
    """The events in the minutes of ``span``. ``seen`` are the `scrape_times` of everything that was read."""
    start, end = span.start * MINUTE_MS, span.end * MINUTE_MS
    events: dict[int, int] = {}
    born: dict[int, int] = {}
    unclaimed: dict[int, int] = {}
    for labels, samples, created in _merged(series):
        times = seen.get(target_of(dict(labels)), ())
        before, value_before = -math.inf, 0
        for at, value in samples:
            if start <= at < end:
                minute = at // MINUTE_MS
                if at - before <= lookback:
                    grown = value - value_before
                    if grown < 0 or created.get(at, 0) > created.get(int(before), math.inf):
                        grown = value
                    if grown:
                        events[minute] = events.get(minute, 0) + grown
                elif value:
                    if _is_new(at, created.get(at), times, lookback):
                        events[minute] = events.get(minute, 0) + value
                        born[minute] = born.get(minute, 0) + value
                    else:
                        unclaimed[minute] = unclaimed.get(minute, 0) + value
            before, value_before = at, value
    return MinuteDeltas(events, born, unclaimed)


def _is_new(at: int, created: int | None, times: Sequence[int], lookback: int) -> bool:
    """Whether the series of a first value was created within ``lookback`` (ms)."""
    if created is not None:
        return created > at - lookback
    first = bisect_left(times, at - lookback)
    return first < len(times) and times[first] < at


Labels = frozenset[tuple[str, str]]


def _merged(series: Iterable[CounterSeries]) -> list[tuple[Labels, list[tuple[int, int]], dict[int, int]]]:
    """(labels, samples, creation times) of each series once. Samples are in time order, whole numbers, one per time."""
    values: dict[Labels, dict[int, int]] = {}
    created: dict[Labels, dict[int, int]] = {}
    for each in series:
        key = frozenset(each.labels.items())
        known = values.setdefault(key, {})
        for at, raw in each.samples:
            if 0 <= raw < math.inf:
                value = int(raw)
                if known.get(at, -1) < value:
                    known[at] = value
        births = created.setdefault(key, {})
        for at, when in each.created.items():
            births[at] = max(when, births.get(at, when))
    return [(key, sorted(known.items()), created[key]) for key, known in values.items()]


def measured(seen: Iterable[Sequence[int]], span: Span, interval_ms: int) -> set[int]:
    """The measured minutes of ``span``, given the scrape times of each target (ms, ascending).

    A minute is measured when a target was scraped in it, or before and after it with at most 2.5 scrape
    intervals between. With one scrape per minute and jitter, a minute can be without a scrape, and the
    next sample contains its events. ``interval_ms`` must be the same for every chunk of a ledger.
    """
    longest_gap, out = _longest_gap(interval_ms), set[int]()
    for times in seen:
        before: int | None = None
        for at in times:
            minute = at // MINUTE_MS
            out.add(minute)
            if before is not None and at - before <= longest_gap:
                out.update(range(before // MINUTE_MS + 1, minute))
            before = at
    return {minute for minute in out if span.start <= minute < span.end}


def event_rows(
    total: MinuteDeltas, part: MinuteDeltas, known: Collection[int], span: Span, *, part_is_good: bool = False
) -> list[Row]:
    """A ledger row for every minute of ``span``.

    ``part`` are the bad events, or the good ones with ``part_is_good``. ``known`` are the `measured` minutes.
    """
    rows = []
    for minute in range(span.start, span.end):
        whole, some = total.events.get(minute, 0), part.events.get(minute, 0)
        rows.append((minute, whole - some if part_is_good else some, whole, int(minute in known)))
    return rows


def uncounted_rows(
    total: MinuteDeltas,
    part: MinuteDeltas,
    seen: Mapping[Target, Sequence[int]],
    *,
    part_is_good: bool = False,
    lookback: int = LOOKBACK,
) -> tuple[Row, ...]:
    """(minute, at most bad, all, observed) of the events that were not counted.

    With another target seen within ``lookback`` before them, the minutes before count as measured although these
    events are missing in them. Without one, those minutes are not measured, and the events may be of any age: then
    observed is 0, and none of them counts as bad.
    """
    times = sorted({at for each in seen.values() for at in each})
    rows = []
    for minute in sorted(total.unclaimed.keys() | part.unclaimed.keys()):
        whole, some = total.unclaimed.get(minute, 0), part.unclaimed.get(minute, 0)
        bad = max(0, whole - some) if part_is_good else some
        first = bisect_left(times, minute * MINUTE_MS - lookback)
        observed = first < len(times) and times[first] < minute * MINUTE_MS
        rows.append((minute, bad if observed else 0, max(whole, some), int(observed)))
    return tuple(rows)
