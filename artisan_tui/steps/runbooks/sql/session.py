"""One connection for one step: fresh, marked with run and step, with limits of its own, by the extended protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

#: Rows and bytes of an answer that are read.
MOST_ROWS: Final = 10_000
_MOST_BYTES: Final = 8 * 1024 * 1024
_DRIVERS: Final = ("postgresql", "postgres")
#: Roles that are more than SELECT, whatever the tables say.
_DANGEROUS: Final = (
    *("pg_execute_server_program", "pg_write_server_files", "pg_read_server_files", "pg_write_all_data"),
    *("pg_signal_backend", "pg_checkpoint", "pg_maintain", "pg_create_subscription"),
)
_ROLE: Final = """
SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
  (SELECT coalesce(string_agg(m.rolname, ', '), '') FROM pg_catalog.pg_roles m
    WHERE m.rolname = ANY($1) AND pg_catalog.pg_has_role(r.oid, m.oid, 'member')),
  (SELECT coalesce(string_agg(n.nspname || '.' || c.relname, ', '), '') FROM (
      SELECT relname, relnamespace FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'f')
        AND pg_catalog.has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE') LIMIT 3) c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema'))
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
"""


class Rows:
    """An answer: ``names`` of the columns, ``rows`` as tuples; ``more``: there were more than are read."""

    def __init__(self, names: Sequence[str], rows: list[tuple[Any, ...]], count: int, *, more: bool = False) -> None:
        self.names, self.rows, self.count, self.more = names, rows, count, more


@contextlib.contextmanager
def connected(url: str, mark: str, channel: StepChannel) -> Iterator[Any]:
    """A connection in autocommit. Raises StepRefused when nobody lets us in: nothing was sent then."""
    try:
        import psycopg
    except ImportError:
        raise StepRefused("psycopg is not installed", "pip install 'artisan-tui[postgres]'") from None
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.partition("+")[0] not in _DRIVERS:
        raise StepRefused("the database is no PostgreSQL", "write postgresql://USER@HOST/DATABASE into the secret")
    seconds = max(2, int(min(10.0, channel.left)))
    try:
        connection = psycopg.connect(
            f"postgresql://{rest}",
            autocommit=True,
            connect_timeout=seconds,
            application_name=mark[:63],
            tcp_user_timeout=10_000,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            prepare_threshold=None,
            cursor_factory=psycopg.RawCursor,
        )
    except psycopg.OperationalError as error:
        raise StepRefused(f"the database does not let us in: {said(error)}", "correct its URL or its login") from None
    except (psycopg.Error, ValueError):
        # The message may quote the URL with its password.
        raise StepRefused("the URL of the database cannot be read", "correct the secret that holds it") from None
    try:
        yield connection
    finally:
        with contextlib.suppress(psycopg.Error):
            connection.close()


def begin(connection: Any, channel: StepChannel, *, read_only: bool) -> None:
    """Begin a transaction with limits of its own; no setting outlives it, as a pooler's connection would keep it."""
    import psycopg

    # A server that does not know this setting, or cannot, must not fail the transaction.
    with contextlib.suppress(psycopg.Error):
        if connection.execute("SHOW client_connection_check_interval").fetchone() == ("0",):
            connection.execute("SET client_connection_check_interval = '1s'")
    connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" if read_only else "BEGIN READ WRITE")
    milliseconds = max(1, int(channel.left * 1000))
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(f"SET LOCAL {name} = {milliseconds}")


def asked(connection: Any, query: str, values: Sequence[Any] = ()) -> Rows:
    """Send one statement by the extended protocol, which refuses several in one text."""
    with connection.cursor() as cursor:
        cursor.execute(query, list(values) or None, prepare=True)
        if cursor.description is None:
            return Rows((), [], max(cursor.rowcount, 0))
        names = [column.name for column in cursor.description]
        rows: list[tuple[Any, ...]] = []
        size = 0
        for row in cursor:
            size += sum(len(str(each)) for each in row)
            if len(rows) >= MOST_ROWS or size > _MOST_BYTES:
                return Rows(names, rows, cursor.rowcount, more=True)
            rows.append(row)
        return Rows(names, rows, cursor.rowcount)


def excess_of(connection: Any) -> tuple[str, str]:
    """(what the login has that no reading login should have, what it could write), each "" for nothing."""
    row = asked(connection, _ROLE, [list(_DANGEROUS)]).rows[0]
    name, flags, member, writes = row[0], row[1:6], row[6], row[7]
    words = ("a superuser", "able to make roles", "able to make databases", "able to replicate", "above row security")
    has = [word for word, flag in zip(words, flags, strict=True) if flag]
    if has or member:
        return (
            f"the login {printable(name, 63)} is {' and '.join([*has, *([f'a member of {member}'] if member else [])])}",
            "",
        )
    return "", f"the login {printable(name, 63)} can write to {printable(writes, 200)}" if writes else ""


def said(error: Exception) -> str:
    """The first line of a driver's error, without a position."""
    diagnostic = getattr(error, "diag", None)
    primary = getattr(diagnostic, "message_primary", None)
    text = primary or str(error).strip()
    return printable(" ".join(str(text).split()), 300)
