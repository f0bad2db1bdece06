"""What came late: the recent past is counted again when its samples have changed.

Samples come late (remote write, an agent that was cut off), and a server may leave some out without saying so. So the
number of samples in each recent hour is asked for now and then, which is cheap, and an hour with another number is
read again. A process that has just begun does not know the numbers, and reads all of them once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import MINUTE_MS, Span
from artisan_tui.sources.slo.matching import selectors_of

if TYPE_CHECKING:
    from artisan_tui.config.slo.spec import SloSpec
    from artisan_tui.sources.metrics.range_source import RangeSource

#: Minutes of the past that are counted again.
RECENT = 360
#: Milliseconds between two questions whether it has changed.
ASK_EVERY = 300_000
_HOUR = 60


@dataclass(slots=True)
class Seen:
    """The number of samples in each hour (minute of its start) when it was counted, and when that was asked last (ms)."""

    samples: dict[int, tuple[float, ...]] = field(default_factory=dict)
    asked_at: int | None = None


async def samples_by_hour(source: RangeSource, spec: SloSpec, span: Span) -> Mapping[int, tuple[float, ...]] | None:
    """The number of samples of each selector in each whole hour of ``span``; None when they cannot be told. Raises Blind."""
    selectors = selectors_of(spec.sli)
    if not selectors or len(span) < _HOUR:
        return None
    hours = range(span.start, span.end, _HOUR)
    found = {start: [0.0] * len(selectors) for start in hours}
    step = _HOUR * MINUTE_MS
    for index, (_, selector) in enumerate(selectors):
        query = f"sum(count_over_time({selector}[1h]))"
        first = (span.start + _HOUR) * MINUTE_MS - 1
        read = await source.stepped(query, first, first + (len(hours) - 1) * step + 1, step)
        if read.notes:
            return None
        for series in read.series:
            for at, value in series.samples:
                start = (at + 1) // MINUTE_MS - _HOUR
                if start in found:
                    found[start][index] = value
    return {start: tuple(values) for start, values in found.items()}


def recent_hours(end: int, first: int) -> Span:
    """The whole hours of the recent past before the minute ``end``, not before the minute ``first``."""
    last = end // _HOUR * _HOUR
    return Span(max(last - RECENT, -(-first // _HOUR) * _HOUR), last)


def moved(seen: Seen, now: Mapping[int, tuple[float, ...]]) -> int | None:
    """The first hour that has another number of samples than when it was counted. An unknown one has moved, too."""
    return min((start for start, count in now.items() if seen.samples.get(start) != count), default=None)


def better(old: Iterable[Row], new: Iterable[Row], *, bad_is_counted: bool) -> bool:
    """Whether ``new`` rows of the same minutes know at least as much as ``old``: no answer takes away what was seen."""
    was, now = _sums(old), _sums(new)
    if now[1] < was[1] or now[2] < was[2]:
        return False
    return not bad_is_counted or now[0] + now[3] >= was[0]


def _sums(rows: Iterable[Row]) -> tuple[int, int, int, int]:
    bad = total = measured = unsure = 0
    for _, one_bad, one_total, one_measured, *more in rows:
        bad, total, measured = bad + one_bad, total + one_total, measured + one_measured
        unsure += sum(more)
    return bad, total, measured, unsure
