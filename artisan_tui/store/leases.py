"""The lease of the leader, the session that probes: taken and kept by compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, update
from sqlmodel import Field

from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.store.dialect import BIG
from artisan_tui.store.errors import LeaseLost, StoreCorrupt
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import LEADER, LEASE, holder_text, lease_of


class LeaseRow(Model, table=True):
    """Who probes: `domain.lease.Lease`. ``holder`` and ``asked`` are JSON, "" for nobody and nothing."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    fence: int = Field(sa_type=BIG)
    beat: int = Field(sa_type=BIG)
    holder: str
    asked: str
    audience: int = Field(sa_type=BIG)


_LEASE = table(LeaseRow)


class LeaseStore(Part):
    """What every transaction with a fence rests on, see `Store.writing`."""

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        mine = _LEASE.c.name == bindparam("lease")
        self._read = Prepared(select(*(_LEASE.c[name] for name in LEASE)).where(mine), store.dialect)
        self._move = Prepared(
            update(_LEASE)
            .where(mine, _LEASE.c.fence == bindparam("mine"), _LEASE.c.holder != literal_column("''"))
            .values(beat=_LEASE.c.beat + literal_column("1")),
            store.dialect,
        )

    def read(self) -> Lease:
        """Who probes. Whatever that session wrote since, its beat has moved."""
        with self._store.reading() as connection:
            return self.read_within(connection)

    def read_within(self, connection: Connection) -> Lease:
        """The lease as this transaction sees it."""
        cursor: Any = connection.connection.cursor()
        try:
            self._read.one(cursor, {"lease": LEADER})
            row = cursor.fetchone()
        finally:
            cursor.close()
        if row is None:
            raise StoreCorrupt.of(self._store.where, "the leader lease is missing")
        return lease_of(row)

    def claim(self, seen: Lease, holder: Holder) -> Lease | None:
        """Take the lease that was ``seen`` for ``holder``; None when it has changed since."""
        new = {"fence": seen.fence + 1, "beat": seen.beat + 1, "holder": holder_text(holder)}
        query = update(_LEASE).where(_LEASE.c.name == LEADER, _LEASE.c.fence == seen.fence, _LEASE.c.beat == seen.beat)
        with self._store.writing() as transaction:
            if transaction.connection.execute(query.values(**new)).rowcount != 1:
                return None
        return replace(seen, fence=seen.fence + 1, beat=seen.beat + 1, holder=holder)

    def beat(self, connection: Connection, fence: int) -> int:
        """Move the beat of the lease held with ``fence``; where it is now. Raises LeaseLost."""
        cursor: Any = connection.connection.cursor()
        try:
            self._move.one(cursor, {"lease": LEADER, "mine": fence})
            if cursor.rowcount != 1:
                raise LeaseLost.of(self._store.where)
            self._read.one(cursor, {"lease": LEADER})
            return int(cursor.fetchone()[1])
        finally:
            cursor.close()

    def release(self, fence: int) -> None:
        """Let another session take it at once; nothing if it is no longer held with ``fence``."""
        query = update(_LEASE).where(_LEASE.c.name == LEADER, _LEASE.c.fence == fence)
        with self._store.writing() as transaction:
            transaction.connection.execute(query.values(holder="", beat=_LEASE.c.beat + 1))

    def speak(self, audience: int, asked: str | None = None, *, known: bool = False) -> None:
        """Tell the leader that this session watches, as of the beat ``audience``; ``asked`` see `Lease`.

        Other sessions are only told when the leader has nobody to write for as yet, or is asked for something.
        """
        with self._store.writing(quiet=asked is None and known) as transaction:
            _speak(transaction.connection, audience, asked)

    def touch(self) -> None:
        """Write nothing new, to find out whether anything can be written."""
        with self._store.writing(quiet=True) as transaction:
            _speak(transaction.connection, self.read_within(transaction.connection).audience, None)


def _speak(connection: Connection, audience: int, asked: str | None) -> None:
    values: dict[str, object] = {"audience": audience}
    if asked is not None:
        values["asked"] = asked
    connection.execute(update(_LEASE).where(_LEASE.c.name == LEADER).values(**values))
