"""The postgres kind against a real PostgreSQL: queries, their rows, and who is let in."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.pgbouncer import pgbouncer
from support.postgres_server import PASSWORD, USER, Postgres
from support.probing import reason, run_probe
from support.servers import until
from support.stopwatch import Stopwatch

pytestmark = pytest.mark.xdist_group("postgres")
ENVIRON = {"PG": PASSWORD}


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
