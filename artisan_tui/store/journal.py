"""The append-only journal: sealed onto the chain, paged newest first, verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from artisan_tui.domain.event import (
    GENESIS,
    Break,
    Entry,
    Event,
    StoredRow,
    canonical,
    chain_hash,
    stamp,
    verify,
)
from artisan_tui.store.dialect import undecoded
from artisan_tui.store.errors import StoreCorrupt, StoreTampered
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import EVENT, event_of, storable
from artisan_tui.store.tables import JOURNAL, EventRow, Meta, table

_EVENT, _META = table(EventRow), table(Meta)
_COLUMNS = [_EVENT.c[name] for name in EVENT]
#: Events read at once while verifying: memory stays flat and no read transaction lasts.
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Verification:
    """``events`` sound events from the first, ``head`` the hash of the last of them.

    ``guards``: the triggers that keep the journal append-only are in place and unaltered.
    ``integrity`` is "ok" or what the database found wrong with its file.
    """

    events: int
    head: str
    broken: Break | None
    guards: bool = True
    integrity: str = "ok"

    @property
    def sound(self) -> bool:
        return self.broken is None and self.guards and self.integrity == "ok"


class JournalTable:
    """``where`` names the store in errors. Every method takes a connection inside a transaction."""

    def __init__(self, dialect: Dialect, where: str) -> None:
        self._where = where
        self._head = Prepared(select(_META.c.value).where(_META.c.key == bindparam("name")), dialect)
        self._insert = Prepared(insert(_EVENT), dialect, EVENT)
        self._advance = Prepared(
            update(_META).where(_META.c.key == bindparam("name")).values(value=bindparam("head")), dialect
        )

    def append(self, connection: Connection, entries: Sequence[Entry], at: datetime) -> tuple[Event, ...]:
        """The entries as events. The caller holds the write lock.

        ValueError or TypeError for a body that is not JSON or a moment without a zone. StoreTampered
        when the last event is not the one that was written last: the guards refuse to build on it.
        """
        cursor: Any = connection.connection.cursor()
        count, head = self._head_on(cursor)
        events = []
        recorded = stamp(at)
        for entry in entries:
            event, row = _sealed(entry, count + 1, at, recorded, head)
            self._insert.one(cursor, row)
            count, head = event.seq, event.hash
            events.append(event)
        self._advance.one(cursor, {"name": JOURNAL, "head": f"{count}:{head}"})
        cursor.close()
        return tuple(events)

    def head(self, connection: Connection) -> tuple[int, str]:
        """(events, hash of the last) as written with the last append; (0, GENESIS) before the first."""
        return self._head_on(connection.connection.cursor())

    def _head_on(self, cursor: Any) -> tuple[int, str]:
        self._head.one(cursor, {"name": JOURNAL})
        count, _, head = (cursor.fetchone() or ("",))[0].partition(":")
        if not count.isdecimal() or len(head) != len(GENESIS):
            raise StoreTampered.of(self._where, "the end of the journal is not recorded")
        return int(count), head

    def page(
        self,
        connection: Connection,
        limit: int,
        before: int | None,
        after: int | None,
        kind: str | None,
        subject: str | None,
    ) -> tuple[Event, ...]:
        """Newest first."""
        query = select(*_COLUMNS).order_by(_EVENT.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(_EVENT.c.seq < before)
        if after is not None:
            query = query.where(_EVENT.c.seq > after)
        if kind is not None:
            query = query.where(_EVENT.c.kind == kind)
        if subject is not None:
            query = query.where(_EVENT.c.subject == subject)
        return tuple(self._event(row) for row in connection.execute(query).all())

    def _event(self, row: Any) -> Event:
        try:
            return event_of(row)
        except (ValueError, TypeError) as error:
            raise StoreCorrupt.of(self._where, f"event {row[0]} cannot be read") from error

    def last(self, connection: Connection) -> int:
        """The highest seq in the table, whatever the head says; 0 for none."""
        return int(connection.execute(select(func.coalesce(func.max(_EVENT.c.seq), 0))).scalar_one())


def chain(count: int, head: str, last: int, rows: Iterator[StoredRow]) -> Verification:
    """The chain of ``rows`` against the ``count`` and ``head`` recorded with the last append.

    The chain alone cannot see that its end was cut off, nor that somebody who knows the rule went on with it.
    """
    events, found, broken = verify(rows)
    if broken is None and events < count:
        broken = Break(events + 1, f"events are missing at the end: {count} were written")
    elif broken is None and last > count:
        broken = Break(count + 1, "was added past the journal's recorded end")
    elif broken is None and found != head:
        broken = Break(events, "is not the last written event")
    return Verification(events, found, broken)


def stored(connection: Connection, after: int, upto: int) -> list[StoredRow]:
    """The next `_PAGE` rows, exactly as the table spells them, oldest first."""
    query = select(*_COLUMNS).where(_EVENT.c.seq > after, _EVENT.c.seq <= upto).order_by(_EVENT.c.seq).limit(_PAGE)
    try:
        rows = connection.execute(query).all()
    except DBAPIError as error:
        if "UTF-8" not in str(error.orig):
            raise
        with undecoded(connection):
            rows = connection.execute(query).all()
    return [StoredRow(*_plain(row)) for row in rows]


def _plain(row: Sequence[Any]) -> Iterator[Any]:
    """A tampered row may hold any type anywhere; what is neither text nor number is spelled out and will not hash."""
    return (value if value is None or isinstance(value, (int, str)) else repr(value) for value in row)


def _sealed(entry: Entry, seq: int, at: datetime, recorded: str, head: str) -> tuple[Event, dict[str, object]]:
    """The event and its row.

    What `domain.event.seal` does, but every text is made once and is the one that was hashed.
    """
    if entry.occurred_at.tzinfo is None or at.tzinfo is None:
        raise ValueError(f"{entry.kind}: a moment without a zone")
    occurred = recorded if entry.occurred_at == at else stamp(entry.occurred_at)
    actor, kind, subject = storable(entry.actor), storable(entry.kind), storable(entry.subject)
    body = storable(canonical(entry.body))
    digest = chain_hash(head, seq, occurred, recorded, actor, kind, subject, body, entry.supersedes)
    values = (seq, occurred, recorded, actor, kind, subject, body, entry.supersedes, head, digest)
    event = Event(
        entry.occurred_at.astimezone(UTC),
        actor,
        kind,
        subject,
        entry.body,
        entry.supersedes,
        seq,
        at.astimezone(UTC),
        head,
        digest,
    )
    return event, dict(zip(EVENT, values, strict=True))
