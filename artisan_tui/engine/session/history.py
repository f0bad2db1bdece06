"""What the journal says happened in a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: Events of one page, and how much later than it happened an event may have been written down.
_PAGE = 500
_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventsBetween:
    """The query for what happened in ``[since, until)``, oldest first; LookupError while it cannot be read."""

    since: datetime
    until: datetime

    async def run(self, core: Core) -> tuple[Event, ...]:
        found = await core.ask(lambda store: events_between(store, self.since, self.until))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found


def events_between(store: Store, since: datetime, until: datetime) -> tuple[Event, ...]:
    """Oldest first; what was written down up to a day late is found too. Runs in the store's thread.

    The journal is in the order in which it was written, so its beginning is found by halving: twenty reads in a million.
    """
    low, high = 0, store.journal.count()  # everything up to ``low`` was written before ``since``
    while low < high:
        middle = (low + high) // 2
        newest = store.journal.page(1, before=middle + 2)
        if newest and newest[0].recorded_at < since:
            low = middle + 1
        else:
            high = middle
    found: list[Event] = []
    while page := store.journal.page(_PAGE, after=low, before=low + _PAGE + 1):
        found += [event for event in reversed(page) if since <= event.occurred_at < until]
        low = page[0].seq
        if page[0].recorded_at > until + _LATE:
            break
    return tuple(sorted(found, key=lambda event: (event.occurred_at, event.seq)))
