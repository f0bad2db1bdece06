"""Where in the journal what a filter asks for can be: the seqs of a time, and the kinds there are."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, func, select

from artisan_tui.domain.event import stamp
from artisan_tui.domain.journal_filter import JournalFilter, kind_matches
from artisan_tui.store.journal import EventRow
from artisan_tui.store.model import table
from artisan_tui.store.prepared import Prepared

_EVENT = table(EventRow)
#: How much later than it happened an entry may have been written down.
_LATE = timedelta(days=1)


def kinds_asked(connection: Connection, where: JournalFilter) -> list[str]:
    """The kinds in the journal that are asked for; a jump along the index for each there is."""
    found: list[str] = []
    kind = connection.execute(select(func.min(_EVENT.c.kind))).scalar_one()
    while kind is not None:
        if any(kind_matches(kind, each) for each in where.kinds):
            found.append(kind)
        kind = connection.execute(select(func.min(_EVENT.c.kind)).where(_EVENT.c.kind > kind)).scalar_one()
    return found


def bounds(connection: Connection, count: int, where: JournalFilter) -> tuple[int, int]:
    """(low, high): what happened in the time asked for has a seq above ``low`` and up to ``high``.

    The journal is in the order in which it was written: both are found by halving.
    """
    low = 0 if where.since is None else written_before(connection, count, where.since)
    high = count if where.until is None else written_before(connection, count, where.until + _LATE)
    return low, high


def written_before(connection: Connection, count: int, moment: datetime) -> int:
    """The last seq that was written before ``moment``."""
    low, high, text = 0, count, stamp(moment)
    query, cursor = _written_at(connection.dialect), _cursor(connection)
    while low < high:
        middle = (low + high + 1) // 2
        query.one(cursor, {"upto": middle})
        row = cursor.fetchone()
        if row is not None and row[0] < text:
            low = middle
        else:
            high = middle - 1
    cursor.close()
    return low


@lru_cache(4)
def _written_at(dialect: Dialect) -> Prepared:
    """When the last event up to a seq was written: asked a dozen times for one moment."""
    newest = select(func.max(_EVENT.c.seq)).where(_EVENT.c.seq <= bindparam("upto"))
    return Prepared(select(_EVENT.c.recorded_at).where(_EVENT.c.seq == newest.scalar_subquery()), dialect)


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def seq_at(connection: Connection, count: int, at: datetime) -> int:
    """The last of ``count`` events that was written at this moment or before, 0 for none."""
    return written_before(connection, count, at + timedelta(microseconds=1))
