"""The redis kind against a real redis-server in every kind of trouble."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.redis.resp import read_info
from support.probing import reason, run_probe
from support.redis_answers import ENVIRON, SECRET
from support.redis_server import Redis, redis_server, until_it_says

pytestmark = pytest.mark.xdist_group("redis")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with redis_server(tmp_path_factory.mktemp("guarded"), "--save", "", password=SECRET) as running:
        running.do("ACL", "SETUSER", "watcher", "on", f">{SECRET}", "+ping", "+select")
        running.do("ACL", "SETUSER", "mute", "on", f">{SECRET}", "-@all")
        yield running


async def test_it_is_up(server: Redis) -> None:
    for keys in (
        {"address": server.address},
        {"url": f"redis://{server.address}"},
        {"url": f"redis://localhost:{server.port}/3"},
        {"address": server.address, "database": 15},
        {"url": f"unix://{server.folder}/redis.sock"},
        {"address": f"{server.folder}/redis.sock"},
    ):
        seen, outcome = await run_probe("redis", **keys)
        assert (outcome.verdict, outcome.reason) == (State.UP, Reason.OK), keys
        assert seen.latency is not None
        assert 0 < seen.latency < 2


async def test_conditions_on_info(server: Redis) -> None:
    server.do("SET", "a", "1")
    expect = [
        "body.used_memory < 1000000000",
        "body.used_memory > 1000",
        "body.role == master",
        "body.mem_fragmentation_ratio > 0.01",
        "body.redis_version ~ ^[0-9]",
        "body.db0.keys >= 1",
        "latency < 1s",
    ]
    seen, outcome = await run_probe("redis", address=server.address, expect=expect)
    assert outcome.verdict is State.UP
    assert "used_memory:" in seen.excerpt
    _, outcome = await run_probe("redis", address=server.address, degraded=["body.connected_clients > 1000"])
    assert outcome.verdict is State.DEGRADED
    assert reason(await run_probe("redis", address=server.address, expect=["body.no_such_field > 1"])) is Reason.MISSING


async def test_one_connection(server: Redis) -> None:
    def count(field: str) -> int:
        return int(str(read_info(server.do("INFO", "stats").decode())[field]))

    fields = ("total_connections_received", "total_commands_processed")

    def grown(before: list[int]) -> list[int]:
        return [now - then for now, then in zip(map(count, fields), before, strict=True)]

    without = grown([count(field) for field in fields])
    before = [count(field) for field in fields]
    await run_probe("redis", address=server.address, database=2)
    # One connection, and SELECT, PING, INFO of four sections.
    assert [a - b for a, b in zip(grown(before), without, strict=True)] == [1, 6]


async def test_killed_and_frozen(tmp_path: Path) -> None:
    with redis_server(tmp_path / "r", "--save", "") as server:
        with server.frozen():
            seen, outcome = await run_probe("redis", address=server.address, timeout="300ms")
            assert outcome.reason is Reason.TIMEOUT
            assert "the first byte" in outcome.detail
            assert seen.failure is not None
            assert not seen.failure.blind
        assert reason(await run_probe("redis", address=server.address)) is Reason.OK
        server.stop()
        assert reason(await run_probe("redis", address=server.address)) is Reason.REFUSED
    assert reason(await run_probe("redis", address=f"{tmp_path}/none.sock")) is Reason.REFUSED
    assert reason(await run_probe("redis", address="nonexistent.invalid:6379", timeout="5s")) is Reason.DNS


async def test_passwords(guarded: Redis, server: Redis) -> None:
    keys: dict[str, Any] = {"address": guarded.address, "environ": ENVIRON}
    _, outcome = await run_probe("redis", **keys)
    assert outcome.reason is Reason.AUTH
    assert 'password = "env:NAME"' in outcome.detail
    assert reason(await run_probe("redis", **keys, password="env:REDIS_PASSWORD", database=4)) is Reason.OK
    _, outcome = await run_probe("redis", address=guarded.address, environ={"P": "wrong-one"}, password="env:P")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.AUTH)
    assert "wrong-one" not in outcome.detail
    _, outcome = await run_probe("redis", **keys, password="env:NOT_SET")
    assert outcome.verdict is State.UNKNOWN
    assert "NOT_SET" in outcome.detail
    _, outcome = await run_probe("redis", address=server.address, environ=ENVIRON, password="env:REDIS_PASSWORD")
    assert outcome.reason is Reason.AUTH
    assert "no password" in outcome.detail


async def test_users_with_few_rights(guarded: Redis) -> None:
    keys: dict[str, Any] = {"address": guarded.address, "environ": ENVIRON, "password": "env:REDIS_PASSWORD"}
    seen, outcome = await run_probe("redis", **keys, username="watcher")
    assert outcome.verdict is State.UP  # PONG is what counts; INFO is extra
    assert "INFO is refused" in seen.remarks[0]
    _, outcome = await run_probe("redis", **keys, username="watcher", expect=["body.role == master"])
    assert outcome.reason is Reason.MISSING
    _, outcome = await run_probe("redis", **keys, username="mute")
    assert outcome.reason is Reason.DENIED
    assert "ACL SETUSER mute +ping" in outcome.detail
    assert reason(await run_probe("redis", **keys, username="nobody")) is Reason.AUTH


async def test_a_database_that_is_not_there(server: Redis) -> None:
    _, outcome = await run_probe("redis", url=f"redis://{server.address}/99")
    assert outcome.reason is Reason.ABSENT
    assert "99" in outcome.detail


async def test_loading(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    with redis_server(folder, "--save", "3600 1", "--enable-debug-command", "yes") as server:
        server.do("DEBUG", "POPULATE", "2000", "key", "1000")
        server.do("SAVE")
    slow = ("--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024")
    with redis_server(folder, *slow, ready="-LOADING") as server:
        seen, outcome = await run_probe("redis", address=server.address)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.LOADING)
        assert "% done" in outcome.detail
        assert seen.failure is not None
        assert not seen.failure.blind


async def test_writes_refused(tmp_path: Path) -> None:
    with redis_server(tmp_path / "r", "--save", "3600 1") as server:
        server.do("SET", "a", "1")
        server.lose_its_folder()
        server.do("BGSAVE")
        until_it_says(server, "rdb_last_bgsave_status:err")
        _, outcome = await run_probe("redis", address=server.address)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.MISCONF)
        assert "refuses every write" in outcome.detail
        # Its save still fails, and writes go on: a reservation.
        server.do("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        assert server.do("SET", "a", "2") == b"+OK\r\n"
        _, outcome = await run_probe("redis", address=server.address)
        assert outcome.verdict is State.DEGRADED
        assert "background save failed" in outcome.detail
        server.find_its_folder()
        server.do("BGSAVE")
        until_it_says(server, "rdb_last_bgsave_status:ok")
        assert reason(await run_probe("redis", address=server.address)) is Reason.OK


async def test_full_of_clients(tmp_path: Path) -> None:
    with redis_server(tmp_path / "r", "--save", "", "--maxclients", "2") as server, contextlib.ExitStack() as held:
        for _ in range(2):
            line = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(b"PING\r\n")
            assert line.recv(100) == b"+PONG\r\n"
        _, outcome = await run_probe("redis", address=server.address)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REJECTED)
        assert "maxclients" in outcome.detail


async def test_a_replica_without_its_master(tmp_path: Path) -> None:
    with contextlib.ExitStack() as running:
        master = running.enter_context(redis_server(tmp_path / "m", "--save", ""))
        of = f"127.0.0.1 {master.port}"
        replica = running.enter_context(redis_server(tmp_path / "r", "--save", "", "--replicaof", of))
        until_it_says(replica, "master_link_status:up")
        assert reason(await run_probe("redis", address=replica.address, expect=["body.role == slave"])) is Reason.OK
        master.stop()
        until_it_says(replica, "master_link_status:down")
        _, outcome = await run_probe("redis", address=replica.address)
        assert outcome.verdict is State.DEGRADED
        assert f"master 127.0.0.1:{master.port}" in outcome.detail
        replica.do("CONFIG", "SET", "replica-serve-stale-data", "no")
        assert reason(await run_probe("redis", address=replica.address)) is Reason.STALE
