"""Maintenance windows: time without paging and without budget burn.

Every window is half-open, ``[start, end)``. A recurring window is given in local wall time. At a change
of the clock, the window is never shorter than announced. When the clock is set back, a start in the
repeated hour is the first of the two instants and an end is the second. When the clock is set
forward, an edge in the skipped hour is the first instant after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
#: Days to search for the next occurrence. More than a week, because a clock change can remove an occurrence.
_AHEAD = 30


@dataclass(frozen=True, slots=True)
class Window:
    """One occurrence. ``start`` and ``end`` are in UTC. ``covers`` are services or "service.check"; empty covers everything."""

    id: str
    covers: tuple[str, ...]
    reason: str
    start: datetime
    end: datetime

    def __contains__(self, now: datetime) -> bool:
        return self.start <= now < self.end

    def covers_check(self, check_id: str) -> bool:
        return not self.covers or check_id in self.covers or check_id.partition(".")[0] in self.covers


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurring window, in wall time of ``zone``.

    It begins on each of ``days`` (0 is Monday; empty: every day) from the date ``first`` to the date
    ``last``, both included. When ``ends`` is not after ``begins``, it ends on the next day.
    """

    id: str
    covers: tuple[str, ...]
    reason: str
    days: frozenset[int]
    begins: time
    ends: time
    zone: ZoneInfo
    first: date | None = None
    last: date | None = None

    def occurrence_at(self, now: datetime) -> Window | None:
        """The occurrence that contains ``now``, None without one. Of two that overlap, the one that ends later."""
        around = self.between(now, now + timedelta.resolution)
        return max(around, key=lambda window: window.end, default=None)

    def next_after(self, now: datetime) -> Window | None:
        """The first occurrence that begins after ``now``, None when there is none."""
        day = now.astimezone(self.zone).date() - _DAY
        day = day if self.first is None else max(day, self.first)
        for ahead in range(_AHEAD):
            window = self.on(day + ahead * _DAY)
            if window is not None and window.start > now:
                return window
        return None

    def between(self, since: datetime, until: datetime) -> Iterator[Window]:
        """Every occurrence that overlaps ``[since, until)``, in order."""
        # An occurrence lasts up to 25 h, so it can begin two local days earlier.
        day = since.astimezone(self.zone).date() - 2 * _DAY
        end = until.astimezone(self.zone).date() + _DAY
        day = day if self.first is None else max(day, self.first)
        end = end if self.last is None else min(end, self.last)
        while day <= end:
            window = self.on(day)
            if window is not None and window.start < until and since < window.end:
                yield window
            day += _DAY

    def on(self, day: date) -> Window | None:
        """The occurrence that begins on this local day, None without one or when a clock change skips all of it."""
        if self.days and day.weekday() not in self.days:
            return None
        if (self.first is not None and day < self.first) or (self.last is not None and day > self.last):
            return None
        start = _instant(day, self.begins, self.zone, later=False)
        end = _instant(day if self.ends > self.begins else day + _DAY, self.ends, self.zone, later=True)
        return Window(self.id, self.covers, self.reason, start, end) if start < end else None


def _instant(day: date, wall: time, zone: ZoneInfo, *, later: bool) -> datetime:
    """The instant (UTC) of a wall time. Of two instants with that wall time, ``later`` chooses the second."""
    shown = datetime.combine(day, wall, zone)
    before, after = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if before <= after:
        return after if later else before
    # The wall time is skipped. The clock change is between the two readings, and bisection finds it.
    low, high = int(after.timestamp()) - 1, int(before.timestamp()) + 1
    offset = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def current(now: datetime, one_offs: Iterable[Window], recurrences: Iterable[Recurrence]) -> tuple[Window, ...]:
    """The windows that contain ``now``, at most one per recurrence."""
    recurring = (recurrence.occurrence_at(now) for recurrence in recurrences)
    return (*(window for window in one_offs if now in window), *(window for window in recurring if window is not None))


def exclusions(
    recurrences: Iterable[Recurrence], one_offs: Iterable[Window], since: datetime, until: datetime
) -> tuple[Window, ...]:
    """Every window that overlaps ``[since, until)``, ordered by start. The caller filters by what they cover."""
    found = [window for window in one_offs if window.start < until and since < window.end]
    for recurrence in recurrences:
        found.extend(recurrence.between(since, until))
    return tuple(sorted(found, key=lambda window: (window.start, window.end, window.id)))


def merged(windows: Iterable[Window]) -> tuple[tuple[datetime, datetime], ...]:
    """The union of ``windows`` as disjoint intervals ``[start, end)``, in order."""
    out: list[tuple[datetime, datetime]] = []
    for start, end in sorted((window.start, window.end) for window in windows):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return tuple(out)
