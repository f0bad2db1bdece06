"""What is kept of SLOs: a ledger for each definition of each, an hour of minutes in a row of the table.

An hour of which nothing changed is not written.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, product
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    ForeignKey,
    Index,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlmodel import Field

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import KEPT, MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.store.dialect import BIG, CLUSTERED, upsert
from artisan_tui.store.errors import StoreCorrupt
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.prune import Shelf
from artisan_tui.store.rows import micros, storable
from artisan_tui.store.slo.cells import BLANK, HOUR, merged, packed, rows_of, runs, unpacked


class LedgerRef(Model, table=True):
    """A ledger: one definition of one SLO. ``stamp`` grows with every write that changes a minute. Never deleted."""

    __tablename__ = "ledger_ref"
    __table_args__ = (UniqueConstraint("slo_id", "definition"),)
    id: int | None = Field(default=None, primary_key=True)
    slo_id: str
    definition: str
    stamp: int = Field(sa_type=BIG)


class LedgerHour(Model, table=True):
    """Sixty minutes of a ledger, ``hour`` hours after 1970 UTC, as `cells.packed` writes them; of which write.

    Kept for `domain.slo.minute_series.KEPT`. The index finds what changed among a year of hours.
    """

    __tablename__ = "ledger_hour"
    __table_args__ = (Index("ledger_hour_by_stamp", "ledger_ref", "stamp"), CLUSTERED)
    ledger_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("ledger_ref.id")])
    hour: int = Field(primary_key=True, sa_type=BIG)
    stamp: int = Field(sa_type=BIG)
    cells: bytes


class ScrapedSamples(Model, table=True):
    """The newest samples of the embedded scraper, from which the next session goes on. One row, see `SloStore.keep_many`."""

    __tablename__ = "slo_scraped"
    id: int = Field(primary_key=True)
    body: bytes


_REF, _HOUR, _SCRAPED = table(LedgerRef), table(LedgerHour), table(ScrapedSamples)
#: Values in one IN list, of which a query has two.
_AT_ONCE = 400

#: (SLO, definition): a ledger.
Key = tuple[str, str]
T = TypeVar("T")
#: What is to be kept of each ledger, by hour, in the order in which it came.
Batch = Mapping[Key, Mapping[int, Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class LedgerInfo:
    """``definition`` is a digest of what is counted, ``stamp`` grows with every write that changed a minute.

    ``reach`` is the first minute known and the one after the last, None when all were forgotten.
    """

    slo_id: str
    definition: str
    stamp: int
    reach: tuple[int, int] | None


def _batched(batch: Iterable[tuple[str, str, Sequence[Row]]]) -> Batch:
    """Sorted into hours. ValueError for what no row of a ledger can hold."""
    out: dict[Key, dict[int, list[Row]]] = {}
    for slo_id, definition, rows in batch:
        for row in rows:
            try:
                minute, _, _, measured, *unsure = array("q", row)
            except OverflowError:
                raise ValueError(f"{slo_id}: {row} is beyond 64 bits") from None
            if min((measured, *unsure)) < 0:
                raise ValueError(f"{slo_id}: {measured} measured in the minute {minute}: less than nothing")
            hours = out.setdefault((storable(slo_id), storable(definition)), {})
            hours.setdefault(minute // HOUR, []).append(row)
    return out


class SloStore(Part):
    """Ledgers, by SLO id and definition."""

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        dialect = store.dialect
        ref: BindParameter[int] = bindparam("ref")
        hours = select(_HOUR.c.hour, _HOUR.c.cells).where(_HOUR.c.ledger_ref == ref).order_by(_HOUR.c.hour)
        self._new = Prepared(insert(_REF), dialect, ["slo_id", "definition", "stamp"])
        self._move = Prepared(update(_REF).where(_REF.c.id == ref).values(stamp=bindparam("moved")), dialect)
        self._put = Prepared(
            upsert(dialect.name, _HOUR, lambda new: {name: new[name] for name in ("stamp", "cells")}),
            dialect,
            ["ledger_ref", "hour", "stamp", "cells"],
        )
        self._scraped = Prepared(
            upsert(dialect.name, _SCRAPED, lambda new: {"body": new["body"]}), dialect, ["id", "body"]
        )
        self._find = Prepared(
            select(_REF.c.id, _REF.c.stamp).where(
                _REF.c.slo_id == bindparam("slo"), _REF.c.definition == bindparam("what")
            ),
            dialect,
        )
        self._within = Prepared(hours.where(_HOUR.c.hour.between(bindparam("low"), bindparam("high"))), dialect)
        # Their numbers apart: to have them in order, SQLite would rather walk through all hours of the ledger.
        moved = select(_HOUR.c.hour).where(_HOUR.c.ledger_ref == ref, _HOUR.c.stamp > bindparam("after"))
        self._since = Prepared(hours.where(_HOUR.c.hour.in_(moved)), dialect)
        ends = (select(end(_HOUR.c.hour)).where(_HOUR.c.ledger_ref == ref) for end in (func.min, func.max))
        self._ends = [Prepared(hours.where(_HOUR.c.hour == end.scalar_subquery()), dialect) for end in ends]

    def shelves(self, now: datetime) -> Iterable[Shelf]:
        """Minutes are kept for 400 days."""
        first_kept = micros(now) // 60_000_000 - KEPT
        yield Shelf(_HOUR, _REF, _HOUR.c.ledger_ref, _HOUR.c.hour, first_kept // HOUR)

    # -- writing ----------------------------------------------------------------------------

    def keep_minutes(self, slo_id: str, definition: str, rows: Sequence[Row]) -> None:
        """Merge minutes into one SLO's ledger; see `keep_many`."""
        self.keep_many([(slo_id, definition, rows)])

    def keep_many(
        self,
        batch: Sequence[tuple[str, str, Sequence[Row]]],
        *,
        fence: int | None = None,
        scraped: bytes | None = None,
    ) -> None:
        """Merge (SLO, definition, rows) into their ledgers, in one transaction. Another definition is another ledger.

        A row replaces the one of its minute unless less was measured; what is there already is not written, and a
        ledger none of whose minutes changed keeps its stamp. ``fence`` see `Store.writing`. ``scraped`` are the samples
        that the next session goes on from: written with the rows, so that no event is counted twice or never.
        90 days of one SLO hold the write lock for 0.2 s: fill long holes in chunks.
        ValueError, and nothing written, for what is beyond 64 bits or measured less than nothing.
        """
        by_hour = _batched(batch)
        if by_hour or scraped is not None:
            with self._store.writing(fence) as transaction:
                if by_hour:
                    self._merge(transaction.connection, by_hour)
                if scraped is not None:
                    self._scraped.all(transaction.connection, [{"id": 1, "body": scraped}])

    def _merge(self, connection: Connection, batch: Batch) -> None:
        refs = self._refs(connection, batch)
        known = self._known(connection, ((refs[key][0], hours) for key, hours in batch.items()))
        moved: list[dict[str, object]] = []
        changed: list[dict[str, object]] = []
        for key, hours in batch.items():
            ref, stamp = refs[key]
            before = len(changed)
            for hour, rows in hours.items():
                data = known.get((ref, hour))
                old = BLANK if data is None else self._cells(key[0], hour, data)
                new = merged(old, rows)
                if new != old:
                    changed.append({"ledger_ref": ref, "hour": hour, "stamp": stamp + 1, "cells": packed(new)})
            if len(changed) > before:
                moved.append({"ref": ref, "moved": stamp + 1})
        self._put.all(connection, changed)
        self._move.all(connection, moved)

    def _refs(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, int]]:
        """(number, stamp) of each, a number given out now to new ones."""
        wanted = list(keys)
        refs = self._numbers(connection, wanted)
        new = [key for key in wanted if key not in refs]
        if new:
            self._new.all(connection, [{"slo_id": slo, "definition": what, "stamp": 0} for slo, what in new])
            refs |= self._numbers(connection, new)
        return refs

    def _numbers(self, connection: Connection, keys: Sequence[Key]) -> dict[Key, tuple[int, int]]:
        refs: dict[Key, tuple[int, int]] = {}
        for names in _chunks(sorted({slo for slo, _ in keys})):
            query = select(_REF).where(_REF.c.slo_id.in_(names))
            refs |= {(slo, what): (ref, stamp) for ref, slo, what, stamp in connection.execute(query)}
        return refs

    def _known(
        self, connection: Connection, wanted: Iterable[tuple[int, Iterable[int]]]
    ) -> dict[tuple[int, int], bytes]:
        """The hours that are there already, by ledger and hour.

        Ledgers that want the same hours are asked about together. Not as pairs: SQLite (3.40) walks
        through the table for an IN list of them.
        """
        alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for ref, hours in wanted:
            alike[tuple(sorted(hours))].append(ref)
        known: dict[tuple[int, int], bytes] = {}
        for hours, refs in alike.items():
            for some, few in product(_chunks(refs), _chunks(hours)):
                query = select(_HOUR.c.ledger_ref, _HOUR.c.hour, _HOUR.c.cells).where(
                    _HOUR.c.ledger_ref.in_(some), _HOUR.c.hour.in_(few)
                )
                known |= {(ref, hour): data for ref, hour, data in connection.execute(query)}
        return known

    # -- reading ----------------------------------------------------------------------------

    def minutes(self, slo_id: str, definition: str, span: Span) -> list[Row]:
        """What is known of ``span``, in order."""
        with self._store.reading() as connection:
            found = self._found(connection, slo_id, definition)
            hours = self._span(connection, slo_id, found[0], span) if found else ()
            return [row for row in rows_of(hours) if span.start <= row[0] < span.end]

    def load(self, slo_id: str, definition: str, span: Span, into: MinuteSeries) -> int:
        """Put `minutes` into a series, several times as fast; the stamp that `changes` goes on from."""
        with self._store.reading() as connection:
            found = self._found(connection, slo_id, definition)
            if found is None:
                return 0
            for first, columns in runs(self._span(connection, slo_id, found[0], span)):
                inside = slice(max(0, span.start - first), max(0, span.end - first))
                into.put_run(first + inside.start, *(column[inside] for column in columns))
            return found[1]

    def changes(self, slo_id: str, definition: str, after: int) -> tuple[int, list[Row]]:
        """(the stamp now, all rows of the hours written since the stamp ``after``). 0 is before the first write."""
        with self._store.reading() as connection:
            found = self._found(connection, slo_id, definition)
            if found is None or found[1] == after:
                return (found[1] if found else 0), []
            ref, stamp = found
            # A later stamp than the ledger's is from another store, which is gone: all rows are new.
            values = {"ref": ref, "after": after if after < stamp else 0}
            return stamp, list(rows_of(self._hours(connection, slo_id, self._since, values)))

    def scraped(self) -> bytes | None:
        """What `keep_many` was given last as ``scraped``."""
        with self._store.reading() as connection:
            found = connection.execute(select(_SCRAPED.c.body).where(_SCRAPED.c.id == 1)).scalar()
        return None if found is None else bytes(found)

    def reach(self, slo_id: str, definition: str) -> tuple[int, int] | None:
        """The first minute known and the one after the last; None for no such ledger."""
        with self._store.reading() as connection:
            found = self._found(connection, slo_id, definition)
            return self._reach(connection, slo_id, found[0]) if found else None

    def ledgers(self) -> list[LedgerInfo]:
        """Every ledger there is, also of SLOs and definitions that are no more; by SLO, oldest first."""
        query = select(_REF).order_by(_REF.c.slo_id, _REF.c.id)
        with self._store.reading() as connection:
            found = connection.execute(query).all()
            return [LedgerInfo(slo, what, stamp, self._reach(connection, slo, ref)) for ref, slo, what, stamp in found]

    def _found(self, connection: Connection, slo_id: str, definition: str) -> tuple[int, int] | None:
        """(number, stamp), None when there is no such ledger."""
        rows = _fetch(connection, self._find, {"slo": storable(slo_id), "what": storable(definition)})
        return rows[0] if rows else None

    def _reach(self, connection: Connection, slo_id: str, ref: int) -> tuple[int, int] | None:
        ends = [self._hours(connection, slo_id, one, {"ref": ref}) for one in self._ends]
        known = [minute for minute, *_ in chain(*map(rows_of, ends))]
        return (known[0], known[-1] + 1) if known else None

    def _span(self, connection: Connection, slo_id: str, ref: int, span: Span) -> Iterator[tuple[int, array[int]]]:
        values = {"ref": ref, "low": span.start // HOUR, "high": (span.end - 1) // HOUR}
        return self._hours(connection, slo_id, self._within, values)

    def _hours(
        self, connection: Connection, slo_id: str, query: Prepared, values: Mapping[str, object]
    ) -> Iterator[tuple[int, array[int]]]:
        """The first minute of each hour, and its cells."""
        for hour, data in _fetch(connection, query, values):
            yield hour * HOUR, self._cells(slo_id, hour, data)

    def _cells(self, slo_id: str, hour: int, data: bytes) -> array[int]:
        try:
            return unpacked(data)
        except (ValueError, TypeError, zlib.error) as error:
            raise StoreCorrupt.of(self._store.where, f"the ledger of {slo_id}, hour {hour}: {error}") from error


PART = SloStore


def _fetch(connection: Connection, query: Prepared, values: Mapping[str, object]) -> list[Any]:
    cursor: Any = connection.connection.cursor()
    try:
        query.one(cursor, values)
        return cursor.fetchall()  # type: ignore[no-any-return]
    finally:
        cursor.close()


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE))
