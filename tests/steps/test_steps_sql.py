"""Steps of kind sql, on a real PostgreSQL: a read cannot write by any statement, a change is told by its transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused
from artisan_tui.steps.runbooks.seen import noted_hints
from artisan_tui.steps.runbooks.sql.query import check_change, check_read, with_values
from support.postgres_server import Postgres, postgres_server
from support.servers import until
from support.step_runs import carried_out, channel, evidence, resolved, result_of, started

#: Case 18, and siblings that nobody named.
WRITES = (
    "SET default_transaction_read_only = off",
    "BEGIN READ WRITE",
    "COMMIT; INSERT INTO t VALUES (99)",
    "SELECT 1; DELETE FROM t",
    "/* only reading */ DELETE FROM t",
    "-- reading\nDELETE FROM t",
    "/* a /* nested */ b */ DELETE FROM t",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "SELECT nextval('s')",
    "SELECT setval('s', 50)",
    "SELECT sneaky()",
    'SELECT "sneaky"()',
    "SELECT public.sneaky()",
    "SELECT n FROM t WHERE n = sneaky()",
    "COPY (SELECT 1) TO PROGRAM 'touch {mark}'",
    "COPY t TO '/tmp/x'",
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN (ANALYZE true) DELETE FROM t",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_advisory_lock(7)",
    "SELECT lo_create(0)",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT dblink_exec('', 'DELETE FROM t')",
    "SELECT * INTO copied FROM t",
    "SELECT * FROM t FOR UPDATE",
    "LOCK TABLE t",
    "NOTIFY channel",
    "CALL proc()",
    "DO $$ BEGIN DELETE FROM t; END $$",
    "CREATE TEMP TABLE x (n int)",
    "TRUNCATE t",
    "PREPARE p AS DELETE FROM t",
    "MERGE INTO t USING t AS u ON false WHEN NOT MATCHED THEN INSERT VALUES (3)",
    "RESET ROLE",
    "SELECT pg_reload_conf()",
    "SELECT pg_read_file('/etc/passwd')",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as made:
        made.sql("CREATE TABLE t (n int PRIMARY KEY, word text)")
        made.sql("INSERT INTO t VALUES (1, 'one'), (2, 'two')")
        made.sql("CREATE SEQUENCE s")
        made.sql("CREATE ROLE reader LOGIN")
        made.sql("GRANT SELECT ON t TO reader")
        made.sql("GRANT SELECT, USAGE ON SEQUENCE s TO reader")
        made.sql("CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM t RETURNING n'")
        made.sql("CREATE PROCEDURE proc() LANGUAGE sql AS 'DELETE FROM t'")
        rules = (made.data / "pg_hba.conf").read_text()
        (made.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n" + rules)
        made.sql("SELECT pg_reload_conf()")
        yield made


def act(server: Postgres, query: str, *, user: str = "reader", mutates: bool = False, **more: Any) -> Resolved:
    body = {"database": server.url(user=user), "query": query, "params": more.pop("params", {})}
    return resolved("sql", body, mutates=mutates, **more)


def state(server: Postgres) -> str:
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    return server.sql(f"SELECT (SELECT sum(n) FROM t), (SELECT last_value FROM s), ({held})")


@pytest.mark.parametrize("query", WRITES)
def test_exec_case_18_no_statement_of_a_read_step_leaves_reading(server: Postgres, query: str, tmp_path: Path) -> None:
    before, text = state(server), query.replace("{mark}", str(tmp_path / "mark"))
    with pytest.raises(StepRefused):
        act(server, text)
    # Nor does one that somebody put into the resolved act.
    good = act(server, "SELECT 1")
    bad = Resolved(
        **{**{name: getattr(good, name) for name in good.__slots__}, "request": {**good.request, "query": text}}
    )
    assert carried_out(bad)["state"] == "failed"
    assert state(server) == before
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "query",
    [
        "COMMIT; INSERT INTO t VALUES (99)",
        "SELECT 1; DELETE FROM t",
        "SELECT sneaky()",
        "SELECT nextval('s')",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "SELECT (x).sneaky FROM (SELECT 1) x",
    ],
)
def test_exec_case_18_the_server_refuses_what_the_parser_would_let_through(
    server: Postgres, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artisan_tui.steps.runbooks.sql.check_read", lambda query: None)
    before = state(server)
    assert carried_out(act(server, query))["state"] == "failed"
    assert state(server) == before


def test_exec_case_19_a_superuser_in_a_read_step_fails_preflight(server: Postgres) -> None:
    found = carried_out(act(server, "SELECT 1", user="artisan"), does="preflight")
    assert found["state"] == "failed"
    assert "the login artisan is a superuser" in str(found["findings"])
    refused = carried_out(act(server, "SELECT 1", user="artisan"))
    assert "make a login that can only SELECT" in refused["why"]
    server.sql("CREATE ROLE killer LOGIN IN ROLE pg_signal_backend")
    assert "a member of pg_signal_backend" in str(carried_out(act(server, "SELECT 1", user="killer"), does="preflight"))
    server.sql("CREATE ROLE writer LOGIN")
    server.sql("GRANT INSERT ON t TO writer")
    assert "can write to public.t" in str(carried_out(act(server, "SELECT 1", user="writer"), does="preflight"))
    assert carried_out(act(server, "SELECT n FROM t"), does="preflight")["state"] == "ok"
    assert "does not exist" in str(carried_out(act(server, "SELECT n FROM nowhere"), does="preflight")["findings"])


def test_a_read_answers_conditions_and_captures(server: Postgres) -> None:
    query = "SELECT n, word FROM t WHERE word = :word AND n < :most -- :no '%s'"
    step = act(
        server,
        query,
        params={"word": "two'; DROP TABLE t; --", "most": 5},
        expect=("rows == 0",),
    )
    assert carried_out(step)["state"] == "ok"
    said: list[str] = []
    step = act(
        server,
        query,
        params={"word": "two", "most": 5},
        expect=("value == 2", "rows == 1"),
        capture={"word": "body[0].word", "n": "value"},
    )
    found = carried_out(step, said=said)
    assert (found["state"], found["captures"]) == ("ok", {"word": '"two"', "n": "2"})
    assert said[:2] == ["n | word", "2 | two"]


def test_reads_that_people_write_are_allowed() -> None:
    for query in (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND now() - query_start > interval '5 minutes'",
        "WITH a AS (SELECT 1 AS n) SELECT max(n) FROM a UNION ALL SELECT 2",
        "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())::numeric(10,2)",
        "SHOW server_version",
        "EXPLAIN SELECT 1",
        "TABLE t",
        "VALUES (1)",
        "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END",
        "SELECT row_number() OVER (PARTITION BY word ORDER BY n) FROM t",
        "SELECT pg_size_pretty(pg_database_size(current_database()));",
        "SELECT word FROM t WHERE n IN (1, 2) AND EXISTS (SELECT 1)",
        "SELECT * FROM jsonb_each('{}'::jsonb)",
    ):
        check_read(query)


def test_values_are_never_part_of_the_text() -> None:
    text, values = with_values("SELECT ':no', \":no\", $$:no$$, a::int, :b, :c, :b -- :no", {"b": 1, "c": "x"})
    assert text == "SELECT ':no', \":no\", $$:no$$, a::int, $1, $2, $1 -- :no"
    assert values == [1, "x"]
    # A backslash is a character like others, except in E'…'.
    assert with_values("a = 'C:\\' AND b = :b AND c = ':c'", {"b": 1})[0] == "a = 'C:\\' AND b = $1 AND c = ':c'"
    assert with_values("a = E'\\':x' AND b = :b", {"b": 1})[0] == "a = E'\\':x' AND b = $1"
    with pytest.raises(StepRefused, match="the query has :d"):
        with_values("SELECT :d", {})
    with pytest.raises(StepRefused, match="has no :e"):
        with_values("SELECT 1", {"e": 1})


@pytest.mark.parametrize(
    "query",
    [
        "COMMIT",
        "UPDATE t SET n = 1; COMMIT",
        "VACUUM t",
        "CREATE INDEX CONCURRENTLY i ON t (n)",
        "COPY t TO PROGRAM 'x'",
    ],
)
def test_a_change_that_no_transaction_holds_is_refused(query: str) -> None:
    with pytest.raises(StepRefused):
        check_change(query)


def test_exec_case_20_the_transaction_tells_what_a_kill_left(server: Postgres, tmp_path: Path) -> None:
    """SIGKILL while the statement runs, and after COMMIT before the result is written."""
    server.sql("CREATE TABLE IF NOT EXISTS effects (n int)")
    slow = act(server, "INSERT INTO effects SELECT 1 FROM pg_sleep(60)", user="artisan", mutates=True)
    job = StepJob("act", slow)
    attempt = started(job, tmp_path / "slow")
    here = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{slow.mark}'"
    until(lambda: server.sql(here + " AND query LIKE 'INSERT%'") == "1", 10)
    attempt.kill()
    found = result_of(job, attempt)
    assert found.outcome == "unknown"
    until(lambda: server.sql(here) == "0", 10, "the end of the orphan backend")  # client_connection_check_interval
    assert evidence(slow, {}, hints=found.hints).verdict == "absent"
    assert server.sql("SELECT count(*) FROM effects") == "0"

    # While COMMIT is under way: whatever the server made of it, it tells.
    server.sql(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END$$"
    )
    server.sql(
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON effects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION slow()"
    )
    step = act(server, "INSERT INTO effects VALUES (2)", user="artisan", mutates=True)
    job = StepJob("act", step)
    attempt = started(job, tmp_path / "commit")
    until(lambda: server.sql(here + " AND query = 'COMMIT' AND state = 'active'") == "1", 10)
    assert evidence(step, {}, hints=noted_hints(attempt.folder)).verdict == "unsure"
    attempt.kill()
    found = result_of(job, attempt)
    assert found.outcome == "unknown"
    until(lambda: server.sql(here) == "0", 10, "the end of the backend")
    happened = server.sql("SELECT count(*) FROM effects") == "1"
    assert evidence(step, {}, hints=found.hints).verdict == ("happened" if happened else "absent")
    server.sql("DROP TRIGGER late ON effects")


@pytest.mark.parametrize(("killed", "verdict"), [("before COMMIT", "absent"), ("after COMMIT", "happened")])
def test_exec_case_20_no_moment_around_commit_is_left_untold(server: Postgres, killed: str, verdict: str) -> None:
    class Killed(BaseException):
        pass

    noted: dict[str, Any] = {}

    def note(hints: Mapping[str, Any]) -> None:
        noted.update(hints)
        if killed == "before COMMIT" and "xid" in hints:
            raise Killed

    def say(line: str) -> None:
        if killed == "after COMMIT" and line.startswith("committed"):
            raise Killed

    step = act(server, "UPDATE t SET word = word", user="artisan", mutates=True)
    ports = channel(note=note)
    ports.say = say
    with pytest.raises(Killed):
        step_kind("sql").act(step, {}, ports)
    assert evidence(step, {}, hints=noted).verdict == verdict


def test_a_transaction_under_way_is_neither(server: Postgres) -> None:
    step = act(server, "INSERT INTO t VALUES (7, 'x')", user="artisan", mutates=True)
    with psycopg.connect(server.url(), application_name=step.mark) as other:
        xid = other.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert xid is not None
        found = evidence(step, {}, hints={"xid": xid[0]})
        assert found.verdict == "unsure"
        assert str(other.info.backend_pid) in found.why
        assert evidence(step, {}).verdict == "unsure"
    assert evidence(step, {}, hints={"xid": "99999999999"}).verdict == "unsure"


def test_exec_case_21_a_statement_ends_at_the_timeout_and_leaves_no_backend(server: Postgres, tmp_path: Path) -> None:
    step = act(server, "SELECT pg_sleep(3600)", timeout=0.5)
    job = StepJob("act", step)
    begun = time.monotonic()
    found = result_of(job, started(job, tmp_path / "a"))
    assert found.outcome == "timed_out"
    assert time.monotonic() - begun < 10
    until(lambda: server.sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{step.mark}'") == "0", 5)


def test_a_change_is_dry_without_an_effect_and_says_what_is_missing(server: Postgres) -> None:
    step = act(server, "UPDATE t SET word = 'dry' WHERE n = 1", user="artisan", mutates=True)
    assert carried_out(step, does="dry")["state"] == "ok"
    assert server.sql("SELECT word FROM t WHERE n = 1") == "one"
    assert carried_out(step, does="preflight")["state"] == "ok"
    lacks = act(server, "UPDATE t SET word = 'dry'", mutates=True)
    assert "permission denied" in str(carried_out(lacks, does="preflight")["findings"])
    failed = carried_out(act(server, "INSERT INTO t VALUES (1, 'again')", user="artisan", mutates=True))
    assert failed["state"] == "failed"
    assert "nothing was changed" in failed["why"]


def test_a_password_is_in_no_message(server: Postgres) -> None:
    body = {"database": f"postgresql://ford:hunter2hunter2@127.0.0.1:{server.port}/nowhere", "query": "SELECT 1"}
    why = str(carried_out(resolved("sql", body)))
    assert "does not let us in" in why
    assert "hunter2" not in why
    assert "hunter2" not in str(carried_out(resolved("sql", {**body, "database": "postgresql://u:hunter2@[broken/x"})))
    assert "no PostgreSQL" in str(carried_out(resolved("sql", {**body, "database": "mysql://a/b"})))
