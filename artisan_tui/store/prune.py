"""Deletes what is older than it is kept, a little at a time. The journal is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Table, delete, select

#: Rows deleted per transaction: some milliseconds of write lock, then other writers get their turn.
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table of rows by owner and moment; those before ``cutoff`` are deleted.

    ``owners`` is the table whose ``id`` the column ``owner`` refers to.
    """

    table: Table
    owners: Table
    owner: Any
    moment: Any
    cutoff: int


class Writing(Protocol):
    """A write transaction: `part.Transaction`."""

    @property
    def connection(self) -> Connection: ...


def prune(
    reading: Callable[[], AbstractContextManager[Connection]],
    writing: Callable[[], AbstractContextManager[Writing]],
    shelf: Shelf,
) -> int:
    """The number of rows deleted. Takes no write lock when there is nothing to delete."""
    deleted = 0
    with reading() as connection:
        refs = list(_stale(connection, shelf))
    while refs:
        with writing() as transaction:
            deleted += _delete(transaction.connection, shelf, refs)
    return deleted


def _stale(connection: Connection, shelf: Shelf) -> Iterator[int]:
    """Owners of rows to delete: one step into the index for each, never a walk through the table."""
    for ref in connection.execute(select(shelf.owners.c.id)).scalars().all():
        query = select(shelf.moment).where(shelf.owner == ref, shelf.moment < shelf.cutoff).limit(1)
        if connection.execute(query).first() is not None:
            yield ref


def _delete(connection: Connection, shelf: Shelf, refs: list[int]) -> int:
    """About `CHUNK` rows; takes the owners that have none left off ``refs``."""
    moment, deleted = shelf.moment, 0
    while refs and deleted < CHUNK:
        own = shelf.owner == refs[-1]
        bound = connection.execute(
            select(moment).where(own, moment < shelf.cutoff).order_by(moment).offset(CHUNK).limit(1)
        ).scalar()
        end = shelf.cutoff if bound is None else bound
        deleted += connection.execute(delete(shelf.table).where(own, moment < end)).rowcount
        if bound is None:
            refs.pop()
    return deleted
