"""Everything that depends on which database holds the store: SQLite now, PostgreSQL for a team.

Nothing outside this file may assume either, except `opening`, which is SQLite by its purpose.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, PoolProxiedConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from artisan_tui.domain.event import GENESIS
from artisan_tui.domain.text.printable import printable
from artisan_tui.store.errors import (
    StoreCorrupt,
    StoreDisk,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMoved,
    StoreReadOnly,
    StoreTampered,
    StoreUnreachable,
)
from artisan_tui.store.place import StorePlace

#: 64 bits. On SQLite every integer has them, and only INTEGER may be the row's own key.
BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
#: Table option: stored in the order of the key, without a second b-tree.
CLUSTERED: Final[Mapping[str, Any]] = {"sqlite_with_rowid": False}
#: How long a writer waits for another, in seconds.
BUSY_SECONDS = 5.0
#: libpq's options. A server that has vanished (its machine, or the way there) is noticed within half a minute.
_PATIENCE: Final[Mapping[str, int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
#: Serialises writers on PostgreSQL; any number that nothing else in that database uses.
_ADVISORY = 0x41525449
_ALMOST_NOTHING = 1 << 20
_APPEND_ONLY = "the journal is append-only"


def connect(place: StorePlace, *, read_only: bool) -> Engine:
    """An engine whose connections have the durability that the journal's promise needs.

    Reads are transactions of their own; writes go through `writing`. Connects to nothing yet. Raises StoreError when the URL or its driver is unusable.
    """
    path = place.sqlite_path
    if path is None and place.sqlalchemy_url.startswith("sqlite"):
        raise StoreError.of(place.label, "an in-memory database keeps no data; set a file")
    try:
        if path is None:
            engine = create_engine(place.sqlalchemy_url, poolclass=NullPool, connect_args=_arguments(place))
        else:
            address = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}"
            # mode=rw, not rwc: `files.prepare` made the file, private from its first moment.
            engine = create_engine(
                "sqlite://",
                poolclass=NullPool,
                creator=lambda: sqlite3.connect(
                    address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
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
            _begin(connection, _BEGIN_READING[engine.dialect.name])

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: _set_up_sqlite(raw, read_only))
    return engine


def _arguments(place: StorePlace) -> dict[str, Any]:
    """For psycopg: how soon it gives up on a server that does not answer, where the URL does not say."""
    url = make_url(place.sqlalchemy_url)
    if url.get_dialect().driver != "psycopg":
        return {}
    return {key: value for key, value in _PATIENCE.items() if key not in url.query}


def writer(engine: Engine) -> Connection:
    """A connection for `writing`."""
    return engine.connect().execution_options(writes=True)


@contextmanager
def writing(connection: Connection) -> Iterator[Connection]:
    """A transaction on a `writer` that holds the write lock from its start.

    A deferred one that turns into a writer fails at once, however long the timeout is. SQLAlchemy's
    own bookkeeping only starts when a statement of its own runs: a tenth of a commit is saved.
    """
    _begin(connection, _BEGIN_WRITING[connection.dialect.name])
    raw = connection.connection
    try:
        yield connection
        connection.commit() if connection.in_transaction() else raw.commit()
    except BaseException:
        _roll_back(connection, raw)
        raise


def _roll_back(connection: Connection, raw: PoolProxiedConnection) -> None:
    # SQLITE_FULL and some others have rolled back already; the driver knows and does not do it twice.
    if connection.in_transaction():
        connection.rollback()
    elif not _dead(connection):
        raw.rollback()


def _begin(connection: Connection, slo_statuses: Sequence[str]) -> None:
    """The first statements of a transaction; on a new connection where the server has ended the old one meanwhile."""
    if not _dead(connection):
        try:
            return _execute(connection, slo_statuses)
        except Exception:
            if not _dead(connection):
                connection.connection.rollback()  # the driver may have begun
                raise
    connection.invalidate()
    return _execute(connection, slo_statuses)


def _dead(connection: Connection) -> bool:
    """Whether the server is known to have gone; nothing was done on it that a new one would not have to do anyway."""
    return bool(getattr(connection.connection.driver_connection, "closed", False))


def _execute(connection: Connection, slo_statuses: Sequence[str]) -> None:
    cursor = connection.connection.cursor()
    for slo_status in slo_statuses:
        cursor.execute(slo_status)
    cursor.close()


_BEGIN_READING: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": ("BEGIN",),
    "postgresql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
}
_BEGIN_WRITING: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": ("BEGIN IMMEDIATE",),
    # The driver has begun by itself. READ COMMITTED behind the lock sees the newest head. All in one round trip.
    "postgresql": (
        (
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; "
            f"SET LOCAL lock_timeout = '{BUSY_SECONDS:g}s'; "
            f"SELECT pg_advisory_xact_lock({_ADVISORY})"
        ),
    ),
}


def _set_up_sqlite(raw: Any, read_only: bool) -> None:
    # A trigger or view planted in the file must not call functions with side effects.
    raw.execute("PRAGMA trusted_schema=OFF")
    raw.execute("PRAGMA foreign_keys=ON")
    if read_only:
        raw.execute("PRAGMA query_only=ON")
        return
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute(f"PRAGMA journal_size_limit={16 * 1024 * 1024}")
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # The one statement that does not wait for others by itself: two first starts at once meet here.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def upsert(
    name: str,
    table: Table,
    changes: Callable[[ReadOnlyColumnCollection[str, Any]], Mapping[str, ColumnElement[Any]]] | None = None,
) -> sqlite.Insert | postgresql.Insert:
    """INSERT that, where the key exists already, sets ``changes`` of the refused row; None changes nothing.

    ``name`` is the dialect's. The key is the table's primary key, or its one unique column.
    """
    slo_status: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[name](table)
    if changes is None:
        return slo_status.on_conflict_do_nothing()  # type: ignore[no-any-return]
    return slo_status.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(table.primary_key.columns), set_=dict(changes(slo_status.excluded))
    )


def guards(name: str) -> Mapping[str, str]:
    """What keeps the journal append-only: statements by the name of the trigger (or function) they make.

    REPLACE deletes the old row without firing a delete trigger, so the insert trigger
    refuses any seq that is not the next: REPLACE and UPSERT end there too.
    """
    return _GUARDS[name]


_GUARDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "event_no_update": (
            "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN "
            f"SELECT RAISE(ABORT, '{_APPEND_ONLY}: no update'); END"
        ),
        "event_no_delete": (
            "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN "
            f"SELECT RAISE(ABORT, '{_APPEND_ONLY}: no delete'); END"
        ),
        "event_only_next": (
            "CREATE TRIGGER event_only_next BEFORE INSERT ON event BEGIN "
            f"SELECT RAISE(ABORT, '{_APPEND_ONLY}: this is not what follows the last event') "
            f"WHERE (NEW.seq, NEW.prev_hash) IS NOT (SELECT COALESCE(MAX(seq), 0) + 1, COALESCE(hash, '{GENESIS}') "
            "FROM event); END"
        ),
    },
    "postgresql": {
        "event_guard": (
            "CREATE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$\n"
            "DECLARE last_seq bigint; last_hash text;\n"
            "BEGIN\n"
            "  IF TG_OP <> 'INSERT' THEN\n"
            f"    RAISE EXCEPTION USING ERRCODE = 'AR001', MESSAGE = '{_APPEND_ONLY}: no ' || lower(TG_OP);\n"
            "  END IF;\n"
            "  SELECT seq, hash INTO last_seq, last_hash FROM event ORDER BY seq DESC LIMIT 1;\n"
            "  IF NEW.seq IS DISTINCT FROM COALESCE(last_seq, 0) + 1 THEN\n"
            f"    RAISE EXCEPTION '{_APPEND_ONLY}: not the next event' USING ERRCODE = 'AR001';\n"
            "  END IF;\n"
            f"  IF NEW.prev_hash IS DISTINCT FROM COALESCE(last_hash, '{GENESIS}') THEN\n"
            f"    RAISE EXCEPTION '{_APPEND_ONLY}: does not follow the last event' USING ERRCODE = 'AR001';\n"
            "  END IF;\n"
            "  RETURN NEW;\n"
            "END $$"
        ),
        "event_only_next": (
            "CREATE TRIGGER event_only_next BEFORE INSERT OR UPDATE OR DELETE ON event "
            "FOR EACH ROW EXECUTE FUNCTION event_guard()"
        ),
        "event_no_truncate": (
            "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event "
            "FOR EACH STATEMENT EXECUTE FUNCTION event_guard()"
        ),
    },
}


#: When a guard must fire, as pg_trigger.tgtype has it: row 1, before 2, insert 4, delete 8, update 16, truncate 32.
_FIRES: Final = {"event_only_next": 1 | 2 | 4 | 8 | 16, "event_no_truncate": 2 | 32}


def guarded(connection: Connection) -> bool:
    """Whether every guard is there and (where the database keeps its text) says what it should."""
    wanted = guards(connection.dialect.name)
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
        found = {row[0]: row[1] for row in connection.execute(text(query))}
        return all(found.get(name) == slo_status for name, slo_status in wanted.items())
    query = (
        "SELECT t.tgname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgrelid = 'event'::regclass AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL"
    )
    body = wanted["event_guard"].split("$$")[1]
    found_there = {(row[0], row[1], row[2]) for row in connection.execute(text(query))}
    return all((name, fires, body) in found_there for name, fires in _FIRES.items())


def integrity(connection: Connection) -> str:
    """ "ok", or what the database's own check of its file found first."""
    if connection.dialect.name != "sqlite":
        return "ok"  # PostgreSQL has no such question; its server looks after its files
    return str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())


