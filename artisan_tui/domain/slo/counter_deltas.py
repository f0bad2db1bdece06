"""Raw samples of counters -> whole events per minute, with every event counted once.

The difference between a sample and the one before it in the same series counts in the minute of the sample.
The samples up to ``lookback`` before a minute are read with it (`reach`). For a series that begins in what was
read, the caller asks for its last value before that (`newcomers`), and gives it as `Earlier`. So a minute depends
on its samples alone, the order and the size of the fetched chunks do not matter, and the minutes add up to what
the counters counted, over holes too. `increase()` per chunk extrapolates, and loses events between chunks
(`anchors/slo.md` §2.3).

- A smaller value than before is a counter reset. The whole new value counts.
- The first value of a series counts when its target (job and instance; the whole metric when samples have
  neither) was scraped before without the series. The series was created in between. `increase` of Prometheus
  drops this value, so it reads 10 errors in a new series as 0. But when a series with nearly the same labels
  ended just then, the new one may go on with its value (`relabelled`): then only the difference counts.
- When the target was not scraped before, the age of the first value is unknown. Then it does not count, and
  `MinuteDeltas.unclaimed` reports it. It is a doubt (`MinuteDeltas.doubtful`) unless nothing at all was seen
  before: what happened before the first scrape of all belongs to no window.
- `created`, the OpenMetrics `_created` time, decides both cases where the target exports it. A first value
  counts when the series was created within ``lookback``. A later creation time than at the sample before is a
  reset, even if the value is not smaller. Creation times are compared with each other, not with scrape times.
- A series that disappears adds nothing. NaN (staleness markers), infinite and negative values are not
  samples. Of two values at one time, the larger counts.
- Fractions are cut off per sample, not per difference. So minutes are whole numbers, and their sum differs
  from the counter by less than one event between two resets.

Limits: events between the last scrape and a reset are lost. A reset is not detected when the counter is higher at
the next scrape than before. The events of a hole count in the minute after it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.relabelled import Beginning, Labels, beginnings
from artisan_tui.domain.slo.windows import LONGEST_GAP, MINUTE_MS, Span

#: The samples so far back (ms) are read with every minute. A change of this value requires a new backfill.
LOOKBACK = 3_600_000
#: How far back the last value before that is searched for, in ms: a window of 30 days, and a hole before it.
LONGEST_HOLE = 35 * 86_400_000

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

    ``born`` is the part of ``events`` from first values. ``unclaimed`` are values that were not counted, because the
    time of their events is unknown. ``doubtful`` is what may have happened in the minute and is not in ``events``.
    """

    events: Mapping[int, int]
    born: Mapping[int, int]
    unclaimed: Mapping[int, int]
    doubtful: Mapping[int, int] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Merged:
    """One selection, each series once: its samples in time order, whole numbers, one per time.

    ``blank`` is the first time at which a series was there without a number.
    """

    samples: Mapping[Labels, list[tuple[int, int]]]
    created: Mapping[Labels, Mapping[int, int]]
    blank: Mapping[Labels, int]


def merged(series: Iterable[CounterSeries]) -> Merged:
    values: dict[Labels, dict[int, int]] = {}
    created: dict[Labels, dict[int, int]] = {}
    blank: dict[Labels, int] = {}
    for each in series:
        key = frozenset(each.labels.items())
        known = values.setdefault(key, {})
        for at, raw in each.samples:
            if 0 <= raw < math.inf:
                value = int(raw)
                if known.get(at, -1) < value:
                    known[at] = value
            else:
                blank[key] = min(at, blank.get(key, at))
        births = created.setdefault(key, {})
        for at, when in each.created.items():
            births[at] = max(when, births.get(at, when))
    return Merged({key: sorted(known.items()) for key, known in values.items()}, created, blank)


def newcomers(selection: Merged, span: Span) -> list[Labels]:
    """The series that begin in ``span`` with events. The caller looks for their last values before what was read."""
    start, end = span.start * MINUTE_MS, span.end * MINUTE_MS
    return [
        labels
        for labels, samples in selection.samples.items()
        if samples and start <= samples[0][0] < end and samples[0][1]
    ]


def counter_deltas(
    series: Iterable[CounterSeries],
    span: Span,
    seen: Mapping[Target, Sequence[int]],
    lookback: int = LOOKBACK,
    longest_gap: int = 150_000,
) -> MinuteDeltas:
    """The events in the minutes of ``span``. ``seen`` are the `scrape_times` of everything that was read."""
    return count_all([merged(series)], span, seen, lookback, longest_gap)[0]


