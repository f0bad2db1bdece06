"""Incidents as they were after an event of the journal."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from artisan_tui.domain.incidents.fold import fold
from artisan_tui.domain.incidents.incident import Incident, read_incident
from artisan_tui.store.incidents.part import UNREADABLE, IncidentRow
from artisan_tui.store.journal import JournalStore
from artisan_tui.store.model import table
from artisan_tui.store.rows import micros

_INCIDENT = table(IncidentRow)
#: How far another clock may be ahead that dated a declaration.
_AHEAD = timedelta(days=1)


def incidents_then(
    connection: Connection,
    journal: JournalStore,
    seq: int,
    at: datetime,
    recent: int,
    read: MutableMapping[str, Incident],
) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
    """(open ones, the ``recent`` newest of those that were over) after event ``seq`` at ``at``, the newest change first.

    What has not changed since is in its row; the others are folded again. ``read`` keeps rows that were read.
    """
    columns = select(_INCIDENT.c.id, _INCIDENT.c.state)
    still = columns.where(_INCIDENT.c.changed <= seq)
    over = still.where(_INCIDENT.c.open == 0).order_by(_INCIDENT.c.changed.desc()).limit(recent)
    found: list[Incident] = []
    for query in (still.where(_INCIDENT.c.open == 1), over):
        for name, text in connection.execute(query):
            incident = _read(name, text, seq, connection, journal, read)
            if incident is not None:
                found.append(incident)
    since = select(_INCIDENT.c.id).where(_INCIDENT.c.changed > seq, _INCIDENT.c.declared_at <= micros(at + _AHEAD))
    for name in connection.execute(since).scalars().all():
        incident = folded(connection, journal, name, seq)
        if incident is not None:
            found.append(incident)
    found.sort(key=lambda each: each.last_seq, reverse=True)
    opened = tuple(each for each in found if each.open)
    return opened, tuple(each for each in found if not each.open)[:recent]


def folded(connection: Connection, journal: JournalStore, name: str, seq: int) -> Incident | None:
    """What its events up to ``seq`` add up to."""
    return fold(event for event in journal.about(connection, name) if event.seq <= seq)


def _read(
    name: str, text: Any, seq: int, connection: Connection, journal: JournalStore, read: MutableMapping[str, Incident]
) -> Incident | None:
    known = read.get(text) if isinstance(text, str) else None
    if known is not None:
        return known
    try:
        incident = read_incident(text)
    except UNREADABLE:
        return folded(connection, journal, name, seq)
    read[text] = incident
    return incident
