"""The postgres kind against a real PostgreSQL in every kind of trouble."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.postgres_server import PASSWORD, USER, Postgres, postgres_server
from support.probing import reason, run_probe
from support.servers import certificate, until

pytestmark = pytest.mark.xdist_group("postgres")


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
