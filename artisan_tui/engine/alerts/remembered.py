"""The alerts of others as a session begins with them: what the journal says fires, and when a session saw it last.

The journal has when each was seen first. When it was seen last is in what was kept of the last round, for two days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.alerts.evidence import AlertList, Watch, is_watchdog
from artisan_tui.domain.alerts.listed import ListedAlert
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.alerts.then import last_round

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class LastRound:
    """When each source answered last, by URL, and when what it did not say then was seen, by fingerprint."""

    answered: Mapping[str, datetime] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)

    def seen_at(self, row: ListedAlert) -> datetime | None:
        """None where it is not known: no session ran for days, or none that led."""
        times = [at for url in row.seen_by if (at := self.answered.get(url)) is not None]
        return self.seen.get(row.fingerprint) or max(times, default=None)


def read_last_round(store: Store, now: datetime) -> LastRound:
    """Used in the store's thread."""
    answered, seen = last_round(store, now)
    return LastRound({url: at for url, at in answered.items() if at is not None}, seen)


def remembered(outside: OutsideAlerts, last: LastRound, watch: Watch, now: datetime) -> AlertList:
    """Which fire, since when alerting is blind, and until when it surely was not."""
    known = outside.rows(now)
    seen = {
        name: at for name, row in known.items() if (at := last.seen_at(row)) is not None and row.seen_at <= at <= now
    }
    rows = {name: replace(row, seen_at=seen.get(name, row.seen_at)) for name, row in known.items()}
    watchdogs = (at for name, at in seen.items() if is_watchdog(known[name].labels, watch))
    return AlertList(rows, blind_since=outside.blind_since, watchdog_seen=max(watchdogs, default=None))
