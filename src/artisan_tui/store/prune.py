"""Forgets looks that are older than they are kept, a little at a time. The journal is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, select

from artisan_tui.domain.sample import RAW_KEPT_SECONDS, ROLL_UPS_KEPT_SECONDS
from artisan_tui.store.rows import micros
from artisan_tui.store.tables import CheckRef, CheckRollUp, CheckSampleRow, table

#: Rows deleted per transaction: some milliseconds of write lock, then others get their turn.
CHUNK = 2_000

#: Opens a transaction.
Opens = Callable[[], AbstractContextManager[Connection]]


def prune(reading: Opens, writing: Opens, now: datetime) -> int:
    """The number of rows forgotten. Takes no write lock when there is nothing to forget."""
    deleted = 0
    for model, name, kept in (
        (CheckSampleRow, "at", RAW_KEPT_SECONDS),
        (CheckRollUp, "start", ROLL_UPS_KEPT_SECONDS),
    ):
        cutoff = micros(now - timedelta(seconds=kept))
        with reading() as connection:
            refs = list(_stale(connection, table(model), name, cutoff))
        while refs:
            deleted += _forget(writing, table(model), name, cutoff, refs)
    return deleted


def _stale(connection: Connection, old: Table, name: str, cutoff: int) -> Iterator[int]:
    """Checks with rows to forget: one step into the index for each, never a walk through the table."""
    for ref in connection.execute(select(table(CheckRef).c.id)).scalars().all():
        query = select(old.c[name]).where(old.c.check_ref == ref, old.c[name] < cutoff).limit(1)
        if connection.execute(query).first() is not None:
            yield ref


def _forget(writing: Opens, old: Table, name: str, cutoff: int, refs: list[int]) -> int:
    """One transaction of about `CHUNK` rows; takes the checks it finished off ``refs``."""
    moment, deleted = old.c[name], 0
    with writing() as connection:
        while refs and deleted < CHUNK:
            of_check = old.c.check_ref == refs[-1]
            bound = connection.execute(
                select(moment).where(of_check, moment < cutoff).order_by(moment).offset(CHUNK).limit(1)
            ).scalar()
            end = cutoff if bound is None else bound
            deleted += connection.execute(delete(old).where(of_check, moment < end)).rowcount
            if bound is None:
                refs.pop()
    return deleted
