"""A rotation: people who take turns, each for a number of local days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.wall_time import Hours, instant


@dataclass(frozen=True, slots=True)
class Shift:
    """``person`` is on call in ``[start, end)``."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """``people`` take turns. Each shift lasts ``days`` local days and begins at ``handoff``, the first on the day ``first``.

    ``level`` is the level of escalation that it answers for, such as "L1". With ``only``, it covers these hours alone.
    """

    id: str
    level: str
    people: tuple[str, ...]
    days: int
    handoff: time
    first: date
    zone: ZoneInfo
    only: Hours | None = None

    def shift_at(self, at: datetime) -> Shift:
        """The shift that contains ``at``. Turns also count back to the days before ``first``."""
        turn = (at.astimezone(self.zone).date() - self.first).days // self.days
        while at < self.start(turn):
            turn -= 1
        while at >= self.start(turn + 1):
            turn += 1
        return Shift(self.people[turn % len(self.people)], self.start(turn), self.start(turn + 1))

    def start(self, turn: int) -> datetime:
        """When the shift number ``turn`` begins; 0 is the first."""
        return instant(self.first + timedelta(days=turn * self.days), self.handoff, self.zone)

    def covers(self, at: datetime) -> bool:
        """Whether anybody of this rotation is on call at ``at``."""
        return bool(self.people) and (self.only is None or at in self.only)