@contextmanager
def undecoded(connection: Connection) -> Iterator[None]:
    """Meanwhile text that is not UTF-8 is read all the same, so that verification can name its row."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def errors(engine: Engine) -> tuple[type[Exception], ...]:
    """What using ``engine`` can raise: SQLAlchemy's errors, and the driver's where it is used directly."""
    driver: Any = engine.dialect.dbapi
    return SQLAlchemyError, driver.Error


def explain(error: Exception, place: StorePlace) -> StoreError:
    """What a driver's ``error`` means for a person."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    detail = str(cause).strip().split("\n")[0] or type(cause).__name__
    if _APPEND_ONLY in detail:
        return StoreTampered.of(place.label, detail)
    path = place.sqlite_path
    if path is not None:
        return _explain_sqlite(getattr(cause, "sqlite_errorcode", None), path, detail)
    state = getattr(cause, "sqlstate", None)
    if {"OperationalError", "InterfaceError"} & {type(error).__name__, type(cause).__name__} and not state:
        return StoreUnreachable.of(place.label, detail)  # no answer carries no code
    if state in ("26000", "42P05"):  # a pooler gives every transaction another session, and the prepared stay behind
        return StoreError.of(
            place.label, (f"{detail}: a connection pooler is in between; use the port of PostgreSQL itself")
        )
    found = next((kind for prefix, kind in _POSTGRESQL.items() if str(state).startswith(prefix)), StoreError)
    if found is StoreLocked:  # its own sentence speaks of a file
        where = printable(place.label, 500)
        return StoreLocked(f"another program holds a lock in {where} ({detail}); see pg_locks, artisan-tui retries")
    return found.of(place.label, detail)


