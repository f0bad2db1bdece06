"""The outages of checks, read from the journal in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.outages import DAYS, Outage, outages_of, planned, united
from artisan_tui.domain.event import Event
from artisan_tui.engine.maintenance.windows import MaintenanceWindows

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: Entries of one check that are read at most, and at once: one that flaps for weeks has many.
MOST, _PAGE = 5000, 500


@dataclass(frozen=True, slots=True)
class OutageHistory:
    """``outages`` newest first, maintenance among them. ``since``: nothing before it was read."""

    outages: tuple[Outage, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class OutageQuery:
    """The query for the outages of these checks together, in the last ninety days."""

    check_ids: tuple[str, ...]

    async def run(self, core: Core) -> OutageHistory:
        now = core.clock.now()
        since = first = now - timedelta(days=DAYS)
        windows = core.state(MaintenanceWindows).history(since, now)
        found: list[Outage] = []
        for check_id in self.check_ids:
            stored = await core.ask(partial(events_of, check_id=check_id, since=since))
            if stored is None:
                raise LookupError("the store cannot be read")
            events = [*stored, *(entry for entry in core.writer.unwritten if entry.subject == check_id)]
            if len(stored) >= MOST:
                first = max(first, stored[0].occurred_at)
            found += (
                outage
                for outage in outages_of(check_id, events, windows, now)
                if outage.end is None or outage.end >= since
            )
        whole = united(found) if len(self.check_ids) > 1 else found
        listed = [*whole, *planned(windows, self.check_ids, now)]
        listed.sort(key=lambda outage: outage.start or since, reverse=True)
        return OutageHistory(tuple(listed), first)


def events_of(store: Store, check_id: str, since: datetime) -> Sequence[Event]:
    """What the journal says of the check since then, oldest first, and the last thing that it said before."""
    found: list[Event] = []
    before: int | None = None
    while len(found) < MOST:
        page = store.journal.page(_PAGE, before=before, subject=check_id)
        for event in page:
            found.append(event)
            if event.occurred_at < since and event.kind == "check.state":
                return found[::-1]
        if len(page) < _PAGE:
            break
        before = page[-1].seq
    return found[::-1]
