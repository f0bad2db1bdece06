"""Incidents as rows: projections of the journal, and the acts on them, each in one writing transaction."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Index, bindparam, delete, func, insert, select, update
from sqlmodel import Field

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.incidents.clocks import due
from artisan_tui.domain.incidents.fold import apply, fold
from artisan_tui.domain.incidents.ids import incident_id
from artisan_tui.domain.incidents.incident import Incident, read_incident
from artisan_tui.store.dialect import BIG
from artisan_tui.store.journal import JournalStore
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transactions
from artisan_tui.store.projection import Projection
from artisan_tui.store.rows import micros, moment, storable


class IncidentRow(Model, table=True):
    """`domain.incidents.incident.Incident`: ``state`` is all of it, the other columns are for finding it.

    ``changed`` is the seq of its last event.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("incident_by_changed", "open", "changed"), Index("incident_by_declared", "declared_at"))
    id: str = Field(primary_key=True)
    open: int
    status: str
    severity: int
    version: int = Field(sa_type=BIG)
    changed: int = Field(sa_type=BIG)
    declared_at: int = Field(sa_type=BIG)
    state: str


class TimerRow(Model, table=True):
    """When something is due about ``subject``."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_by_due", "due"),)
    subject: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    due: int = Field(sa_type=BIG)


class IncidentAlertRow(Model, table=True):
    """An alert that is attached to an incident."""

    __tablename__ = "incident_alert"
    __table_args__ = (Index("incident_by_alert", "fingerprint"),)
    incident: str = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True)


_INCIDENT, _TIMER, _ALERT = table(IncidentRow), table(TimerRow), table(IncidentAlertRow)
_READ = select(_INCIDENT.c.state).where(_INCIDENT.c.id == bindparam("wanted"))
_COLUMNS = ("open", "status", "severity", "version", "changed", "declared_at", "state")
_PUT = update(_INCIDENT).where(_INCIDENT.c.id == bindparam("wanted")).values({n: bindparam(n) for n in _COLUMNS})
_ADD = insert(_INCIDENT)
_DROP_TIMERS = delete(_TIMER).where(_TIMER.c.subject == bindparam("wanted"))
_DROP_ALERTS = delete(_ALERT).where(_ALERT.c.incident == bindparam("wanted"))


def _follow(connection: Connection, event: Event) -> None:
    """The projection: the rows of the incident that ``event`` is about."""
    text = connection.execute(_READ, {"wanted": event.subject}).scalar()
    try:
        before = None if text is None else _known(text)
    except UNREADABLE:
        return  # somebody changed the row: the audit says so and rebuilds it, and the event is not lost for that
    after = apply(before, event)
    if after is None or after is before:
        return
    values = {
        "open": int(after.open),
        "status": after.status,
        "severity": after.severity,
        "version": after.version,
        "changed": after.last_seq,
        "declared_at": micros(after.declared_at),
        "state": storable(after.to_json()),
    }
    if before is None:
        connection.execute(_ADD, {"id": after.id, **values})
    else:
        connection.execute(_PUT, {"wanted": after.id, **values})
    _remember(values["state"], after)
    timers = () if before is None else due(before)
    if due(after) != timers:
        connection.execute(_DROP_TIMERS, {"wanted": after.id})
        rows = [{"subject": after.id, "kind": each.kind, "due": micros(each.at)} for each in due(after)]
        if rows:
            connection.execute(insert(_TIMER), rows)
    if after.alerts != (() if before is None else before.alerts):
        connection.execute(_DROP_ALERTS, {"wanted": after.id})
        names = dict.fromkeys(map(storable, after.fingerprints))
        if names:
            connection.execute(insert(_ALERT), [{"incident": after.id, "fingerprint": name} for name in names])


#: The incident that was written last, by its text: events of one incident come together, and reading it costs the most.
_last: tuple[str, Incident] | None = None


def _remember(text: Any, incident: Incident) -> None:
    global _last  # a value by its own text: whichever store it came from, it is the same
    _last = (text, incident)


#: What reading a row raises that this program did not write.
UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError)


def _known(text: str) -> Incident:
    last = _last
    return last[1] if last is not None and last[0] == text else read_incident(text)


@dataclass(frozen=True, slots=True)
class TimerDue:
    """Something that is due about the incident ``subject``."""

    subject: str
    kind: str
    at: datetime


def _of_any(fingerprints: Sequence[str]) -> ColumnElement[bool]:
    return _ALERT.c.fingerprint.in_([storable(each) for each in fingerprints])


class IncidentView:
    """Incidents as one transaction sees them."""

    def __init__(self, connection: Connection, journal: JournalStore) -> None:
        self._connection, self._journal = connection, journal

    def get(self, wanted: str) -> Incident | None:
        text = self._connection.execute(_READ, {"wanted": storable(wanted)}).scalar()
        return None if text is None else self._read(storable(wanted), text)

    def free_id(self, at: datetime) -> str:
        """An id that no incident has, for one that is declared ``at``."""
        return incident_id(at, lambda name: self._connection.execute(_READ, {"wanted": name}).scalar() is not None)

    def holders(self, incident: Incident) -> tuple[Incident, ...]:
        """The incidents that it is a part of: directly first."""
        found: list[Incident] = []
        while incident.merged_into and len(found) < 100:
            holder = self.get(incident.merged_into)
            if holder is None or holder.id in (each.id for each in found):
                break
            found.append(holder)
            incident = holder
        return tuple(found)

    def parts(self, incident: Incident) -> tuple[Incident, ...]:
        """The incidents that are merged into it."""
        return tuple(found for each in incident.merged if (found := self.get(each.id)) is not None)

    def of_alert(self, fingerprints: Sequence[str]) -> tuple[Incident, ...]:
        """Every incident that this alert, known by any of these, is attached to, the newest first."""
        query = (
            select(_INCIDENT.c.id, _INCIDENT.c.state)
            .where(_INCIDENT.c.id.in_(select(_ALERT.c.incident).where(_of_any(fingerprints))))
            .order_by(_INCIDENT.c.declared_at.desc(), _INCIDENT.c.id.desc())
            .limit(20)
        )
        return self.read(query)

    def read(self, query: Any) -> tuple[Incident, ...]:
        """The incidents of a query for ids and states."""
        found = (self._read(name, text) for name, text in self._connection.execute(query))
        return tuple(incident for incident in found if incident is not None)

    def about(self, wanted: str) -> Iterator[Event]:
        """Every event of an incident, oldest first."""
        return self._journal.about(self._connection, storable(wanted))

    def event(self, seq: int) -> Event | None:
        """An event of the journal, such as one that is to be corrected."""
        return self._journal.one(self._connection, seq)

    def _read(self, name: str, text: str) -> Incident | None:
        """The row, or what the journal says where somebody made it unreadable."""
        try:
            return read_incident(text)
        except UNREADABLE:
            return fold(self._journal.about(self._connection, name))


#: What an act decides inside of its transaction: entries to write. It raises whatever refuses it.
DecideAct = Callable[[IncidentView], Sequence[Entry]]


class IncidentStore(Part):
    """What is known of incidents without reading their timelines, and the way to act on them."""

    projections = (Projection("incident", ("incident.",), (_INCIDENT, _TIMER, _ALERT), _follow, version=3),)

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        self._journal = JournalStore(store)

    def act(self, decide: DecideAct, *, at: datetime, fence: int | None = None) -> tuple[Event, ...]:
        """Read, decide and write in one transaction that holds the write lock: nobody acts in between.

        ``decide`` may raise: then nothing is written. ``fence`` see `Store.writing`.
        """
        with self._store.writing(fence) as transaction:
            entries = decide(self._view(transaction.connection))
            return transaction.append(entries, at)

    def _view(self, connection: Connection) -> IncidentView:
        return IncidentView(connection, self._journal)

    # -- reading ----------------------------------------------------------------------------

    def get(self, wanted: str) -> Incident | None:
        with self._store.reading() as connection:
            return self._view(connection).get(wanted)

    def open(self) -> tuple[Incident, ...]:
        """Those that are not closed, cancelled or merged, the newest change first."""
        return self._listed(_INCIDENT.c.open == 1, None)

    def recent(self, limit: int = 50) -> tuple[Incident, ...]:
        """Those that are over, the newest change first."""
        return self._listed(_INCIDENT.c.open == 0, limit)

    def since(self, moment_: datetime) -> tuple[Incident, ...]:
        """Every incident declared at this moment or later, the newest change first."""
        return self._listed(_INCIDENT.c.declared_at >= micros(moment_), None)

    def _listed(self, condition: Any, limit: int | None) -> tuple[Incident, ...]:
        query = select(_INCIDENT.c.id, _INCIDENT.c.state).where(condition).order_by(_INCIDENT.c.changed.desc())
        with self._store.reading() as connection:
            return self._view(connection).read(query.limit(limit))

    def attached(self) -> dict[str, str]:
        """Every alert that is attached to an incident that is not over, and the newest of these incidents."""
        query = (
            select(_ALERT.c.fingerprint, _ALERT.c.incident)
            .join_from(_ALERT, _INCIDENT, _ALERT.c.incident == _INCIDENT.c.id)
            .where(_INCIDENT.c.open == 1)
            .order_by(_INCIDENT.c.declared_at, _INCIDENT.c.id)
        )
        with self._store.reading() as connection:
            return {fingerprint: incident for fingerprint, incident in connection.execute(query)}

    def had_alert(self, fingerprints: Sequence[str]) -> bool:
        """Whether the alert, known by any of these, is attached to any incident, also one that is over."""
        query = select(_ALERT.c.incident).where(_of_any(fingerprints)).limit(1)
        with self._store.reading() as connection:
            return connection.execute(query).scalar() is not None

    def ids(self, beginning: str = "", limit: int = 200) -> tuple[str, ...]:
        """Ids that begin so, newest first."""
        condition = _INCIDENT.c.id.startswith(storable(beginning), autoescape=True)
        query = select(_INCIDENT.c.id).where(condition).order_by(_INCIDENT.c.id.desc()).limit(limit)
        with self._store.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def timers(self, until: datetime) -> tuple[TimerDue, ...]:
        """What is due ``until`` then, the longest due first."""
        query = select(_TIMER).where(_TIMER.c.due <= micros(until)).order_by(_TIMER.c.due, _TIMER.c.subject)
        with self._store.reading() as connection:
            return tuple(TimerDue(row.subject, row.kind, moment(row.due)) for row in connection.execute(query))

    def next_timer(self) -> datetime | None:
        """When something is due next, None when nothing is to come."""
        with self._store.reading() as connection:
            found = connection.execute(select(func.min(_TIMER.c.due))).scalar()
        return None if found is None else moment(found)

    def timeline(self, incident: Incident, limit: int = 200, *, before: int | None = None) -> tuple[Event, ...]:
        """A page of its events, those of its runs and of the incidents merged into it, newest first; with a seq below ``before``."""
        pages = [self._journal.page(limit, before=before, subject=part) for part in incident.subjects]
        if len(pages) == 1:
            return pages[0]
        return tuple(heapq.nlargest(limit, (event for page in pages for event in page), key=lambda event: event.seq))

    def events(self, incident: Incident, seqs: Iterable[int]) -> tuple[Event, ...]:
        """Events of it by their seq, such as one that is to be corrected."""
        found: list[Event] = []
        for seq in seqs:
            for part in incident.parts:
                found += self._journal.page(1, before=seq + 1, after=seq - 1, subject=part)
        return tuple(found)


PART = IncidentStore
