"""Wall time of a zone as instants.

A time that a change of the clock skips is read with the offset before the change (RFC 5545, 3.3.5): 02:30 becomes
03:30. Of a time that occurs twice, the first is meant. The end of one shift and the start of the next come from the
same rule, so no change of the clock leaves a gap or an overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours of some weekdays (0 is Monday; empty: every day), in wall time.

    When ``end`` is not after ``begin``, they end on the next day; 00:00 to 00:00 is a whole day.
    """

    days: frozenset[int]
    begin: time
    end: time
    zone: ZoneInfo

    def __contains__(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.around(at))

    def around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The intervals that begin on the local day of ``at``, the day before and the day after, in order."""
        today = at.astimezone(self.zone).date()
        for day in (today - DAY, today, today + DAY):
            found = self.on(day)
            if found is not None:
                yield found

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """[start, end) of the interval that begins on ``day``, in UTC."""
        if self.days and day.weekday() not in self.days:
            return None
        ends = day if self.begin < self.end else day + DAY
        return instant(day, self.begin, self.zone), instant(ends, self.end, self.zone)
