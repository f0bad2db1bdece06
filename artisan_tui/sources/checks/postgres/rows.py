"""Rows as PostgreSQL sends them: text, read without loss by the types of their columns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.sources.body import NotJson, parse_json

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

# Numbers of the types in pg_type.
_INTEGERS = frozenset({20, 21, 23, 26})
_DECIMALS = frozenset({700, 701, 1700})
_JSON = frozenset({114, 3802})
_BOOL = 16


def row_size(result: PGresult) -> int:
    """The bytes of the only row of ``result``."""
    return sum(len(result.get_value(0, column) or b"") for column in range(result.nfields))


def read_row(result: PGresult) -> dict[str, object]:
    """The only row of ``result`` by column name."""
    values = [result.get_value(0, column) for column in range(result.nfields)]
    row: dict[str, object] = {}
    for column, value in enumerate(values):
        name = (result.fname(column) or b"").decode("utf-8", "replace")
        # The first of two columns with the same name counts, as `value` is the first of all.
        row.setdefault(name, _value(value, result.ftype(column)))
    return row


def _value(data: bytes | None, kind: int) -> object:
    """Parse a value without loss. ``kind`` is the type's OID in pg_type."""
    if data is None:
        return None
    text = data.decode("utf-8", "replace")
    try:
        if kind == _BOOL:
            return text == "t"
        if kind in _INTEGERS:
            return int(text)
        if kind in _DECIMALS:
            return Decimal(text)
        if kind in _JSON:
            return parse_json(text)
    except (ArithmeticError, ValueError, NotJson):
        pass
    return text
