"""The stretches of time an SLO is judged over, in whole minutes since the epoch, always half-open.

"Now" is one scrape interval ago: the newest scrape of a server is still on its way, and a minute read
too early is a minute read wrong (`latest_end`). A minute whose neighbours are not all in yet is read
again (`settled`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
DAY = 1440
#: The longest gap between two scrapes that still counts as seen throughout, in scrape intervals, as a fraction: 2.5.
LONGEST_GAP = (5, 2)
#: Windows that burn rates are read over, by their names, in minutes.
BURN_WINDOWS = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": DAY, "3d": 3 * DAY}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = re.compile(r"([1-9]\d{0,2})d", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The minutes from ``start`` up to, and without, ``end``."""

    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)

    def clipped(self, other: Span) -> Span:
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True, slots=True)
class MinuteGrid:
    """What is expected to be seen: ``lanes`` slices of ``slice_ms`` each, side by side, aligned to the epoch.

    Counters are seen once a minute. A slice counts in the minute in which it ends, so that no window
    holds a slice that is not over yet. ``lanes`` are the checks of a check-based SLI.
    """

    slice_ms: int = MINUTE_MS
    lanes: int = 1

    def expected(self, span: Span) -> int:
        """Slices that end in ``span``."""
        if not len(span):
            return 0
        return self.lanes * (span.end * MINUTE_MS // self.slice_ms - span.start * MINUTE_MS // self.slice_ms)


BY_MINUTE = MinuteGrid()


@dataclass(frozen=True, slots=True)
class SloWindow:
    """An SLO's own window as it stands: the minutes judged, the ``whole`` window's minutes, and its kind.

    In a calendar month ``span`` grows from its first minute on; rolling, it is the whole.
    """

    span: Span
    whole: int
    calendar: bool


def latest_end(now_ms: int, interval_ms: int) -> int:
    """The end of the newest window that may be judged at ``now_ms``."""
    return (now_ms - interval_ms) // MINUTE_MS


def settled(now_ms: int, interval_ms: int) -> int:
    """The minute from which on rows can still change, because the scrape after them is not in yet."""
    longest, of = LONGEST_GAP
    return (now_ms - longest * interval_ms // of) // MINUTE_MS


def burn_spans(end: int) -> dict[str, Span]:
    return {name: Span(end - length, end) for name, length in BURN_WINDOWS.items()}


def slo_window_at(window: str, end: int, zone: ZoneInfo) -> SloWindow:
    """``30d`` (days of 24 h) or ``month`` (in ``zone``), judged up to the minute ``end``.

    At midnight of the first, ``end`` closes the old month, it does not open an empty new one.
    Raises ValueError for another window.
    """
    if window == "month":
        month = month_of(end - 1, zone)
        return SloWindow(Span(month.start, end), len(month), calendar=True)
    days = _DAYS.fullmatch(window)
    if days is None:
        raise ValueError(f'{window[:40]!r} is not a window: write "30d", "7d" or "month"')
    length = int(days[1]) * DAY
    return SloWindow(Span(end - length, end), length, calendar=False)


def month_of(minute: int, zone: ZoneInfo) -> Span:
    """The calendar month that holds ``minute``; months never overlap and leave nothing out, whatever the clock does."""
    local = (_EPOCH + timedelta(minutes=minute)).astimezone(zone)
    year, month = local.year, local.month
    # Where the clock is put back over the midnight of the first, the old month's wall times come again in the new one.
    if minute >= _month_start(*_after(year, month), zone):
        year, month = _after(year, month)
    return Span(_month_start(year, month, zone), _month_start(*_after(year, month), zone))


def _after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _month_start(year: int, month: int, zone: ZoneInfo) -> int:
    """The first minute that shows the first's 00:00, the earlier of two; where the clock skips it, the minute of the skip.

    A skip over the first's midnight begins at it, in every zone since 1970, so read with the old offset it is the skip.
    """
    return _minute(datetime(year, month, 1, tzinfo=zone))


def _minute(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(minutes=1)


def touched(intervals: Iterable[tuple[datetime, datetime]]) -> tuple[Span, ...]:
    """The minutes that any interval ``[start, end)`` has an instant in, as spans that do not touch, in order.

    Outwards: a scrape that straddles the edge of announced work has counted that work.
    """
    spans = [Span(_minute(start), -((_EPOCH - end) // timedelta(minutes=1))) for start, end in intervals if start < end]
    return merged(spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same minutes, each once, as spans that do not touch, in order."""
    out: list[Span] = []
    for span in sorted(span for span in spans if len(span)):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return tuple(out)
