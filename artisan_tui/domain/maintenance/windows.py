"""Maintenance windows: when nobody wants to hear about it.

Every window is half-open, ``[start, end)``. A recurring one is written in local wall time, and
its edges are chosen so that the work which was announced always fits into it: where the clock
is put back, it begins at the first of the two equal wall times and ends at the second; where
the clock is put forward, an edge inside the hour that does not exist is the first instant after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
#: Days to look ahead for the next occurrence: a week, and more weeks for one that a clock change swallowed.
_AHEAD = 30


@dataclass(frozen=True, slots=True)
class Window:
    """One occurrence, ``start`` and ``end`` in UTC. ``covers`` are services or "service.check"; none means everything."""

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
    """A window that comes again, by the clock on the wall in ``zone``.

    ``days`` are those on which it begins (0 is Monday; none means every day), between the dates
    ``first`` and ``last``, both included. ``ends`` not after ``begins`` is on the next day: equal, and it lasts 24 h.
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
        """The occurrence that contains ``now``; of two that overlap, the one that ends later."""
        around = self.between(now, now + timedelta.resolution)
        return max(around, key=lambda window: window.end, default=None)

    def next_after(self, now: datetime) -> Window | None:
        """The first occurrence that begins after ``now``, None when there is none any more."""
        day = now.astimezone(self.zone).date() - _DAY
        day = day if self.first is None else max(day, self.first)
        for ahead in range(_AHEAD):
            window = self._on(day + ahead * _DAY)
            if window is not None and window.start > now:
                return window
        return None

    def between(self, since: datetime, until: datetime) -> Iterator[Window]:
        """Every occurrence that has an instant in ``[since, until)``, in order."""
        # One lasts up to 25 h and may begin on the day before yesterday's midnight, read in another zone.
        day = since.astimezone(self.zone).date() - 2 * _DAY
        end = until.astimezone(self.zone).date() + _DAY
        day = day if self.first is None else max(day, self.first)
        end = end if self.last is None else min(end, self.last)
        while day <= end:
            window = self._on(day)
            if window is not None and window.start < until and since < window.end:
                yield window
            day += _DAY

    def _on(self, day: date) -> Window | None:
        """The occurrence that begins on this local day. One that a clock change swallows whole does not exist."""
        if self.days and day.weekday() not in self.days:
            return None
        if (self.first is not None and day < self.first) or (self.last is not None and day > self.last):
            return None
        start = _instant(day, self.begins, self.zone, later=False)
        end = _instant(day if self.ends > self.begins else day + _DAY, self.ends, self.zone, later=True)
        return Window(self.id, self.covers, self.reason, start, end) if start < end else None


def _instant(day: date, wall: time, zone: ZoneInfo, *, later: bool) -> datetime:
    """When the wall shows this, in UTC; ``later`` chooses the second of two."""
    shown = datetime.combine(day, wall, zone)
    before, after = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if before <= after:
        return after if later else before
    # It never does: read with either offset it lies on the other side of the change, which is between them.
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
    """The windows that contain ``now``, each recurrence at most once."""
    recurring = (recurrence.occurrence_at(now) for recurrence in recurrences)
    return (*(window for window in one_offs if now in window), *(window for window in recurring if window is not None))


def exclusions(
    recurrences: Iterable[Recurrence], one_offs: Iterable[Window], since: datetime, until: datetime
) -> tuple[Window, ...]:
    """Every window with an instant in ``[since, until)``, by start. What they cover is the caller's to ask."""
    found = [window for window in one_offs if window.start < until and since < window.end]
    for recurrence in recurrences:
        found.extend(recurrence.between(since, until))
    return tuple(sorted(found, key=lambda window: (window.start, window.end, window.id)))


def merged(windows: Iterable[Window]) -> tuple[tuple[datetime, datetime], ...]:
    """The time under any of ``windows`` as intervals ``[start, end)`` that do not touch, in order."""
    out: list[tuple[datetime, datetime]] = []
    for start, end in sorted((window.start, window.end) for window in windows):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return tuple(out)
