"""The append-only journal: events are sealed onto the hash chain, paged newest first, verified."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Index, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field

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
from artisan_tui.domain.heads import Head, KeptHeads, Strayed
from artisan_tui.store import dialect
from artisan_tui.store.errors import StoreCorrupt, StoreTampered
from artisan_tui.store.model import Meta, Model, table
from artisan_tui.store.part import Part, Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import EVENT, event_of, storable


class EventRow(Model, table=True):
    """An event: `domain.event.StoredRow`. Guarded by triggers, see `dialect.guards`.

    No other UNIQUE than the key: INSERT OR REPLACE could delete a row through it unseen by the guards.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_by_kind", "kind", "seq"), Index("event_by_subject", "subject", "seq"))
    seq: int = Field(primary_key=True, sa_type=dialect.BIG, sa_column_kwargs={"autoincrement": False})
    occurred_at: str
    recorded_at: str
    actor: str
    kind: str
    subject: str
    body: str
    supersedes: int | None = Field(sa_type=dialect.BIG)
    prev_hash: str
    hash: str


_EVENT, _META = table(EventRow), table(Meta)
#: The row of `Meta` that holds "count:hash" of the last event.
_JOURNAL = "journal"
_COLUMNS = [_EVENT.c[name] for name in EVENT]
#: Events read at once while all are read: memory stays flat and no read transaction lasts.
_PAGE = 5_000
#: Numbers of events in one query; databases limit its parameters.
_TOGETHER = 500

#: Opens a transaction that reads.
Opens = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Verification:
    """``events`` sound events from the first, ``head`` the hash of the last of them.

    ``guards``: the triggers that keep the journal append-only are in place and unaltered. ``planted`` are others that
    act on the store's tables. ``strayed`` is what is wrong with the chain beside heads that were kept elsewhere.
    ``integrity`` is "ok" or what the database found wrong with its file. ``projections`` are the names of those
    whose tables are not what the journal says; they are compared when the journal itself is sound.
    """

    events: int
    head: str
    broken: Break | None
    guards: bool = True
    integrity: str = "ok"
    projections: tuple[str, ...] = ()
    planted: tuple[str, ...] = ()
    strayed: Strayed | None = None

    @property
    def sound(self) -> bool:
        whole = self.broken is None and self.guards and self.integrity == "ok"
        return whole and not (self.projections or self.planted or self.strayed)