def _explain_sqlite(code: int | None, path: Path, detail: str) -> StoreError:
    if code is None:
        # The driver's own complaints carry no code; that text is not UTF-8 is the one a file can cause.
        return (StoreCorrupt if "UTF-8" in detail else StoreError).of(path, detail)
    kind = _SQLITE.get(code & 0xFF, StoreError)
    if kind in (StoreReadOnly, StoreDisk) and not path.exists():
        return StoreMoved.of(path)
    if kind is StoreDisk and shutil.disk_usage(path.parent).free < _ALMOST_NOTHING:
        return StoreFull.of(path)  # the shared-memory file cannot grow: not reported as "full"
    return kind.of(path, detail)


_SQLITE: Final[Mapping[int, type[StoreError]]] = {
    sqlite3.SQLITE_CORRUPT: StoreCorrupt,
    sqlite3.SQLITE_NOTADB: StoreCorrupt,
    sqlite3.SQLITE_BUSY: StoreLocked,
    sqlite3.SQLITE_LOCKED: StoreLocked,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_CANTOPEN: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_IOERR: StoreDisk,
}
_POSTGRESQL: Final[Mapping[str, type[StoreError]]] = {
    "53100": StoreFull,
    "53": StoreUnreachable,
    "55P03": StoreLocked,
    "40": StoreLocked,
    "58": StoreDisk,
    "25006": StoreReadOnly,
    "42501": StoreReadOnly,
    "XX001": StoreCorrupt,
    "XX002": StoreCorrupt,
    "08": StoreUnreachable,
    "28": StoreUnreachable,
    "3D": StoreUnreachable,
    "57P": StoreUnreachable,
}
