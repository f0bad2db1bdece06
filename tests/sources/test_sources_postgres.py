"""The postgres kind against a real PostgreSQL in every kind of trouble, and against servers that mean harm."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.postgres import PostgresSpec
from artisan_tui.sources.checks.postgres.errors import login_failure
from support.pgbouncer import pgbouncer
from support.postgres_server import PASSWORD, USER, Postgres, postgres_server
from support.probing import reason, run_probe
from support.servers import certificate, free_port, talking, until
from support.stopwatch import Stopwatch

ENVIRON = {"PG": PASSWORD}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        running.sql("CREATE TABLE queue (id int, name text)")
        running.sql("INSERT INTO queue SELECT n, '이름' || n FROM generate_series(1, 5000) n")
        yield running


async def test_it_is_up(server: Postgres) -> None:
    every: tuple[dict[str, Any], ...] = (
        {"url": server.url()},
        {"url": f"postgresql://{USER}@localhost:{server.port}/postgres?sslmode=disable"},
        {"address": server.address, "user": USER, "dbname": "postgres"},
        {"address": str(server.folder / "socket" / f".s.PGSQL.{server.port}"), "user": USER, "dbname": "postgres"},
    )
    for keys in every:
        seen, outcome = await run_probe("postgres", **keys)
        assert (outcome.verdict, outcome.reason) == (State.UP, Reason.OK), (keys, outcome)
        assert seen.latency is not None
        assert 0 < seen.latency < 2
        assert not seen.answers


async def test_a_query_and_its_values(server: Postgres) -> None:
    query = (
        "SELECT count(*) AS depth, 0.1::numeric + 0.2 AS exact, 1.5::float8 AS real, true AS good, NULL AS nothing,"
        " '{\"a\": {\"b\": 2.50}}'::jsonb AS doc, 'x'::text AS text, 7 AS depth FROM queue"
    )
    expect = [
        "value == 5000",
        "body.depth == 5000",
        "body.exact == 0.3",
        "body.real == 1.5",
        "body.good == true",
        "body.nothing == null",
        "body.doc.a.b == 2.5",
        "body.text == x",
        "latency < 1s",
    ]
    seen, outcome = await run_probe("postgres", url=server.url(), query=query, expect=expect)
    assert outcome.verdict is State.UP, outcome
    assert seen.answers["value"] == 5000
    body = seen.answers["body"]
    assert isinstance(body, dict)
    assert body["exact"] == Decimal("0.3")
    assert isinstance(body["exact"], Decimal)
    assert "depth = 5000" in seen.excerpt
    _, outcome = await run_probe("postgres", url=server.url(), query=query, expect=["value < 100"])
    assert outcome.reason is Reason.VALUE


async def test_no_row_one_row_many_rows(server: Postgres) -> None:
    none = "SELECT id FROM queue WHERE false"
    assert reason(await run_probe("postgres", url=server.url(), query=none)) is Reason.OK
    assert reason(await run_probe("postgres", url=server.url(), query=none, expect=["value < 1"])) is Reason.MISSING
    seen, outcome = await run_probe("postgres", url=server.url(), query="SELECT id, name FROM queue ORDER BY id")
    assert outcome.verdict is State.UP
    assert not seen.answers
    assert "LIMIT" in seen.remarks[0]
    assert seen.excerpt.splitlines()[:3] == ["id | name", "1 | 이름1", "2 | 이름2"]
    seen, _ = await run_probe("postgres", url=server.url(), query="SELECT id FROM queue LIMIT 900")
    assert not seen.remarks
    assert reason(await run_probe("postgres", url=server.url(), query="SELECT 1/(id - 3) FROM queue")) is Reason.QUERY
    wide = "SELECT repeat('x', 2000000)"
    assert reason(await run_probe("postgres", url=server.url(), query=wide)) is Reason.TOO_LARGE


async def test_a12_several_rows_are_read_as_rows(server: Postgres) -> None:
    ask = partial(run_probe, "postgres", url=server.url())
    query = "SELECT id, name, id * 1.5 AS size FROM queue WHERE id <= 3 ORDER BY id"
    expect = ["rows == 3", "rows < 4", "body[1].name == 이름2", "body[?id == `3`].size | [0] == 4.5"]
    seen, outcome = await ask(query=query, expect=expect[:2])
    assert outcome.verdict is State.UP, outcome
    body = seen.answers["body"]
    assert isinstance(body, list)
    assert [row["id"] for row in body] == [1, 2, 3]
    assert seen.excerpt == "id | name | size\n1 | 이름1 | 1.5\n2 | 이름2 | 3.0\n3 | 이름3 | 4.5"
    assert "value" not in seen.answers
    # Which of the rows was meant is not known, so nothing is known.
    for condition in ("value == 1", "body.id == 1"):
        for key in ("expect", "degraded"):
            _, outcome = await ask(query=query, **{key: [condition]})
            assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.VALUE)
            assert outcome.detail == "the query returns 3 rows, not one: ask for rows, or add LIMIT 1"
    # No row is a count, too: the usual question about what must not exist.
    none = "SELECT id FROM queue WHERE false"
    assert reason(await ask(query=none, expect=["rows == 0"])) is Reason.OK
    _, outcome = await ask(query=none, expect=["rows > 0"])
    assert (outcome.verdict, outcome.reason, outcome.detail) == (State.DOWN, Reason.VALUE, "rows 0, expected > 0")
    _, outcome = await ask(query="SELECT 7 AS n", expect=["rows == 1", "value == 7", "body.n == 7"])
    assert outcome.verdict is State.UP
    # More than are read are not counted wrongly.
    for many in ("SELECT id FROM queue", "SELECT repeat('x', 10000) FROM queue LIMIT 200"):
        _, outcome = await ask(query=many, expect=["rows < 4000"])
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TOO_LARGE), outcome
        assert "count(*)" in outcome.detail
        assert reason(await ask(query=many, expect=["latency < 2s"])) is Reason.OK
    assert (await ask(query="SELECT id FROM queue LIMIT 1000", expect=["rows == 1000"]))[1].verdict is State.UP


async def test_a12_rows_are_data(server: Postgres) -> None:
    query = "SELECT E'\\x1b[31mred' AS \"a\nb\", NULL AS n FROM generate_series(1, 2)"
    seen, _ = await run_probe("postgres", url=server.url(), query=query)
    assert seen.excerpt.replace("\n", "").isprintable()
    assert "\x1b" not in seen.excerpt


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
async def test_a12_pgbouncer(server: Postgres, mode: str) -> None:
    with pgbouncer(server, mode) as port:
        ask = partial(run_probe, "postgres", url=f"postgresql://{USER}@127.0.0.1:{port}/postgres", timeout="5s")
        for _ in range(3):
            assert reason(await ask()) is Reason.OK
            _, outcome = await ask(query="SELECT count(*) FROM queue", expect=["value == 5000"])
            assert outcome.verdict is State.UP, outcome
            _, outcome = await ask(query="SELECT id FROM queue LIMIT 3", expect=["rows == 3"])
            assert outcome.verdict is State.UP, outcome
            _, outcome = await ask(query="SELECT nope")
            assert (outcome.reason, outcome.verdict) == (Reason.QUERY, State.DOWN), outcome
            assert "SQLSTATE 42703" in outcome.detail or (mode == "statement" and "statement mode" in outcome.detail)
        before = server.sql("SELECT count(*) FROM queue")
        for query in ("INSERT INTO queue VALUES (0, 'x')", "COMMIT; DELETE FROM queue", "SELECT 1; DELETE FROM queue"):
            _, outcome = await ask(query=query)
            assert outcome.reason is Reason.QUERY, outcome
        assert server.sql("SELECT count(*) FROM queue") == before
        # Its one connection to the server is free again, and as it was.
        _, outcome = await ask(query="SELECT current_setting('transaction_read_only')", expect=["value == on"])
        assert outcome.verdict is State.UP
        _, outcome = await ask(query="SELECT pg_sleep(60)", timeout="1s")
        assert outcome.verdict is State.DOWN
        if mode == "statement" and outcome.reason is Reason.QUERY:
            assert outcome.detail.startswith("the query failed or took too long")
        else:
            assert outcome.reason is Reason.TIMEOUT, outcome


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO queue VALUES (0, 'x')",
        "WITH gone AS (DELETE FROM queue RETURNING 1) SELECT count(*) FROM gone",
        "COMMIT; DELETE FROM queue",
        "SELECT 1; COMMIT; DELETE FROM queue",
        "CREATE TABLE other (id int)",
        "SELECT nextval('counter')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "COPY queue FROM STDIN",
        "COPY queue TO STDOUT",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "LISTEN me",
    ],
)
async def test_nothing_can_be_changed(server: Postgres, query: str) -> None:
    server.sql("CREATE SEQUENCE IF NOT EXISTS counter")
    before = server.sql("SELECT count(*), (SELECT is_called FROM counter), (SELECT count(*) FROM pg_class) FROM queue")
    _, outcome = await run_probe("postgres", url=server.url(), query=query)
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.QUERY), outcome
    after = server.sql("SELECT count(*), (SELECT is_called FROM counter), (SELECT count(*) FROM pg_class) FROM queue")
    assert before == after


async def test_what_is_wrong_with_a_query(server: Postgres) -> None:
    _, outcome = await run_probe("postgres", url=server.url(), query="SELECT * FROM nowhere")
    assert outcome.reason is Reason.QUERY
    assert 'relation "nowhere" does not exist' in outcome.detail
    assert "42P01" in outcome.detail
    _, outcome = await run_probe("postgres", url=server.url(), query="INSERT INTO queue VALUES (0)")
    assert "must be read-only" in outcome.detail
    hostile = "DO $$ BEGIN RAISE EXCEPTION E'\\x1b[31m%', repeat('lang', 1000); END $$"
    _, outcome = await run_probe("postgres", url=server.url(), query=hostile)
    assert outcome.detail.isprintable()
    assert len(outcome.detail) < 400


async def test_a_slow_query_ends_at_the_server_too(server: Postgres) -> None:
    clock = Stopwatch()
    _, outcome = await run_probe("postgres", url=server.url(), query="SELECT pg_sleep(30)", timeout="500ms")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.TIMEOUT)
    assert "cancelled" in outcome.detail
    assert clock.seconds < 10
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
    until(lambda: server.sql(running) == "0", 5, "the query's end")


async def test_who_is_let_in(server: Postgres) -> None:
    keys: dict[str, Any] = {"url": server.url(user="ford"), "environ": ENVIRON}
    assert reason(await run_probe("postgres", **keys, password="env:PG")) is Reason.OK
    _, outcome = await run_probe("postgres", **keys)
    assert outcome.reason is Reason.AUTH
    assert 'password = "env:NAME"' in outcome.detail
    _, outcome = await run_probe("postgres", url=server.url(user="ford"), environ={"P": "wrong-one"}, password="env:P")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.AUTH)
    assert "password authentication failed" in outcome.detail
    assert "wrong-one" not in outcome.detail
    _, outcome = await run_probe("postgres", url=server.url(user="marvin"))
    assert outcome.reason is Reason.AUTH
    assert "pg_hba.conf" in outcome.detail
    _, outcome = await run_probe("postgres", url=server.url("nothing_here"))
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT)
    assert "nothing_here" in outcome.detail
    _, outcome = await run_probe("postgres", **keys, password="env:NOT_SET")
    assert outcome.verdict is State.UNKNOWN
    server.sql("CREATE DATABASE closed")
    server.sql("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    shut: dict[str, Any] = {"url": server.url("closed", user="ford"), "environ": ENVIRON, "password": "env:PG"}
    assert reason(await run_probe("postgres", **shut)) is Reason.DENIED
    server.sql("ALTER DATABASE closed ALLOW_CONNECTIONS false")
    assert reason(await run_probe("postgres", **shut)) is Reason.REJECTED


async def test_nothing_of_ours_leaks_in(server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:*:{PASSWORD}\n")
    passfile.chmod(0o600)
    for name, value in {
        "PGPASSWORD": PASSWORD,
        "PGPASSFILE": str(passfile),
        "PGHOST": "192.0.2.1",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGDATABASE": "nothing_here",
        "PGUSER": "marvin",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(tmp_path / "none"),
        "PGOPTIONS": "-c default_transaction_read_only=off -c search_path=nowhere",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGTARGETSESSIONATTRS": "standby",
        "PGCLIENTENCODING": "SQL_ASCII",
        "PGAPPNAME": "leaked",
    }.items():
        monkeypatch.setenv(name, value)
    query = "SELECT current_setting('application_name') || current_setting('client_encoding') || current_database()"
    seen, outcome = await run_probe("postgres", url=server.url(), query=query)
    assert outcome.verdict is State.UP, outcome
    assert seen.answers["value"] == "artisan-tuiUTF8postgres"
    assert reason(await run_probe("postgres", url=server.url(user="ford"))) is Reason.AUTH
    monkeypatch.setenv("PGSERVICE", "no_such_service")
    _, outcome = await run_probe("postgres", url=server.url())
    assert outcome.verdict is State.UNKNOWN
    assert "PGSERVICE" in outcome.detail


async def test_killed_frozen_and_back() -> None:
    with postgres_server() as server:
        url = server.url()
        with server.frozen():
            _, outcome = await run_probe("postgres", url=url, timeout="300ms")
            assert outcome.reason is Reason.TIMEOUT
            assert "accept the login" in outcome.detail
        assert reason(await run_probe("postgres", url=url)) is Reason.OK
        # Frozen in the middle of a query: nobody waits for its consent to be given up.
        probing = asyncio.create_task(run_probe("postgres", url=url, query="SELECT pg_sleep(1)", timeout="700ms"))
        active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(1)%' AND state = 'active'"
        await asyncio.to_thread(until, lambda: server.sql(active) == "1")
        with server.frozen():
            _, outcome = await probing
            assert outcome.reason is Reason.TIMEOUT
        server.stop()
        _, outcome = await run_probe("postgres", url=url)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REFUSED)
        assert outcome.detail == "connection refused"
        assert reason(await run_probe("postgres", address=str(server.folder / "socket"), user=USER)) is Reason.REFUSED
        server.start()  # through crash recovery
        assert reason(await run_probe("postgres", url=url)) is Reason.OK
    assert reason(await run_probe("postgres", url="postgresql://u@nonexistent.invalid/d", timeout="5s")) is Reason.DNS


async def test_killed_in_the_middle_of_a_query(server: Postgres) -> None:
    asked = "SELECT pg_sleep(20) AS the_one_to_kill"
    probing = asyncio.create_task(run_probe("postgres", url=server.url(), query=asked, timeout="10s"))
    kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = '" + asked + "'"
    await asyncio.to_thread(until, lambda: server.sql(kill) == "1")
    _, outcome = await probing
    assert outcome.reason is Reason.REJECTED
    assert "administrator" in outcome.detail


async def test_full_of_connections() -> None:
    few: dict[str, Any] = {"max_connections": "4", "superuser_reserved_connections": "0", "max_wal_senders": "0"}
    with postgres_server(**few) as server, server.occupied(4):
        _, outcome = await run_probe("postgres", url=server.url())
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REJECTED)
        assert "too many clients" in outcome.detail


async def test_not_yet_and_no_more() -> None:
    with postgres_server(start=False) as server:
        # A standby that may not be read is as far as one that still recovers ever comes.
        (server.data / "standby.signal").touch()
        server.start(ready=False, hot_standby="off")
        until(lambda: server.ping() == 1, 20, "a server that rejects")
        _, outcome = await run_probe("postgres", url=server.url())
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REJECTED)
        assert "the database system is" in outcome.detail
        server.stop()
        (server.data / "standby.signal").unlink()
        server.start()
        # A smart shutdown lasts as long as somebody is logged in.
        with server.occupied(1):
            until(lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'") == "2")
            assert server.process is not None
            server.process.send_signal(signal.SIGTERM)
            until(lambda: server.ping() == 1, 5, "a server that rejects")
            _, outcome = await run_probe("postgres", url=server.url())
            assert outcome.reason is Reason.REJECTED
            assert "shutting down" in outcome.detail


async def test_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with postgres_server(start=False) as server:
        for path, name in ((cert, "server.crt"), (key, "server.key")):
            target = server.data / name
            target.write_bytes(path.read_bytes())
            target.chmod(0o600)
            found = (server.data / "PG_VERSION").stat()
            os.chown(target, found.st_uid, found.st_gid)
        server.start()
        assert reason(await run_probe("postgres", url=server.url() + "?sslmode=verify-full")) is Reason.TLS
        _, outcome = await run_probe("postgres", url=server.url(), sslmode="require")
        assert outcome.reason is Reason.TLS
        assert "the server does not use TLS" in outcome.detail
        server.stop(signal.SIGINT)
        server.start(ssl="on")
        url = server.url().replace("127.0.0.1", "localhost")
        query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        _, outcome = await run_probe("postgres", url=url, ca_file=str(cert), query=query, expect=["value == true"])
        assert outcome.verdict is State.UP, outcome
        assert reason(await run_probe("postgres", url=url, sslmode="verify-full")) is Reason.TLS
        assert reason(await run_probe("postgres", url=url, sslmode="require")) is Reason.OK
        other, _ = certificate(tmp_path, host="other.example")
        assert reason(await run_probe("postgres", url=url, ca_file=str(other))) is Reason.TLS
        _, outcome = await run_probe("postgres", url=url, ca_file=str(tmp_path / "none.pem"))
        assert outcome.verdict is State.UNKNOWN
        assert "none.pem" in outcome.detail


# -- servers that mean harm ---------------------------------------------------------------


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!I", len(content) + 4) + content


def _error(state: str, text: str, severity: str = "FATAL") -> bytes:
    fields = f"S{severity}\0VFATAL\0C{state}\0M{text}\0\0"
    return _message(b"E", fields.encode())


_WELCOME = _message(b"R", struct.pack("!I", 0)) + _message(b"Z", b"I")
_COLUMN = _message(b"T", struct.pack("!H", 1) + b"n\0" + struct.pack("!IHIHIH", 0, 0, 25, 65535, 0, 0))


def _saying(said: bytes) -> Any:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(said)
        await writer.drain()
        if said.startswith(_WELCOME):
            await asyncio.Event().wait()

    return talk


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", Reason.PROTOCOL),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Reason.PROTOCOL),
        (b"-ERR unknown command\r\n", Reason.PROTOCOL),
        (b"\x1b[31m\xff\xfe[bold]\x07" * 100, Reason.PROTOCOL),
        (b"EVERYTHING \x1b[31m is broken\n" * 50, Reason.PROTOCOL),
        (b"R" + b"\xff" * 1000, Reason.PROTOCOL),
        (_message(b"R", struct.pack("!I", 99)), Reason.AUTH),
        (_error("28P01", '사용자 "ford"의 password 인증을 실패했습니다', "치명적오류"), Reason.AUTH),
        (_error("57P03", "데이터베이스 시스템이 새로 가동 중입니다.", "치명적오류"), Reason.REJECTED),
        (_error("53300", "최대 동시 접속자 수를 초과했습니다.", "치명적오류"), Reason.REJECTED),
        (_error("3D000", '"nope" 데이터베이스 없음', "치명적오류"), Reason.ABSENT),
        (_error("28000", "ein Rolle namens u gibt es nicht"), Reason.DENIED),
        (_error("28000", "\x1b[31mred\x1b[0m " + "x" * 20_000), Reason.DENIED),
        (_error("08P01", "no more connections allowed (max_client_conn)"), Reason.REJECTED),
        (_WELCOME, Reason.TIMEOUT),
        (_WELCOME + b"garbage" * 100, Reason.PROTOCOL),
    ],
)
async def test_what_is_not_postgresql(said: bytes, why: Reason) -> None:
    # sslmode=disable: what comes back is then read as the protocol's own.
    async with talking(_saying(said)) as port:
        seen, outcome = await run_probe(
            "postgres", url=f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable", timeout="1s"
        )
    assert outcome.reason is why, outcome
    for text in (outcome.detail, seen.excerpt):
        assert text.isprintable()
        assert len(text) < 400
    assert seen.failure is not None
    assert not seen.failure.blind


async def test_silence_and_floods() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"\x1b[31m\xff" * 20_000)
            await writer.drain()

    async def notices(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        while True:
            writer.write(_message(b"N", b"SNOTICE\0C00000\0Mhello\0\0") * 1000)
            await writer.drain()

    async def rows(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        await reader.read(1000)
        writer.write(_message(b"1", b"") + _message(b"2", b"") + _COLUMN)
        row = _message(b"D", struct.pack("!HI", 1, 1) + b"x")
        while True:
            writer.write(row * 1000)
            await writer.drain()

    async def giant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        await reader.read(1000)
        writer.write(
            _message(b"1", b"") + _message(b"2", b"") + _COLUMN + b"D" + struct.pack("!IHI", 10**9, 1, 10**9 - 10)
        )
        while True:
            writer.write(b"x" * 100_000)
            await writer.drain()

    for talk, reasons in (
        (silent, {Reason.TIMEOUT}),
        (noise, {Reason.PROTOCOL}),
        (notices, {Reason.TIMEOUT, Reason.TOO_LARGE}),
        (rows, {Reason.OK}),
        (giant, {Reason.TOO_LARGE} if sys.platform == "linux" else {Reason.TIMEOUT}),
    ):
        async with talking(talk) as port:
            url = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"
            _, outcome = await run_probe("postgres", url=url, timeout="500ms")
        assert outcome.reason in reasons, (talk.__name__, outcome)
        assert outcome.detail.isprintable()


async def test_the_loop_goes_on_meanwhile(server: Postgres) -> None:
    longest, clock = 0.0, Stopwatch()

    async def beat() -> None:
        nonlocal longest, clock
        while True:
            await asyncio.sleep(0.001)
            longest, clock = max(longest, clock.seconds), Stopwatch()

    beating = asyncio.create_task(beat())
    for _ in range(20):
        await run_probe(
            "postgres", url=server.url().replace("127.0.0.1", "localhost"), query="SELECT count(*) FROM queue"
        )
    beating.cancel()
    assert longest < 0.15


async def test_no_connection_is_left_behind(server: Postgres) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'artisan-tui'"
    await run_probe("postgres", url=server.url())
    before = open_files()
    for query in ("", "SELECT 1/0", "SELECT pg_sleep(9)", "SELECT generate_series(1, 5000)"):
        await run_probe("postgres", url=server.url(), query=query, timeout="200ms")
    await run_probe("postgres", url=server.url("nothing_here"))
    until(lambda: open_files() <= before, 5, "the end of our files")
    until(lambda: server.sql(others) == "0", 5, "the sessions' end")


def test_without_the_package() -> None:
    """As if psycopg were not installed: a sentence with the mend, and unknown rather than down."""
    code = (
        "import sys, asyncio; sys.modules['psycopg'] = None\n"
        "from support.probing import run_probe\n"
        "seen, outcome = asyncio.run(run_probe('postgres', url='postgresql://u@127.0.0.1:1/d'))\n"
        "print(outcome.verdict, '|', outcome.reason, '|', outcome.detail)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        'unknown | not installed | the psycopg package is not installed: pip install "artisan-tui[postgres]"'
    )


def test_nothing_heavy_before_the_first_probe() -> None:
    code = (
        "import sys\nfrom artisan_tui.sources.checks import KINDS\nfrom artisan_tui.sources.probe_context import ProbeContext\n"
        "spec = KINDS['postgres'].spec.model_validate({'id': 'x', 'kind': 'postgres', 'url': 'postgresql://u@h/d'})\n"
        "KINDS['postgres'].open(spec, ProbeContext.open(None, {}))\n"
        "print([name for name in sys.modules if name.startswith(('psycopg', 'redis'))])"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- the file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "endpoint", "user", "dbname", "security"),
    [
        ({"url": "postgresql://u@db/name"}, "db:5432", "u", "name", "prefer"),
        ({"url": "postgres://u@[::1]:6000/name?sslmode=require"}, "[::1]:6000", "u", "name", "require"),
        ({"url": "postgresql://db", "user": "u", "dbname": "n"}, "db:5432", "u", "n", "prefer"),
        ({"address": "db:1", "user": "u"}, "db:1", "u", "", "prefer"),
        ({"address": "/run/postgresql", "user": "u"}, "/run/postgresql", "u", "", "prefer"),
        ({"url": "postgresql://u@db/n", "ca_file": "/ca.pem"}, "db:5432", "u", "n", "verify-full"),
        (
            {"url": "postgresql://u@db/n", "ca_file": "/ca.pem", "sslmode": "verify-ca"},
            "db:5432",
            "u",
            "n",
            "verify-ca",
        ),
        ({"url": "postgresql://a%40b@db/n%20m"}, "db:5432", "a@b", "n m", "prefer"),
    ],
)
def test_places(keys: dict[str, Any], endpoint: str, user: str, dbname: str, security: str) -> None:
    spec = PostgresSpec.model_validate({"id": "x", **keys})
    assert (str(spec.place), spec.user, spec.dbname, spec.security) == (endpoint, user, dbname, security)
    assert spec.url or spec.address
    assert PostgresSpec.model_validate(spec.model_dump()) == spec


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"url": "postgresql://u@a/d", "address": "a:5432"},
        {"url": "http://u@a"},
        {"url": "postgresql:///d", "user": "u"},
        {"url": "postgresql://a/d"},
        {"url": "postgresql://u:zaphod@a/d"},
        {"url": "postgresql://:zaphod@a/d"},
        {"url": "postgresql://u@a/d?password=zaphod"},
        {"url": "nonsense zaphod@"},
        {"url": "postgresql://u@a/d?host=b"},
        {"url": "postgresql://u@a/d?sslmode=whatever"},
        {"url": "postgresql://u@a/d", "user": "v"},
        {"url": "postgresql://u@a/d", "dbname": "e"},
        {"url": "postgresql://u@a/d%00"},
        {"url": "postgresql://u@a/d", "query": "SELECT\0"},
        {"url": "postgresql://u@a/d", "password": "zaphod"},
        {"address": "zaphod@a:1", "user": "u"},
        {"address": "a", "user": "u"},
        {"address": "a:1"},
    ],
)
def test_what_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        PostgresSpec.model_validate({"id": "x", **keys})
    assert "zaphod" not in str(refused.value)


def test_every_key_is_described() -> None:
    assert all(field.description for field in PostgresSpec.model_fields.values())


_SEVERAL = """connection to server at "h" (::1), port 1 failed: FATAL:  the first address
connection to server at "h" (127.0.0.1), port 1 failed: Connection refused
\tIs the server running on that host and accepting TCP/IP connections?
"""


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (_SEVERAL, Reason.REFUSED),
        ('connection to server at "h" (1.2.3.4), port 1 failed: No route to host\n', Reason.UNREACHABLE),
        ('connection to server at "h" (1.2.3.4), port 1 failed: Connection timed out\n', Reason.TIMEOUT),
        ('connection to server at "h", port 1 failed: SSL error: certificate verify failed', Reason.TLS),
        ('connection to server at "h", port 1 failed: FATAL:  something new', Reason.DENIED),
        ("", Reason.PROTOCOL),
    ],
)
def test_words_at_the_door(message: str, why: Reason) -> None:
    assert login_failure(message).reason is why


async def test_a_port_that_resets_is_not_our_fault() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with talking(reset) as port:
        seen, outcome = await run_probe("postgres", url=f"postgresql://u@127.0.0.1:{port}/d")
    assert outcome.verdict is State.DOWN
    assert outcome.reason in {Reason.RESET, Reason.PROTOCOL}
    assert free_port() > 0
    assert seen.latency is None
