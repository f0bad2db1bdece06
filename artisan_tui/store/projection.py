"""A projection: tables whose rows follow from events of the journal alone, so that they can be made again.

A part declares its projections in `Part.projections`. The store applies every event in the transaction that
appends it; `projections` rebuilds the tables from the journal and compares them with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, column, delete, select

from artisan_tui.domain.event import Event

#: (table, primary key) and the other columns of a row, as the driver gives them.
Rows = Mapping[tuple[str, tuple[Any, ...]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Projection:
    """``kinds`` are prefixes of the kinds of event that it follows, "" follows all.

    ``tables`` hold integers, floats and texts only; a table that another refers to comes before it.

    ``apply`` takes one event into the tables. It reads and writes these tables only, with statements that every
    database takes, and reads no clock: the same events always give the same rows. A body that it cannot read
    changes nothing; when it raises, the event is not written. Statements with bound parameters made once, outside
    ``apply``, run twice as fast as those made for every event.

    ``version`` grows with every change of what ``apply`` does: the tables are then rebuilt when the store is opened.
    """

    name: str
    kinds: tuple[str, ...]
    tables: tuple[Table, ...]
    apply: Callable[[Connection, Event], None]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the journal says. ``stored`` is None for a missing row, ``rebuilt`` for one too many.

    Both without the columns of the ``key``.
    """

    projection: str
    table: str
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    rebuilt: tuple[Any, ...] | None


def follow(connection: Connection, projections: Iterable[Projection], events: Iterable[Event]) -> None:
    """Apply the events, as the journal gives them, to the projections that follow their kinds."""
    for event in events:
        for projection in projections:
            if event.kind.startswith(projection.kinds):
                projection.apply(connection, event)


def rebuild(connection: Connection, projection: Projection, events: Iterable[Event]) -> None:
    """Empty the tables and apply ``events``, which are all there are."""
    for table in reversed(projection.tables):
        connection.execute(delete(table))
    follow(connection, (projection,), events)


def rows(connection: Connection, projection: Projection) -> Rows:
    """What the tables hold."""
    found: dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]] = {}
    for table in projection.tables:
        keys = [each.name for each in table.primary_key.columns]
        names = [*keys, *(each.name for each in table.columns if each.name not in keys)]
        # Without types: a damaged row may hold any type anywhere, and must still be read.
        query: Any = select(*(column(name) for name in names)).select_from(table)
        for row in connection.execute(query):
            found[table.name, tuple(row[: len(keys)])] = tuple(row[len(keys) :])
    return found


def differences(projection: Projection, stored: Rows, rebuilt: Rows) -> list[Difference]:
    """Table by table, in the order of the keys."""
    wrong = [where for where in {**stored, **rebuilt} if stored.get(where) != rebuilt.get(where)]
    return [
        Difference(projection.name, where[0], where[1], stored.get(where), rebuilt.get(where))
        for where in sorted(wrong, key=repr)
    ]
