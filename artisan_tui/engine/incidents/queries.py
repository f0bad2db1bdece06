"""What screens ask the store about incidents: a page of a timeline, one incident, those with something to be done."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.incidents.part import IncidentStore
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class TimelinePiece:
    """``events`` newest first. ``whole``: there are no more in that direction."""

    events: tuple[Event, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """The query for the newest ``limit`` events of the subjects ``parts``, below the seq ``before``, above ``after``.

    LookupError while nothing can be read.
    """

    parts: tuple[str, ...]
    limit: int = 200
    before: int | None = None
    after: int | None = None

    async def run(self, core: Core) -> TimelinePiece:
        found = await core.ask(self._read)
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found

    def _read(self, store: Store) -> TimelinePiece:
        pages = [
            store.journal.page(self.limit, before=self.before, after=self.after, subject=each) for each in self.parts
        ]
        events = (event for page in pages for event in page)
        kept = tuple(heapq.nlargest(self.limit, events, key=lambda event: event.seq))
        return TimelinePiece(kept, sum(map(len, pages)) < self.limit)


@dataclass(frozen=True, slots=True)
class OneIncident:
    """The query for an incident that no snapshot holds; None when there is none of that id."""

    id: str

    async def run(self, core: Core) -> Incident | None:
        found = await core.ask(lambda store: (_incidents(store).get(self.id),))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found[0]


@dataclass(frozen=True, slots=True)
class PendingIncidents:
    """The query for the incidents declared ``since`` then whose postmortem or action items are not done."""

    since: datetime

    async def run(self, core: Core) -> tuple[Incident, ...]:
        found = await core.ask(lambda store: _incidents(store).since(self.since))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return tuple(
            each for each in found if each.postmortem.pending or any(item.state == "open" for item in each.items)
        )


def _incidents(store: Store) -> IncidentStore:
    from artisan_tui.engine.incidents.transaction import incident_store

    return incident_store(store)
