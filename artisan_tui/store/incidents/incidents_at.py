"""Incidents as they were at an earlier event of the journal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.fold import fold
from artisan_tui.domain.incidents.incident import Incident, read_incident
from artisan_tui.store.incidents.part import UNREADABLE, IncidentRow
from artisan_tui.store.model import table
from artisan_tui.store.rows import micros
from artisan_tui.store.store import Store

_INCIDENT = table(IncidentRow)


def incidents_at(store: Store, high: int, low: int, since: datetime) -> tuple[Incident, ...]:
    """As they were after the event ``high``, oldest first. Runs in the store's thread.

    Those that are open, that were declared since then or changed after the event ``low``, and those with a postmortem or
    action items. A row that did not change after ``high`` is as it was; only the others are folded again.
    """
    column = _INCIDENT.c
    wanted = or_(
        column.open == 1,
        column.declared_at >= micros(since),
        column.changed > low,
        column.state.contains('"items":[', autoescape=True),
        column.state.contains('"postmortem":{', autoescape=True),
    )
    found: list[Incident] = []
    with store.reading() as connection:
        for name, changed, text in connection.execute(select(column.id, column.changed, column.state).where(wanted)):
            incident = _read(text) if changed <= high else None
            if incident is None:
                events = (event for event in store.journal.about(connection, name) if event.seq <= high)
                incident = fold(events)
            if incident is not None:
                found.append(incident)
    return tuple(sorted(found, key=lambda each: (each.declared_at, each.id)))


def events_of(store: Store, kind: str, high: int, low: int = 0) -> tuple[Event, ...]:
    """The events of this kind with a seq above ``low`` and up to ``high``, oldest first."""
    return tuple(reversed(store.journal.page(10**9, kind=kind, after=low, before=high + 1)))


def _read(text: str) -> Incident | None:
    try:
        return read_incident(text)
    except UNREADABLE:
        return None  # somebody changed the row: the journal says what it was
