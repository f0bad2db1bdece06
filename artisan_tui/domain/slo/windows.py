"""Time windows of SLOs, in whole minutes since the epoch, always half-open.

Windows end one scrape interval before now, because the newest scrape may not be readable yet and
the minute would be counted too low (`latest_end`). A minute is read again until the scrape after
it is readable (`settled`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
DAY = 1440
#: The longest time between two scrapes that counts as measured, in scrape intervals, as (numerator, denominator): 2.5.
LONGEST_GAP = (5, 2)
#: The windows of burn rates: name -> minutes.
BURN_WINDOWS = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": DAY, "3d": 3 * DAY}
#: Calendar windows, and the days that their alerts are made for.
CALENDAR_DAYS = {"week": 7, "month": 30, "quarter": 91}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = re.compile(r"([1-9]\d{0,2})d", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The minutes [start, end)."""

    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)

    def clipped(self, other: Span) -> Span:
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True, slots=True)
class MinuteGrid:
    """The expected measurements: ``lanes`` parallel sequences of slices of ``slice_ms``, aligned to the epoch.

    Counters have one slice per minute. A slice counts in the minute in which it ends, so a window has
    no unfinished slice. A check-based SLI has one lane per check.
    """

    slice_ms: int = MINUTE_MS
    lanes: int = 1

    def expected(self, span: Span) -> int:
        """The number of slices that end in ``span``."""
        if not len(span):
            return 0
        return self.lanes * (span.end * MINUTE_MS // self.slice_ms - span.start * MINUTE_MS // self.slice_ms)


BY_MINUTE = MinuteGrid()


@dataclass(frozen=True, slots=True)
class SloWindow:
    """The SLO window at one time: the evaluated minutes ``span``, and the length ``whole`` of the window in minutes.

    In a calendar month, ``span`` grows from the first minute on. In a rolling window, it has the length ``whole``.
    """

    span: Span
    whole: int
    calendar: bool


def latest_end(now_ms: int, interval_ms: int) -> int:
    """The end (minute) of the newest window that can be evaluated at ``now_ms``."""
    return (now_ms - interval_ms) // MINUTE_MS


def settled(now_ms: int, interval_ms: int) -> int:
    """The first minute whose row can still change, because the scrape after it may not be readable yet."""
    longest, of = LONGEST_GAP
    return (now_ms - longest * interval_ms // of) // MINUTE_MS


def burn_spans(end: int) -> dict[str, Span]:
    return {name: Span(end - length, end) for name, length in BURN_WINDOWS.items()}


def slo_window_at(window: str, end: int, zone: ZoneInfo) -> SloWindow:
    """The window ``30d`` (days of 24 h) or the ``week``, ``month`` or ``quarter`` (in ``zone``) that ends at ``end``.

    At midnight of the first day, ``end`` belongs to the old period, because the new one is still empty.
    Raises ValueError for another window.
    """
    if window in CALENDAR_DAYS:
        period = {"week": week_of, "month": month_of, "quarter": quarter_of}[window](end - 1, zone)
        return SloWindow(Span(period.start, end), len(period), calendar=True)
    days = _DAYS.fullmatch(window)
    if days is None:
        raise ValueError(f'{window[:40]!r} is not a window: write "30d", "7d", "week", "month" or "quarter"')
    length = int(days[1]) * DAY
    return SloWindow(Span(end - length, end), length, calendar=False)


def month_of(minute: int, zone: ZoneInfo) -> Span:
    """The calendar month that contains ``minute``. Months are disjoint and without gaps, also at clock changes."""
    local = (_EPOCH + timedelta(minutes=minute)).astimezone(zone)
    year, month = local.year, local.month
    # When the clock is set back over midnight of the first day, wall times of the old month occur in the new month.
    if minute >= _month_start(*_after(year, month), zone):
        year, month = _after(year, month)
    return Span(_month_start(year, month, zone), _month_start(*_after(year, month), zone))


def week_of(minute: int, zone: ZoneInfo) -> Span:
    """The calendar week, from Monday on, that contains ``minute``."""
    day = (_EPOCH + timedelta(minutes=minute)).astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    if minute >= _day_start(monday + timedelta(days=7), zone):
        monday += timedelta(days=7)
    elif minute < _day_start(monday, zone):
        monday -= timedelta(days=7)
    return Span(_day_start(monday, zone), _day_start(monday + timedelta(days=7), zone))


def quarter_of(minute: int, zone: ZoneInfo) -> Span:
    """The calendar quarter that contains ``minute``."""
    month = month_of(minute, zone)
    local = (_EPOCH + timedelta(minutes=month.start)).astimezone(zone)
    # A month may begin at 01:00, and where the clock is set back before midnight, late on the day before by wall time.
    year, number = (local + timedelta(days=2)).year, (local + timedelta(days=2)).month
    first = (number - 1) // 3 * 3 + 1
    after = (year + 1, 1) if first == 10 else (year, first + 3)
    return Span(_month_start(year, first, zone), _month_start(*after, zone))


def _day_start(day: date, zone: ZoneInfo) -> int:
    return _minute(datetime(day.year, day.month, day.day, tzinfo=zone))


def nominal_days(window: str) -> int:
    """The days of a window. A calendar month counts as 30, a quarter as 91."""
    return CALENDAR_DAYS[window] if window in CALENDAR_DAYS else int(window.removesuffix("d"))


def _after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _month_start(year: int, month: int, zone: ZoneInfo) -> int:
    """The first minute of a month: the earlier of two times 00:00, or the clock change when 00:00 is skipped.

    In every zone since 1970, a clock change that skips this midnight begins at it. So midnight with the
    old offset is the clock change.
    """
    return _minute(datetime(year, month, 1, tzinfo=zone))


def _minute(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(minutes=1)


def touched(intervals: Iterable[tuple[datetime, datetime]]) -> tuple[Span, ...]:
    """The minutes that overlap an interval ``[start, end)``, as disjoint spans, in order.

    Partial minutes are included, because their counts contain events of the interval.
    """
    spans = [Span(_minute(start), -((_EPOCH - end) // timedelta(minutes=1))) for start, end in intervals if start < end]
    return merged(spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of ``spans`` as disjoint spans, in order."""
    out: list[Span] = []
    for span in sorted(span for span in spans if len(span)):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return tuple(out)