def count_all(
    selections: Sequence[Merged],
    span: Span,
    seen: Mapping[Target, Sequence[int]],
    lookback: int = LOOKBACK,
    longest_gap: int = 150_000,
    since: int | None = None,
    as_read: Sequence[Merged] | None = None,
) -> list[MinuteDeltas]:
    """The same for several selections of the same targets: what one shows about a restart holds for the others.

    ``longest_gap`` (ms) is the longest time between two scrapes of a series that did not end. ``since`` (ms) is the
    time of the first scrape of all, when it is earlier than what is in ``seen``. ``as_read`` are the selections before
    they were corrected, if they were: their values tell which series goes on from which.
    """
    start, end = span.start * MINUTE_MS, span.end * MINUTE_MS
    told = beginnings([each.samples for each in as_read or selections], start, end, longest_gap, _target, seen)
    first = min((times[0] for times in seen.values() if times), default=0) if since is None else since
    return [
        _counted(each, span, seen, lookback, first + longest_gap, known)
        for each, known in zip(selections, told, strict=True)
    ]


def _counted(
    selection: Merged,
    span: Span,
    seen: Mapping[Target, Sequence[int]],
    lookback: int,
    begun_by: int,
    told: Mapping[tuple[Labels, int], Beginning],
) -> MinuteDeltas:
    """``begun_by``: the time (ms) until which the first values of all are nobody's doubt."""
    start, end = span.start * MINUTE_MS, span.end * MINUTE_MS
    out = MinuteDeltas({}, {}, {}, {})
    for labels, samples in selection.samples.items():
        created, target = selection.created[labels], _target(labels)
        before: int | None = None
        value_before = 0
        for at, value in samples:
            if start <= at < end:
                minute = at // MINUTE_MS
                known = told.get((labels, at))
                if known is not None and not _created_within(created.get(at), at, lookback):
                    _add(out.events, minute, max(0, value - known.base))
                    _add(out.unclaimed, minute, known.doubt)
                    _add(out.doubtful, minute, known.doubt)
                elif before is not None:
                    grown = value - value_before
                    if grown < 0 or created.get(at, 0) > created.get(before, math.inf):
                        grown = value
                    _add(out.events, minute, grown)
                elif selection.blank.get(labels, at) >= at and _is_new(
                    at, created.get(at), seen.get(target, ()), lookback
                ):
                    _add(out.events, minute, value)
                    _add(out.born, minute, value)
                else:
                    _add(out.unclaimed, minute, value)
                    _add(out.doubtful, minute, value if at > begun_by else 0)
            before, value_before = at, value
    return out


def _add(to: Mapping[int, int], minute: int, events: int) -> None:
    if events:
        assert isinstance(to, dict)
        to[minute] = to.get(minute, 0) + events


def _created_within(created: int | None, at: int, lookback: int) -> bool:
    return created is not None and created > at - lookback


def _is_new(at: int, created: int | None, times: Sequence[int], lookback: int) -> bool:
    """Whether the events of a first value happened since its target was scraped before."""
    before = times[bisect_left(times, at) - 1] if times and times[0] < at else None
    if created is not None:
        return _created_within(created, at, lookback) or (before is not None and created > before)
    return before is not None


def _target(labels: Labels) -> Target:
    return target_of(dict(labels))


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
    What may be bad and was not counted is the fifth number of a row.
    """
    rows: list[Row] = []
    for minute in range(span.start, span.end):
        whole, some = total.events.get(minute, 0), part.events.get(minute, 0)
        unsure = part.doubtful.get(minute, 0)
        if part_is_good:
            unsure = max(0, total.doubtful.get(minute, 0) - unsure)
        row = (minute, whole - some if part_is_good else some, whole, int(minute in known))
        rows.append((*row, unsure) if unsure else row)
    return rows


def uncounted_rows(total: MinuteDeltas, part: MinuteDeltas) -> tuple[Row, ...]:
    """(minute, 0, all, 1 or 0) of the events that were not counted. How many of them may be bad is in `event_rows`.

    0: nothing at all was seen before them, so that they may be of any age, and none of them is a doubt.
    """
    return tuple(
        (
            minute,
            0,
            max(total.unclaimed.get(minute, 0), part.unclaimed.get(minute, 0)),
            int(minute in total.doubtful or minute in part.doubtful),
        )
        for minute in sorted(total.unclaimed.keys() | part.unclaimed.keys())
    )
