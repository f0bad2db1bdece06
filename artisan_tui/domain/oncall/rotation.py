"""A rotation: people who take turns, each for a number of local days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.shift import Shift
from artisan_tui.domain.oncall.wall_time import DAY, Hours, instant


@dataclass(frozen=True, slots=True)
class Rotation:
    """``people`` take turns. Each turn lasts ``days`` local days and begins at ``handoff``, the first on the day ``first``.

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

    def turn_at(self, at: datetime) -> int:
        """The number of the turn that contains ``at``. Turns also count back to the days before ``first``."""
        turn = (at.astimezone(self.zone).date() - self.first).days // self.days
        while at < self.start(turn):
            turn -= 1
        while at >= self.start(turn + 1):
            turn += 1
        return turn

    def shift_at(self, at: datetime) -> Shift:
        """The whole turn that contains ``at``, whatever hours of it ``only`` covers."""
        turn = self.turn_at(at)
        start, person = self.start(turn), self.people[turn % len(self.people)]
        return Shift(person, start, self.start(turn + 1), self.level, self.id, turn=start)

    def start(self, turn: int) -> datetime:
        """When the turn of this number begins; 0 is the first."""
        return instant(self.first + timedelta(days=turn * self.days), self.handoff, self.zone)

    def covers(self, at: datetime) -> bool:
        """Whether anybody of this rotation is on call at ``at``."""
        return bool(self.people) and (self.only is None or at in self.only)

    def edges(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The moments in ``[start, end)`` at which a turn begins, or the hours of ``only`` begin or end."""
        if self.people:
            turn = self.turn_at(start)
            while (edge := self.start(turn)) < end:
                if edge >= start:
                    yield edge
                turn += 1
        if self.only is None:
            return
        day, last = start.astimezone(self.only.zone).date() - 2 * DAY, end.astimezone(self.only.zone).date()
        while day <= last:
            yield from (edge for edge in self.only.on(day) or () if start <= edge < end)
            day += DAY
