"""Working time: deadlines of the lower severities count only in these hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from artisan_tui.domain.oncall.wall_time import DAY, Hours, instant

#: Days without any working time after which a search ends: a calendar of holidays only.
_MOST_DAYS = 400


class NeverOpen(ValueError):
    """The calendar has no working time within a year."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """``hours`` without the days for which ``holiday`` is true."""

    hours: Hours
    holiday: Callable[[date], bool] = lambda day: False

    def __contains__(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self._from(at, 2))

    def after(self, start: datetime, time: timedelta) -> datetime:
        """The moment when ``time`` of working time has gone by since ``start``, in UTC. Raises NeverOpen."""
        left = time
        for opened, closed in self._from(start, _MOST_DAYS):
            begin = max(start, opened)
            if begin >= closed:
                continue
            if left <= closed - begin:
                return (begin + left).astimezone(UTC)
            left -= closed - begin
        raise NeverOpen("no working time within a year")

    def days_after(self, start: datetime, days: int) -> datetime:
        """``days`` working days after the local day of ``start``, at the same time of day, in UTC. Raises NeverOpen."""
        local = start.astimezone(self.hours.zone)
        day = local.date()
        for _ in range(_MOST_DAYS):
            if days == 0:
                return instant(day, local.time(), self.hours.zone)
            day += DAY
            days -= self._works(day)
        raise NeverOpen("no working day within a year")

    def _works(self, day: date) -> bool:
        return not self.holiday(day) and (not self.hours.days or day.weekday() in self.hours.days)

    def _from(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The intervals of working time that begin on ``days`` local days, from the day before ``at`` on."""
        first = at.astimezone(self.hours.zone).date() - DAY
        for ahead in range(days):
            day = first + ahead * DAY
            found = None if self.holiday(day) else self.hours.on(day)
            if found is not None:
                yield found
