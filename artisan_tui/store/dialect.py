"""Everything that depends on which database holds the store: SQLite, or PostgreSQL for a team.

All SQL that only one of them takes is here, `opening` excepted, which is SQLite by its purpose. How a connection
is made is in `connections`, what a driver's error means in `explain`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Table, create_engine, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from artisan_tui.domain.event import GENESIS

#: 64 bits. On SQLite every integer has them, and only INTEGER may be the row's own key.
BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
#: Table option: stored in the order of the key, without a second b-tree.
CLUSTERED: Final[Mapping[str, Any]] = {"sqlite_with_rowid": False}
#: How long a writer waits for another, in seconds.
BUSY_SECONDS: Final = 5.0
#: How long PostgreSQL keeps the write lock for a session whose machine or network went away in the middle, in seconds.
#: By itself it would wait for two hours.
VANISHED_SECONDS: Final = 15.0
#: What every guard's refusal begins with.
APPEND_ONLY: Final = "the journal is append-only"
#: Serialises writers on PostgreSQL; any number that nothing else in that database uses.
_ADVISORY = 0x41525449

#: The first statements of a transaction that reads one state of the store.
BEGIN_READING: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": ("BEGIN",),
    # All in one round trip. What is read is a walk along an index that ends early: compiling it takes longer than the
    # walk, and a planner without statistics would rather gather all there is of a kind and sort it.
    "postgresql": (
        (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
            "SET LOCAL jit = off; SET LOCAL enable_bitmapscan = off"
        ),
    ),
}
#: The first statements of a transaction that holds the write lock from its start.
BEGIN_WRITING: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": ("BEGIN IMMEDIATE",),
    # The driver has begun by itself. READ COMMITTED behind the lock sees the newest head. All in one round trip.
    "postgresql": (
        (
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; "
            f"SET LOCAL lock_timeout = '{BUSY_SECONDS:g}s'; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{VANISHED_SECONDS:g}s'; "
            f"SELECT pg_advisory_xact_lock({_ADVISORY})"
        ),
    ),
}


#: The channel on which PostgreSQL tells that the store in this schema was written. The text is SQL.
CHANNEL: Final = "'artisan_tui_' || left(md5(coalesce(current_schema(), '')), 8)"


def begin_writing(name: str, announced: str) -> Sequence[str]:
    """The first statements of a transaction that writes, for the dialect ``name``.

    ``announced``, letters, digits and dots, is told to every session that listens once this is committed, and only
    then. "" tells nobody. It costs no round trip of its own. On SQLite the file itself says that it was written.
    """
    begin = BEGIN_WRITING[name]
    if not announced or name != "postgresql":
        return begin
    return (*begin[:-1], f"{begin[-1]}; SELECT pg_notify({CHANNEL}, '{announced}')")


def set_up_psycopg(raw: Any) -> None:
    """A new connection of psycopg. A pooler in between gives each transaction another server session.

    What is prepared stays behind in one of them, so nothing is. A pooler is seen by its own number for the session.
    """
    cursor = raw.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    direct = cursor.fetchone()[0] == raw.info.backend_pid
    cursor.close()
    raw.rollback()
    if not direct:
        raw.prepare_threshold = None


def set_up_sqlite(raw: Any, read_only: bool) -> None:
    """A new connection of the driver."""
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
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[name](table)
    if changes is None:
        return insert.on_conflict_do_nothing()  # type: ignore[no-any-return]
    return insert.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(table.primary_key.columns), set_=dict(changes(insert.excluded))
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
            f"SELECT RAISE(ABORT, '{APPEND_ONLY}: no update'); END"
        ),
        "event_no_delete": (
            "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN "
            f"SELECT RAISE(ABORT, '{APPEND_ONLY}: no delete'); END"
        ),
        "event_only_next": (
            "CREATE TRIGGER event_only_next BEFORE INSERT ON event BEGIN "
            f"SELECT RAISE(ABORT, '{APPEND_ONLY}: this is not what follows the last event') "
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
            f"    RAISE EXCEPTION USING ERRCODE = 'AR001', MESSAGE = '{APPEND_ONLY}: no ' || lower(TG_OP);\n"
            "  END IF;\n"
            "  SELECT seq, hash INTO last_seq, last_hash FROM event ORDER BY seq DESC LIMIT 1;\n"
            "  IF NEW.seq IS DISTINCT FROM COALESCE(last_seq, 0) + 1 THEN\n"
            f"    RAISE EXCEPTION '{APPEND_ONLY}: not the next event' USING ERRCODE = 'AR001';\n"
            "  END IF;\n"
            f"  IF NEW.prev_hash IS DISTINCT FROM COALESCE(last_hash, '{GENESIS}') THEN\n"
            f"    RAISE EXCEPTION '{APPEND_ONLY}: does not follow the last event' USING ERRCODE = 'AR001';\n"
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
        return all(found.get(name) == sql for name, sql in wanted.items())
    query = (
        "SELECT t.tgname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgrelid = 'event'::regclass AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL"
    )
    body = wanted["event_guard"].split("$$")[1]
    found_there = {(row[0], row[1], row[2]) for row in connection.execute(text(query))}
    return all((name, fires, body) in found_there for name, fires in _FIRES.items())


def planted(connection: Connection) -> tuple[str, ...]:
    """What acts by itself on the store's tables and is none of the guards: "trigger NAME on TABLE", and rules.

    A trigger on another table may write into the journal too, so all of them count. A guard's own text is
    `guarded`'s to compare.
    """
    wanted = guards(connection.dialect.name)
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        rows = connection.execute(text(query)).all()
        return tuple(f"trigger {name} on {on}" for name, on in rows if name not in wanted or on != "event")
    here = "ANY(current_schemas(false)) AND c.relname = ANY(ARRAY(SELECT tablename::text FROM pg_tables))"
    query = (
        "SELECT 'trigger ' || t.tgname || ' on ' || c.relname, t.tgname, c.relname FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE NOT t.tgisinternal AND n.nspname = {here} "
        "UNION ALL SELECT 'rule ' || r.rulename || ' on ' || c.relname, '', c.relname FROM pg_rewrite r "
        "JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE c.relkind IN ('r', 'p') AND n.nspname = {here} "
        "UNION ALL SELECT 'row security on ' || c.relname, '', c.relname FROM pg_class c "
        f"JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity AND n.nspname = {here} ORDER BY 1"
    )
    return tuple(what for what, name, on in connection.execute(text(query)) if not (name in wanted and on == "event"))


def integrity(connection: Connection) -> str:
    """ "ok", or what the database's own check of its file found first."""
    if connection.dialect.name != "sqlite":
        return "ok"  # PostgreSQL has no such check; its server verifies its files
    return str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())


def replays(connection: Connection) -> bool:
    """Whether this server only repeats what another one writes, and so may not have come to its end yet."""
    return connection.dialect.name == "postgresql" and bool(
        connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()
    )


@contextmanager
def undecoded(connection: Connection) -> Iterator[None]:
    """Read text that is not UTF-8 all the same, so that verification can name its row."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


@contextmanager
def scratch(tables: Sequence[Table]) -> Iterator[Connection]:
    """A database in memory that holds only these tables, empty; it is gone at the end."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            for table in tables:
                table.create(connection)
            yield connection
    finally:
        engine.dispose()