class JournalStore(Part):
    """Events are appended by `Store.append` or `Transaction.append`."""

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        kind = store.dialect
        self._head = Prepared(select(_META.c.value).where(_META.c.key == bindparam("name")), kind)
        self._insert = Prepared(insert(_EVENT), kind, EVENT)
        self._advance = Prepared(
            update(_META).where(_META.c.key == bindparam("name")).values(value=bindparam("head")), kind
        )

    def seal(self, connection: Connection, entries: Sequence[Entry], at: datetime) -> tuple[Event, ...]:
        """Write the entries as events, and nothing else: `Transaction.append` calls this.

        ValueError or TypeError for a body that is not JSON or a moment without a zone. StoreTampered
        when the last event is not the one that was written last: the guards refuse to build on it.
        """
        cursor: Any = connection.connection.cursor()
        count, head = self._head_on(cursor)
        events = []
        recorded = stamp(at)
        for entry in entries:
            event, row = _sealed(entry, count + 1, at, recorded, head)
            self._insert.row(cursor, row)
            count, head = event.seq, event.hash
            events.append(event)
        self._advance.one(cursor, {"name": _JOURNAL, "head": f"{count}:{head}"})
        cursor.close()
        return tuple(events)

    def head(self, connection: Connection) -> tuple[int, str]:
        """(events, hash of the last) as written with the last append; (0, GENESIS) before the first."""
        return self._head_on(connection.connection.cursor())

    def _head_on(self, cursor: Any) -> tuple[int, str]:
        self._head.one(cursor, {"name": _JOURNAL})
        count, _, head = (cursor.fetchone() or ("",))[0].partition(":")
        if not count.isdecimal() or len(head) != len(GENESIS):
            raise StoreTampered.of(self._store.where, "the end of the journal is not recorded")
        return int(count), head

    def count(self) -> int:
        """Events written so far."""
        with self._store.reading() as connection:
            return self.head(connection)[0]

    def page(
        self,
        limit: int = 200,
        *,
        before: int | None = None,
        after: int | None = None,
        kind: str | None = None,
        subject: str | None = None,
    ) -> tuple[Event, ...]:
        """At most ``limit`` events, newest first; with a seq below ``before`` and above ``after``.

        Of exactly ``kind`` and ``subject`` where they are given.
        """
        query = select(*_COLUMNS).order_by(_EVENT.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(_EVENT.c.seq < before)
        if after is not None:
            query = query.where(_EVENT.c.seq > after)
        if kind is not None:
            query = query.where(_EVENT.c.kind == kind)
        if subject is not None:
            query = query.where(_EVENT.c.subject == subject)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(self._event(row) for row in rows)

    def one(self, connection: Connection, seq: int) -> Event | None:
        """The event ``seq`` as this transaction sees it."""
        row = connection.execute(select(*_COLUMNS).where(_EVENT.c.seq == seq)).first()
        return None if row is None else self._event(row)

    def some(self, connection: Connection, seqs: Iterable[int]) -> Iterator[Event]:
        """The events of these seqs as this transaction sees them, in no order; those that there are."""
        wanted = sorted(set(seqs))
        for first in range(0, len(wanted), _TOGETHER):
            query = select(*_COLUMNS).where(_EVENT.c.seq.in_(wanted[first : first + _TOGETHER]))
            yield from map(self._event, connection.execute(query).all())

    def about(self, connection: Connection, subject: str) -> Iterator[Event]:
        """Every event of this subject as this transaction sees it, oldest first."""
        query = select(*_COLUMNS).where(_EVENT.c.subject == subject).order_by(_EVENT.c.seq)
        return map(self._event, connection.execute(query))

    def replay(self, reading: Opens, kinds: tuple[str, ...], upto: int) -> Iterator[Event]:
        """Events up to the seq ``upto`` whose kind begins with one of ``kinds``, oldest first, page by page."""
        query = select(*_COLUMNS).where(or_(*(_EVENT.c.kind.startswith(each, autoescape=True) for each in kinds)))
        after = 0
        while True:
            with reading() as connection:
                page = query.where(_EVENT.c.seq > after, _EVENT.c.seq <= upto).order_by(_EVENT.c.seq).limit(_PAGE)
                rows = connection.execute(page).all()
            if not rows:
                return
            events = map(self._event, rows)
            # Once more here: LIKE of some databases takes capitals for small letters.
            yield from (event for event in events if event.kind.startswith(kinds))
            after = rows[-1][0]

    def verify(self, heads: Sequence[Head] = ()) -> Verification:
        """Read the whole journal again and check every link, its recorded end, the guards and the file.

        ``heads`` were kept elsewhere: a chain that was hashed anew from some event on is whole in itself.

        Pages of events in short transactions, about 70,000 events a second; what is appended meanwhile
        is left out. Damage is reported, not raised, as long as the table can be read at all.
        """
        with self._store.reading() as connection:
            count, head = self.head(connection)
            last = int(connection.execute(select(func.coalesce(func.max(_EVENT.c.seq), 0))).scalar_one())
            guards, planted = dialect.guarded(connection), dialect.planted(connection)
            integrity = dialect.integrity(connection)
        kept = KeptHeads(heads)
        found = _chain(count, head, last, kept.passing(self._rows(count)))
        return replace(
            found, guards=guards, integrity=integrity, planted=planted, strayed=kept.strayed(whole=found.broken is None)
        )

    def _rows(self, upto: int) -> Iterator[StoredRow]:
        after = -(2**63)  # a row slipped in before the first counts too
        while True:
            with self._store.reading() as connection:
                rows = _stored(connection, after, upto)
            if not rows:
                return
            yield from rows
            after = rows[-1].seq

    def _event(self, row: Any) -> Event:
        try:
            return event_of(row)
        except (ValueError, TypeError) as error:
            raise StoreCorrupt.of(self._store.where, f"event {row[0]} cannot be read") from error


def as_read(event: Event) -> Event:
    """The event as the journal gives it back: a body may hold tuples, numbers as keys or half characters before."""
    actor, kind, subject = storable(event.actor), storable(event.kind), storable(event.subject)
    return replace(event, actor=actor, kind=kind, subject=subject, body=json.loads(storable(canonical(event.body))))


def _chain(count: int, head: str, last: int, rows: Iterator[StoredRow]) -> Verification:
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


def _stored(connection: Connection, after: int, upto: int) -> list[StoredRow]:
    """The next `_PAGE` rows, exactly as the table spells them, oldest first."""
    query = select(*_COLUMNS).where(_EVENT.c.seq > after, _EVENT.c.seq <= upto).order_by(_EVENT.c.seq).limit(_PAGE)
    try:
        rows = connection.execute(query).all()
    except DBAPIError as error:
        if "UTF-8" not in str(error.orig):
            raise
        with dialect.undecoded(connection):
            rows = connection.execute(query).all()
    return [StoredRow(*_plain(row)) for row in rows]


def _plain(row: Sequence[Any]) -> Iterator[Any]:
    """A tampered row may hold any type anywhere; what is neither text nor number is spelled out and will not hash."""
    return (value if value is None or isinstance(value, (int, str)) else repr(value) for value in row)


def _sealed(entry: Entry, seq: int, at: datetime, recorded: str, head: str) -> tuple[Event, tuple[object, ...]]:
    """The event and its row, in the order of `EVENT`.

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
    return event, values
