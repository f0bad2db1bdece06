"""What was shown and does not follow from anything else that the store keeps: pieces by name and moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ForeignKey, LargeBinary, bindparam, func, select
from sqlmodel import Field

from artisan_tui.domain.shown import BRIEF_KEPT_SECONDS, LASTING_KEPT_SECONDS, ShownPiece
from artisan_tui.store.dialect import BIG, CLUSTERED, upsert
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transaction, Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.prune import Shelf
from artisan_tui.store.rows import micros, moment, storable


class ShownName(Model, table=True):
    """The name of a piece as a small number. Never deleted."""

    __tablename__ = "shown_name"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class ShownRow(Model, table=True):
    """A lasting `ShownPiece`. Kept for ninety-one days."""

    __tablename__ = "shown"
    __table_args__ = CLUSTERED
    name_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("shown_name.id")])
    at: int = Field(primary_key=True, sa_type=BIG)
    body: bytes = Field(sa_type=LargeBinary)


class ShownBriefly(Model, table=True):
    """Any other `ShownPiece`. Kept for two days, like the probes that it came from."""

    __tablename__ = "shown_briefly"
    __table_args__ = CLUSTERED
    name_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("shown_name.id")])
    at: int = Field(primary_key=True, sa_type=BIG)
    body: bytes = Field(sa_type=LargeBinary)


_NAME, _LASTING, _BRIEF = table(ShownName), table(ShownRow), table(ShownBriefly)
#: Names in one IN list; every database takes as many.
_AT_ONCE: Final = 500


class ShownStore(Part):
    """Pieces by name."""

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        dialect = store.dialect
        self._refs: dict[str, int] = {}
        self._new_name = Prepared(upsert(dialect.name, _NAME), dialect, ["name"])
        columns = ["name_ref", "at", "body"]
        self._put = {
            lasting: Prepared(
                upsert(dialect.name, where, lambda new: {"body": new["body"]}),
                dialect,
                columns,
            )
            for lasting, where in ((True, _LASTING), (False, _BRIEF))
        }
        self._latest = [Prepared(_latest(where), dialect) for where in (_LASTING, _BRIEF)]

    def shelves(self, now: datetime) -> Iterable[Shelf]:
        lasting, brief = (micros(now - timedelta(seconds=kept)) for kept in (LASTING_KEPT_SECONDS, BRIEF_KEPT_SECONDS))
        yield Shelf(_LASTING, _NAME, _LASTING.c.name_ref, _LASTING.c.at, lasting)
        yield Shelf(_BRIEF, _NAME, _BRIEF.c.name_ref, _BRIEF.c.at, brief)

    def put(self, transaction: Transaction, pieces: Sequence[ShownPiece]) -> None:
        """Keep these, in a transaction of the caller. Of two of one name and moment the last counts."""
        if not pieces:
            return
        refs = self._known_refs(transaction, (each.name for each in pieces))
        for lasting in (True, False):
            rows = [
                {"name_ref": refs[each.name], "at": micros(each.at), "body": each.body}
                for each in pieces
                if each.lasting is lasting
            ]
            self._put[lasting].all(transaction.connection, rows)

    def _known_refs(self, transaction: Transaction, names: Iterable[str]) -> dict[str, int]:
        """The numbers of these names, given out now to new ones; remembered once they are committed."""
        wanted = dict.fromkeys(names)
        refs = {name: self._refs[name] for name in wanted if name in self._refs}
        new = [name for name in wanted if name not in refs]
        self._new_name.all(transaction.connection, [{"name": storable(name)} for name in new])
        for first in range(0, len(new), _AT_ONCE):
            some = {storable(name): name for name in new[first : first + _AT_ONCE]}
            query = select(_NAME.c.name, _NAME.c.id).where(_NAME.c.name.in_(list(some)))
            refs |= {some[stored]: ref for stored, ref in transaction.connection.execute(query)}
        transaction.after_commit(lambda: self._refs.update(refs))
        return refs

    def at(self, at: datetime) -> Mapping[str, ShownPiece]:
        """The newest piece of every name at this moment."""
        found: dict[str, ShownPiece] = {}
        with self._store.reading() as connection:
            cursor: Any = connection.connection.cursor()
            for query, lasting in zip(self._latest, (True, False), strict=True):
                query.one(cursor, {"upto": micros(at)})
                for name, when, body in cursor.fetchall():
                    piece = ShownPiece(name, moment(when), bytes(body), lasting)
                    if name not in found or found[name].at < piece.at:
                        found[name] = piece
            cursor.close()
        return found


def _latest(where: Any) -> Any:
    """One step into the index for every name: of each, the newest row up to ``upto``."""
    other = where.alias()
    newest = (
        select(func.max(other.c.at))
        .where(other.c.name_ref == _NAME.c.id, other.c.at <= bindparam("upto"))
        .scalar_subquery()
    )
    return select(_NAME.c.name, where.c.at, where.c.body).join_from(
        _NAME, where, (where.c.name_ref == _NAME.c.id) & (where.c.at == newest)
    )
