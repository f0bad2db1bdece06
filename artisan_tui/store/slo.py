"""What is remembered of SLOs: a ledger for each definition of each, an hour of minutes in a row.

Of two rows for a minute the one that measured more stays, of equals the later. So chunks of the same
readings may overlap, come again, in any order and from two sessions at once: it all ends in the same
minutes. An hour of which nothing changed is not written.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, product
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Connection, Dialect, bindparam, func, insert, select, update

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.store.dialect import upsert
from artisan_tui.store.errors import StoreCorrupt
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import storable
from artisan_tui.store.tables import LedgerHour, LedgerRef, table

_REF, _HOUR = table(LedgerRef), table(LedgerHour)
#: Minutes in a row of the table.
HOUR: Final = 60
_BYTES: Final = 3 * HOUR * 8
_NONE: Final = -1
_BLANK: Final = array("q", [0] * (2 * HOUR) + [_NONE] * HOUR)
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


def batched(batch: Iterable[tuple[str, str, Sequence[Row]]]) -> Batch:
    """Sorted into hours. ValueError for what no row of a ledger can hold."""
    out: dict[Key, dict[int, list[Row]]] = {}
    for slo_id, definition, rows in batch:
        for row in rows:
            try:
                minute, _, _, measured = array("q", row)
            except OverflowError:
                raise ValueError(f"{slo_id}: {row} is beyond 64 bits") from None
            if measured < 0:
                raise ValueError(f"{slo_id}: {measured} measured in the minute {minute}: less than nothing")
            hours = out.setdefault((storable(slo_id), storable(definition)), {})
            hours.setdefault(minute // HOUR, []).append(row)
    return out


class Ledgers:
    """Methods that write take a connection that holds the write lock."""

    def __init__(self, dialect: Dialect, where: str) -> None:
        self._where = where
        ref: BindParameter[int] = bindparam("ref")
        hours = select(_HOUR.c.hour, _HOUR.c.cells).where(_HOUR.c.ledger_ref == ref).order_by(_HOUR.c.hour)
        self._new = Prepared(insert(_REF), dialect, ["slo_id", "definition", "stamp"])
        self._move = Prepared(update(_REF).where(_REF.c.id == ref).values(stamp=bindparam("moved")), dialect)
        self._put = Prepared(
            upsert(dialect.name, _HOUR, lambda new: {name: new[name] for name in ("stamp", "cells")}),
            dialect,
            ["ledger_ref", "hour", "stamp", "cells"],
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

    # -- writing ----------------------------------------------------------------------------

    def keep(self, connection: Connection, batch: Batch) -> None:
        """Merge; a ledger none of whose minutes changed keeps its stamp."""
        refs = self._refs(connection, batch)
        known = self._known(connection, ((refs[key][0], hours) for key, hours in batch.items()))
        moved: list[dict[str, object]] = []
        changed: list[dict[str, object]] = []
        for key, hours in batch.items():
            ref, stamp = refs[key]
            before = len(changed)
            for hour, rows in hours.items():
                data = known.get((ref, hour))
                old = _BLANK if data is None else self._cells(key[0], hour, data)
                new = _merged(old, rows)
                if new != old:
                    changed.append({"ledger_ref": ref, "hour": hour, "stamp": stamp + 1, "cells": packed(new)})
            if len(changed) > before:
                moved.append({"ref": ref, "moved": stamp + 1})
        self._put.all(connection, changed)
        self._move.all(connection, moved)

    def _refs(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, int]]:
        """(number, stamp) of each, a number given out now to new ones."""
        wanted = list(keys)
        refs = self._standing(connection, wanted)
        new = [key for key in wanted if key not in refs]
        if new:
            self._new.all(connection, [{"slo_id": slo, "definition": what, "stamp": 0} for slo, what in new])
            refs |= self._standing(connection, new)
        return refs

    def _standing(self, connection: Connection, keys: Sequence[Key]) -> dict[Key, tuple[int, int]]:
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

    def minutes(self, connection: Connection, slo_id: str, definition: str, span: Span) -> list[Row]:
        found = self._found(connection, slo_id, definition)
        hours = self._span(connection, slo_id, found[0], span) if found else ()
        return [row for row in _rows(hours) if span.start <= row[0] < span.end]

    def load(self, connection: Connection, slo_id: str, definition: str, span: Span, into: MinuteSeries) -> int:
        found = self._found(connection, slo_id, definition)
        if found is None:
            return 0
        for first, columns in _runs(self._span(connection, slo_id, found[0], span)):
            inside = slice(max(0, span.start - first), max(0, span.end - first))
            into.put_run(first + inside.start, *(column[inside] for column in columns))
        return found[1]

    def changes(self, connection: Connection, slo_id: str, definition: str, after: int) -> tuple[int, list[Row]]:
        found = self._found(connection, slo_id, definition)
        if found is None or found[1] == after:
            return (found[1] if found else 0), []
        ref, stamp = found
        values = {"ref": ref, "after": after if after < stamp else 0}  # of another store, which is there no more
        return stamp, list(_rows(self._hours(connection, slo_id, self._since, values)))

    def reach(self, connection: Connection, slo_id: str, definition: str) -> tuple[int, int] | None:
        found = self._found(connection, slo_id, definition)
        return self._reach(connection, slo_id, found[0]) if found else None

    def all(self, connection: Connection) -> list[LedgerInfo]:
        query = select(_REF).order_by(_REF.c.slo_id, _REF.c.id)
        found = connection.execute(query).all()
        return [LedgerInfo(slo, what, stamp, self._reach(connection, slo, ref)) for ref, slo, what, stamp in found]

    def _found(self, connection: Connection, slo_id: str, definition: str) -> tuple[int, int] | None:
        """(number, stamp), None when there is no such ledger."""
        rows = _fetch(connection, self._find, {"slo": storable(slo_id), "what": storable(definition)})
        return rows[0] if rows else None

    def _reach(self, connection: Connection, slo_id: str, ref: int) -> tuple[int, int] | None:
        ends = [self._hours(connection, slo_id, one, {"ref": ref}) for one in self._ends]
        known = [minute for minute, *_ in chain(*map(_rows, ends))]
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
            raise StoreCorrupt.of(self._where, f"the ledger of {slo_id}, hour {hour}: {error}") from error


def _fetch(connection: Connection, query: Prepared, values: Mapping[str, object]) -> list[Any]:
    cursor: Any = connection.connection.cursor()
    try:
        query.one(cursor, values)
        return cursor.fetchall()  # type: ignore[no-any-return]
    finally:
        cursor.close()


def _merged(old: array[int], rows: Iterable[Row]) -> array[int]:
    """A minute that was seen is not forgotten because a later reader saw less of it."""
    new = old[:]
    for minute, bad, total, measured in rows:
        at = minute % HOUR
        if measured >= new[2 * HOUR + at]:
            new[at], new[HOUR + at], new[2 * HOUR + at] = bad, total, measured
    return new


def _rows(hours: Iterable[tuple[int, array[int]]]) -> Iterator[Row]:
    for first, cells in hours:
        for row in zip(range(first, first + HOUR), cells, cells[HOUR:], cells[2 * HOUR :], strict=False):
            if row[3] != _NONE:
                yield row


def _runs(hours: Iterable[tuple[int, array[int]]]) -> Iterator[tuple[int, list[array[int]]]]:
    """Stretches of minutes that all have a row, as long as they come: the first, and the three columns."""
    start = end = 0
    run: list[array[int]] = []
    for first, cells in hours:
        for low, high in _filled(cells):
            parts = [cells[at + low : at + high] for at in (0, HOUR, 2 * HOUR)]
            if run and first + low == end:
                for column, part in zip(run, parts, strict=True):
                    column.extend(part)
            else:
                if run:
                    yield start, run
                start, run = first + low, parts
            end = first + high
    if run:
        yield start, run


def _filled(cells: array[int]) -> Iterator[tuple[int, int]]:
    """The minutes of an hour that have a row, as (first, end)."""
    measured = cells[2 * HOUR :]
    if _NONE not in measured:
        yield 0, HOUR
        return
    for known, group in groupby(range(HOUR), lambda at: measured[at] != _NONE):
        if known:
            run = list(group)
            yield run[0], run[-1] + 1


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE))


def packed(cells: array[int]) -> bytes:
    """An hour: `HOUR` bad, then total, then measured, -1 where there is no row.

    Little-endian 64-bit integers, compressed: minutes of a thousand events take 160 bytes an hour.
    """
    return zlib.compress(_little(cells).tobytes())


def unpacked(data: bytes) -> array[int]:
    """From `packed`. ValueError, TypeError or zlib.error for anything else."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(data, _BYTES + 1)  # not more: few bytes can claim to be gigabytes
    if len(plain) != _BYTES or not unpacking.eof or unpacking.unused_data:
        raise ValueError("that is not sixty minutes")
    cells = _little(array("q", plain))
    if min(cells[2 * HOUR :]) < _NONE:
        raise ValueError("less than nothing was measured")
    return cells


def _little(cells: array[int]) -> array[int]:
    if sys.byteorder == "big":
        cells = cells[:]
        cells.byteswap()
    return cells
