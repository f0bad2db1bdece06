"""The lease on polling, taken and kept by compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, literal_column, select, update

from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.store.errors import LeaseLost, StoreCorrupt
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import LEASE, POLL, holder_text, lease_of
from artisan_tui.store.tables import LeaseRow, table

_LEASE = table(LeaseRow)


class Leases:
    """Methods that write take a connection that holds the write lock."""

    def __init__(self, dialect: Dialect, where: str) -> None:
        self._where = where
        mine = _LEASE.c.name == bindparam("lease")
        self._read = Prepared(select(*(_LEASE.c[name] for name in LEASE)).where(mine), dialect)
        self._move = Prepared(
            update(_LEASE)
            .where(mine, _LEASE.c.fence == bindparam("mine"), _LEASE.c.holder != literal_column("''"))
            .values(beat=_LEASE.c.beat + literal_column("1")),
            dialect,
        )

    def read(self, connection: Connection) -> Lease:
        cursor: Any = connection.connection.cursor()
        try:
            self._read.one(cursor, {"lease": POLL})
            row = cursor.fetchone()
        finally:
            cursor.close()
        if row is None:
            raise StoreCorrupt.of(self._where, "the leader lease is missing")
        return lease_of(row)

    def claim(self, connection: Connection, seen: Lease, holder: Holder) -> Lease | None:
        """The lease, now ``holder``'s; None when it is no longer as it was ``seen``."""
        new = {"fence": seen.fence + 1, "beat": seen.beat + 1, "holder": holder_text(holder)}
        query = update(_LEASE).where(_LEASE.c.name == POLL, _LEASE.c.fence == seen.fence, _LEASE.c.beat == seen.beat)
        if connection.execute(query.values(**new)).rowcount != 1:
            return None
        return replace(seen, fence=seen.fence + 1, beat=seen.beat + 1, holder=holder)

    def beat(self, connection: Connection, fence: int) -> int:
        """Move the beat of the lease held with ``fence``; where it is now. Raises LeaseLost."""
        cursor: Any = connection.connection.cursor()
        try:
            self._move.one(cursor, {"lease": POLL, "mine": fence})
            if cursor.rowcount != 1:
                raise LeaseLost.of(self._where)
            self._read.one(cursor, {"lease": POLL})
            return int(cursor.fetchone()[1])
        finally:
            cursor.close()

    def release(self, connection: Connection, fence: int) -> None:
        """Let another take it at once; nothing if it is no longer held with ``fence``."""
        query = update(_LEASE).where(_LEASE.c.name == POLL, _LEASE.c.fence == fence)
        connection.execute(query.values(holder="", beat=_LEASE.c.beat + 1))

    def speak(self, connection: Connection, audience: int, asked: str | None) -> None:
        """Tell whoever polls that somebody watches, as of the beat ``audience``, and what to look at now."""
        values: dict[str, object] = {"audience": audience}
        if asked is not None:
            values["asked"] = asked
        connection.execute(update(_LEASE).where(_LEASE.c.name == POLL).values(**values))
