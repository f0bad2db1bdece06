"""Raw samples of counters -> whole events per minute, each counted once.

Every sample counts what it adds to the one before it in its series, in the minute in which it was taken. So
a minute depends on the samples in it and on those at most ``lookback`` before, on nothing else: neither on
the order in which they came, nor on how often, nor on where a request for them began. Fetched in any chunks
(`reach` says from where to where), the minutes are the same and add up to what the counters counted;
`increase()` over the same chunks estimates, and loses what falls between two of them (`anchors/slo.md` §2.3).

- A smaller value than before is a reset: the counter began at 0, and all of it is new.
- The first value of a series is new when its target (job and instance; where samples have neither, the whole
  metric) was seen without the series within ``lookback`` before: it was born in between, and Prometheus'
  `increase`, which drops that value, reads 10 errors at birth as 0. When the target was not seen either, nobody
  knows how old the value is: it is not counted but noted (`MinuteDeltas.unclaimed`), and the hole shows in the coverage.
- `created`, the OpenMetrics `_created` time, settles both where the target says it: a first value is new when the
  series was created within ``lookback``; a later creation than at the sample before is a reset even
  if the value is not smaller. Creations are compared with each other, never with a scrape's clock.
- A series that vanishes adds nothing. Staleness markers and whatever else is no count (NaN, infinite, negative)
  are no samples. Of two values at one instant the larger counts.
- Fractions are cut off at the sample, not at the difference: minutes stay whole numbers and still add up,
  to less than one event of what the counter says between two resets.

What cannot be known: events between a counter's last scrape and its reset; and whether a series that is
new in a known target was only renamed (a label added by a relabelling rule), or stayed away for longer than
``lookback`` and counts on: `MinuteDeltas.born` says how much came that way. Nor is a reset seen of a counter that stands
higher at the next scrape than before it, as of one that counts little.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import LONGEST_GAP, MINUTE_MS, Span

#: How far back the sample before is looked for, ms. Part of what a minute means: with another one, fill anew.
LOOKBACK = 3_600_000

#: (ms since the epoch, value as the server gave it)
Sample = tuple[int, float]
#: (job, instance), empty where the labels have none.
Target = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CounterSeries:
    """Raw samples of one series, in any order. ``created``: what `_created` said (ms) at the time (ms) of a sample.

    The same labels may come more than once, as the halves of two answers do.
    """

    labels: Mapping[str, str]
    samples: Sequence[Sample]
    created: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MinuteDeltas:
    """Events by minute since the epoch, without those of none.

    ``born`` is the part of ``events`` that are first values; ``unclaimed`` are first values that were not
    counted because nobody saw when they came to be.
    """

    events: Mapping[int, int]
    born: Mapping[int, int]
    unclaimed: Mapping[int, int]


def target_of(labels: Mapping[str, str]) -> Target:
    return labels.get("job", ""), labels.get("instance", "")


def reach(span: Span, interval_ms: int, lookback: int = LOOKBACK) -> tuple[int, int]:
    """From when up to, and without, when (ms) samples are needed for the minutes of ``span`` and their coverage."""
    longest_gap = _longest_gap(interval_ms)
    return span.start * MINUTE_MS - max(lookback, longest_gap), span.end * MINUTE_MS + longest_gap


def _longest_gap(interval_ms: int) -> int:
    longest, of = LONGEST_GAP
    return longest * interval_ms // of


def scrape_times(*selections: Iterable[CounterSeries]) -> dict[Target, list[int]]:
    """When each target was seen (ms, in order): when any of its series has a sample.

    All that was read of a target belongs here, the total too when only the bad events are telescoped.
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
    """The events in the minutes of ``span``; ``seen`` is `scrape_times` of everything read."""
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
    """Whether a first value came to be within ``lookback``."""
    if created is not None:
        return created > at - lookback
    first = bisect_left(times, at - lookback)
    return first < len(times) and times[first] < at


Labels = frozenset[tuple[str, str]]


def _merged(series: Iterable[CounterSeries]) -> list[tuple[Labels, list[tuple[int, int]], dict[int, int]]]:
    """Each series once, its samples in order, one an instant, as whole numbers."""
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
    """The minutes of ``span`` that are known about, given when each target was seen (ms, in order).

    A minute is, when some target was seen in it, or before and after it at most 2.5 intervals apart: at one
    scrape a minute and some jitter a minute without a scrape is nothing, and the sample after it counts for
    it. ``interval_ms`` is the scrape interval, the same for every chunk of a ledger.
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
    """A ledger line for every minute of ``span``, given all events, the bad or the good ones, and `measured` minutes."""
    rows = []
    for minute in range(span.start, span.end):
        whole, some = total.events.get(minute, 0), part.events.get(minute, 0)
        rows.append((minute, whole - some if part_is_good else some, whole, int(minute in known)))
    return rows
