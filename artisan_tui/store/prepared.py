"""Statements turned into text once and handed to the driver.

SQLAlchemy's bookkeeping costs 35 us per call; three of them would halve the rate of commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect


class Prepared:
    """One statement for one database. Values reach the driver as they are: integers, floats, text and bytes only.

    Errors are the driver's own (`connections.errors`).
    """

    def __init__(self, query: ClauseElement, dialect: Dialect, columns: Sequence[str] | None = None) -> None:
        """``columns`` are those that an INSERT sets; a statement with its own parameters needs none."""
        compiled: Any = query.compile(dialect=dialect, column_keys=columns)
        self._text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup if compiled.positional else None
        self._columns = columns or ()
        self._in_order = columns is not None and self._order is not None and tuple(self._order) == tuple(columns)

    def one(self, cursor: Any, values: Mapping[str, object]) -> None:
        """Run it once; a query's row is then on ``cursor``, the driver's."""
        cursor.execute(self._text, self._parameters(values))

    def row(self, cursor: Any, values: tuple[object, ...]) -> None:
        """Run an INSERT once with values in the order of its ``columns``."""
        given = values if self._in_order else self._parameters(dict(zip(self._columns, values, strict=True)))
        cursor.execute(self._text, given)

    def all(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each of ``rows``; nothing for none."""
        if rows:
            cursor = connection.connection.cursor()
            cursor.executemany(self._text, [self._parameters(row) for row in rows])
            cursor.close()

    def _parameters(self, values: Mapping[str, object]) -> Any:
        if self._order is None:
            return values
        return tuple([values[name] for name in self._order])
