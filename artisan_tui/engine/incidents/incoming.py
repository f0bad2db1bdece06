"""Who came on call while an incident waits for an acknowledgement: they are paged, too. No deadline moves for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.incidents.events import IncidentIncomingPaged, IncidentRungReached
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import MILD, Surroundings
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.notices import notices_of
from artisan_tui.engine.incidents.transaction import incident_store

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.rules import IncidentRules
    from artisan_tui.store.incidents.part import IncidentView
    from artisan_tui.store.store import Store


def incoming(
    incident: Incident, events: Iterable[Event], now: datetime, around: Surroundings
) -> Iterator[IncidentIncomingPaged]:
    """For each level that was paged in this round: who is on call there now and was not paged. ``events`` are its own."""
    since = incident.paging_since
    if not incident.triggered or since is None or incident.merged_into or incident.snoozed_until is not None:
        return
    if incident.severity in MILD and around.working_time(now, timedelta(0)) > now:
        return  # a mild incident disturbs people in working time only
    paged: set[str] = set()
    levels: dict[str, int] = {}
    for event in events:
        if event.recorded_at < since:
            continue
        try:
            body = read_body(event)
        except BodyError:
            continue
        if isinstance(body, IncidentRungReached | IncidentIncomingPaged):
            paged.update(body.persons)
            if body.level:
                levels.setdefault(body.level, body.rung)
    for level, rung in levels.items():
        new = tuple(each for each in around.on_call(level, now) if each not in paged)
        if new:
            paged.update(new)
            yield IncidentIncomingPaged(level=level, rung=rung, persons=new)


def page_incoming(store: Store, now: datetime, rules: IncidentRules, fence: int | None) -> tuple[Event, ...]:
    """Page who came on call, about every incident that nobody has acknowledged. Written under the leader's fence."""
    incidents = incident_store(store)
    waiting = [each.id for each in incidents.open() if each.triggered]
    if not waiting:
        return ()

    def work(view: IncidentView) -> Sequence[Entry]:
        out: list[Entry] = []
        for wanted in waiting:
            incident = view.get(wanted)
            if incident is None:
                continue
            by = By(OBSERVER, now)
            own = [by.entry(each, wanted) for each in incoming(incident, view.about(wanted), now, rules.around)]
            out += own
            for notice in notices_of(incident, incident, own, now, rules.around):
                out += rules.route(notice, now, OBSERVER)
        return out

    return incidents.act(work, at=now, fence=fence)
