"""Forgets what is older than it is kept, a little at a time. The journal is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS, ROLL_UPS_KEPT_SECONDS
from artisan_tui.domain.slo.minute_series import KEPT
from artisan_tui.store.rows import micros
from artisan_tui.store.slo import HOUR
from artisan_tui.store.tables import CheckRef, CheckRollUp, CheckSampleRow, LedgerHour, LedgerRef, table

#: Rows deleted per transaction: some milliseconds of write lock, then others get their turn.
CHUNK = 2_000

#: Opens a transaction.
Opens = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A table of rows by owner and moment, those before ``cutoff`` to be forgotten."""

    table: Table
    owners: Table
    owner: Any
    moment: Any
    cutoff: int


def prune(reading: Opens, writing: Opens, now: datetime) -> int:
    """The number of rows forgotten. Takes no write lock when there is nothing to forget."""
    deleted = 0
    for shelf in _shelves(now):
        with reading() as connection:
            refs = list(_stale(connection, shelf))
        while refs:
            deleted += _forget(writing, shelf, refs)
    return deleted


def _shelves(now: datetime) -> Iterator[_Shelf]:
    checks, ledgers = table(CheckRef), table(LedgerRef)
    raw, rolled, hours = table(CheckSampleRow), table(CheckRollUp), table(LedgerHour)
    yield _Shelf(raw, checks, raw.c.check_ref, raw.c.at, micros(now - timedelta(seconds=RAW_KEPT_SECONDS)))
    yield _Shelf(
        rolled, checks, rolled.c.check_ref, rolled.c.start, micros(now - timedelta(seconds=ROLL_UPS_KEPT_SECONDS))
    )
    first_kept = micros(now) // 60_000_000 - KEPT
    yield _Shelf(hours, ledgers, hours.c.ledger_ref, hours.c.hour, first_kept // HOUR)


def _stale(connection: Connection, shelf: _Shelf) -> Iterator[int]:
    """Owners of rows to forget: one step into the index for each, never a walk through the table."""
    for ref in connection.execute(select(shelf.owners.c.id)).scalars().all():
        query = select(shelf.moment).where(shelf.owner == ref, shelf.moment < shelf.cutoff).limit(1)
        if connection.execute(query).first() is not None:
            yield ref


def _forget(writing: Opens, shelf: _Shelf, refs: list[int]) -> int:
    """One transaction of about `CHUNK` rows; takes the owners it finished off ``refs``."""
    moment, deleted = shelf.moment, 0
    with writing() as connection:
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
