"""Backups and regions: how much would be lost (RPO), and how long it takes to be back (RTO)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill.model.database import APPLIED

HOME_REGION: Final = "primary"
STANDBY_REGION: Final = "standby"
REGIONS: Final = (HOME_REGION, STANDBY_REGION)
#: A region takes over after this many seconds: connections, start, DNS.
SWITCH_SECONDS: Final = 30
#: A backup is taken every half hour by itself; the first was half a period before the start.
BACKUP_EVERY: Final = 1800
#: How far the standby is behind, in seconds.
REPLICA_LAG: Final = 5
_KEEP: Final = 48


@dataclass(frozen=True, slots=True)
class Backup:
    """A restorable point: the ``tick`` (negative: before the start) and the schema's revision at it.

    ``corrupted`` is the share of requests that meet a damaged row in it: whatever was damaged then is in it, too.
    """

    id: str
    tick: int
    applied: int
    corrupted: float = 0.0


def _earlier() -> list[Backup]:
    ticks = (-BACKUP_EVERY * 3 // 2, -BACKUP_EVERY // 2)
    return [Backup(_name(number), tick, APPLIED) for number, tick in enumerate(ticks, 1)]


def _name(number: int) -> str:
    return f"backup-{number:04}"


@dataclass(slots=True)
class Recovery:
    """``region`` serves, or is about to (``switching`` is the tick at which it does). Seconds are ticks."""

    region: str = HOME_REGION
    switching: int | None = None
    declared: int | None = None
    recovered: int | None = None
    backups: list[Backup] = field(default_factory=_earlier)
    restored: str | None = None
    lost_seconds: int = 0
    #: How damaged the data is now, as in `Backup`.
    corrupted: float = 0.0

    def tick(self, tick: int, applied: int, lost: bool) -> None:
        """Let a second pass. ``lost``: the home region is gone."""
        if self.switching is not None and tick >= self.switching:
            self.switching = None
        works = not (lost and self.region == HOME_REGION)
        if works and (tick + BACKUP_EVERY // 2) % BACKUP_EVERY == 0:
            self.take(tick, applied)
        if works and self.declared is not None and self.recovered is None and self.switching is None:
            self.recovered = tick

    def take(self, tick: int, applied: int) -> Backup:
        """Take a backup."""
        if self.backups[-1].tick == tick:
            return self.backups[-1]
        self.backups.append(
            Backup(_name(int(self.backups[-1].id.rpartition("-")[2]) + 1), tick, applied, self.corrupted)
        )
        del self.backups[:-_KEEP]
        return self.backups[-1]

    def rpo(self, tick: int) -> int:
        """Seconds between the last restorable point and now."""
        return tick - max(each.tick for each in self.backups)

    def rto(self, tick: int) -> int:
        """Seconds since the disaster was declared, until service was back. 0 without one."""
        if self.declared is None:
            return 0
        return (tick if self.recovered is None else self.recovered) - self.declared
