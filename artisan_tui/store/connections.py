"""Connections to the store's database, and transactions on them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from artisan_tui.store import dialect
from artisan_tui.store.address import database_url, psycopg_options
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace


def connect(place: StorePlace, *, read_only: bool) -> Engine:
    """An engine whose connections have the durability that the journal needs.

    Reads are transactions of their own; writes go through `writing`. Connects to nothing yet. Raises StoreError
    when the URL or its driver is unusable.
    """
    path = place.sqlite_path
    if path is None and place.sqlalchemy_url.startswith("sqlite"):
        raise StoreError.of(place.label, "an in-memory database keeps no data; set a file")
    try:
        if path is None:
            url = database_url(place)
            options = psycopg_options(url, read_only=read_only)
            engine = create_engine(url, poolclass=NullPool, connect_args=options)
        else:
            address = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}"
            # mode=rw, not rwc: `files.prepare` made the file, private from its first moment.
            engine = create_engine(
                "sqlite://",
                poolclass=NullPool,
                creator=lambda: sqlite3.connect(
                    address, uri=True, timeout=dialect.BUSY_SECONDS, isolation_level=None, check_same_thread=False
                ),
            )
    except ArgumentError as error:
        raise StoreError.of(place.label, f"not a database URL: {error}") from error
    except ValueError:  # not repeated: with a / in a password, the port is a part of it
        raise StoreError.of(place.label, "not a database URL: the port is not a number; write / as %2F") from None
    except ImportError as error:  # psycopg without a libpq is one too
        ours = str(error.name).partition(".")[0] in ("psycopg", "None")
        mend = 'pip install "artisan-tui[postgres]"' if ours else f"install {error.name}"
        raise StoreError.of(place.label, f"its driver is not installed: {mend}") from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if "writes" not in connection.get_execution_options():  # `writing` has begun by itself
            _begin(connection, dialect.BEGIN_READING[engine.dialect.name])

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: dialect.set_up_sqlite(raw, read_only))
    elif engine.dialect.driver == "psycopg":
        event.listen(engine, "connect", lambda raw, _: dialect.set_up_psycopg(raw))
    return engine


def writer(engine: Engine) -> Connection:
    """A connection for `writing`."""
    return engine.connect().execution_options(writes=True)


@contextmanager
def writing(connection: Connection, announced: str = "") -> Iterator[Connection]:
    """A transaction on a `writer` that holds the write lock from its start. ``announced`` see `dialect.begin_writing`.

    A deferred one that turns into a writer fails at once, however long the timeout is. SQLAlchemy's
    own bookkeeping only starts when a statement of its own runs: a tenth of a commit is saved.
    """
    raw = _begin(connection, dialect.begin_writing(connection.dialect.name, announced))
    try:
        yield connection
        connection.commit() if connection.in_transaction() else raw.commit()
    except BaseException:
        _roll_back(connection, raw)
        raise


def _roll_back(connection: Connection, raw: PoolProxiedConnection) -> None:
    """End the transaction. The caller raises the error that led here: one of the rollback would hide it."""
    try:
        # A commit that failed leaves a transaction in SQLAlchemy's books that is not active and still blocks the next.
        if (transaction := connection.get_transaction()) is not None:
            transaction.rollback()
        # SQLITE_FULL and some others have rolled back already; the driver knows and does not do it twice.
        if not _dead(connection):
            raw.rollback()
    except Exception:  # noqa: BLE001 - whatever is wrong with this connection, the next transaction needs a new one
        abandon(connection)


def abandon(connection: Connection) -> None:
    """Have the next transaction use a new connection, and end the one under way in SQLAlchemy's books too.

    SQLAlchemy refuses an invalid connection until its transaction was rolled back, for ever if nobody does that.
    """
    with contextlib.suppress(Exception):
        connection.invalidate()
    with contextlib.suppress(Exception):
        if (transaction := connection.get_transaction()) is not None:
            transaction.rollback()


@contextmanager
def reading(connection: Connection) -> Iterator[Connection]:
    """A transaction that reads one state. One that fails leaves a connection that can be used."""
    try:
        with connection.begin():
            yield connection
    except BaseException:
        if connection.invalidated:
            abandon(connection)
        else:
            _roll_back(connection, connection.connection)
        raise


def _begin(connection: Connection, queries: Sequence[str]) -> PoolProxiedConnection:
    """The first statements of a transaction; on a new connection where the server has ended the old one meanwhile."""
    if connection.invalidated and connection.get_transaction() is not None:
        abandon(connection)  # a transaction before this one could not be ended
    if not _dead(connection):
        try:
            return _execute(connection, queries)
        except Exception:
            if not _dead(connection):
                _roll_back(connection, connection.connection)  # the driver may have begun
                raise
    connection.invalidate()
    return _execute(connection, queries)


def _dead(connection: Connection) -> bool:
    """Whether the driver knows that the server has ended this connection."""
    return bool(getattr(connection.connection.driver_connection, "closed", False))


def _execute(connection: Connection, queries: Sequence[str]) -> PoolProxiedConnection:
    raw = connection.connection
    cursor = raw.cursor()
    for query in queries:
        cursor.execute(query)
    cursor.close()
    return raw


def errors(engine: Engine) -> tuple[type[Exception], ...]:
    """What using ``engine`` can raise: SQLAlchemy's errors, and the driver's where it is used directly."""
    driver: Any = engine.dialect.dbapi
    return SQLAlchemyError, driver.Error
