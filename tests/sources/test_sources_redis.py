"""The redis kind against a real redis-server in every kind of trouble, and against servers that mean harm."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.redis import RedisSpec
from artisan_tui.sources.checks.redis.resp import read_info
from support.probing import reason, run_probe
from support.redis_server import Redis, redis_server, until_it_says
from support.servers import certificate, free_port, require, running, talking, until
from support.stopwatch import Stopwatch

SECRET = "s3cret-Zaphod"
ENVIRON = {"REDIS_PASSWORD": SECRET}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    folder = tmp_path_factory.mktemp("redis")
    socket_path = str(folder / "redis.sock")
    with redis_server(folder, "--save", "", "--unixsocket", socket_path) as running:
        yield running


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


async def test_a12_a_cluster_that_serves_no_slots(tmp_path: Path) -> None:
    options = ("--save", "", "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    with redis_server(tmp_path / "c", *options) as server:
        assert server.do("GET", "x").startswith(b"-CLUSTERDOWN")
        for keys in ({}, {"expect": ["body.role == master"]}):
            _, outcome = await run_probe("redis", address=server.address, **keys)
            assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.HEALTH)
            assert outcome.detail == "its cluster is down (CLUSTERDOWN): 0 of 16384 slots are served, see CLUSTER NODES"
        # A user that may not ask for the cluster's state is not told it, and that is no failure.
        server.do("ACL", "SETUSER", "narrow", "on", ">pw", "+ping", "+info", "-cluster")
        keys = {"address": server.address, "username": "narrow", "password": "env:P", "environ": {"P": "pw"}}
        assert reason(await run_probe("redis", **keys)) is Reason.OK
        server.do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        until(lambda: b"cluster_state:ok" in server.do("CLUSTER", "INFO"))
        _, outcome = await run_probe("redis", address=server.address)
        assert outcome.verdict is State.UP, outcome


async def test_a12_it_answers_and_refuses_writes(tmp_path: Path) -> None:
    with redis_server(tmp_path / "full", "--save", "", "--maxmemory", "1kb") as server:
        assert server.do("SET", "x", "1").startswith(b"-OOM")
        _, outcome = await run_probe("redis", address=server.address)
        assert (outcome.verdict, "memory is full" in outcome.detail) == (State.DEGRADED, True), outcome
        server.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        assert reason(await run_probe("redis", address=server.address)) is Reason.OK
    with redis_server(tmp_path / "alone", "--save", "", "--min-replicas-to-write", "1") as server:
        assert server.do("SET", "x", "1").startswith(b"-NOREPLICAS")
        _, outcome = await run_probe("redis", address=server.address)
        assert (outcome.verdict, "min-replicas" in outcome.detail) == (State.DEGRADED, True), outcome


@pytest.mark.parametrize("how", ["closes", "resets", "closes at once", "refuses", "half"])
async def test_a12_a_proxy_that_knows_no_info(how: str) -> None:
    """twemproxy closes the connection at a command that it does not know, without answers to those before it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if b"INFO" not in data or how in ("refuses", "half"):
                writer.write(b"+PONG\r\n" if b"PING" in data else b"")
            if b"INFO" in data:
                if how == "refuses":
                    writer.write(b"-ERR unknown command\r\n" * data.count(b"INFO"))
                    continue
                if how == "half":
                    writer.write(b"$12\r\nrole:master\n\r\n")
                if how == "resets":
                    linger = writer.get_extra_info("socket")
                    linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    async with talking(talk) as port:
        seen, outcome = await run_probe("redis", address=f"127.0.0.1:{port}")
        assert (outcome.verdict, outcome.reason) == (State.UP, Reason.OK), outcome
        assert seen.latency is not None
        if how != "half":
            assert "INFO" in seen.remarks[0]
        _, outcome = await run_probe("redis", address=f"127.0.0.1:{port}", expect=["body.connected_slaves == 0"])
        assert outcome.reason is Reason.MISSING


async def test_a12_twemproxy(server: Redis, tmp_path: Path) -> None:
    port, stats = free_port(), free_port()
    config = tmp_path / "nutcracker.yml"
    config.write_text(f"pool:\n  listen: 127.0.0.1:{port}\n  redis: true\n  servers:\n  - {server.address}:1\n")
    command = [require("nutcracker"), "-c", str(config), "-a", "127.0.0.1", "-s", str(stats)]

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    with running(command, f"redis://127.0.0.1:{port}", listens, tmp_path / "log"):
        seen, outcome = await run_probe("redis", address=f"127.0.0.1:{port}")
    assert (outcome.verdict, outcome.reason) == (State.UP, Reason.OK), outcome
    assert "closes the connection at INFO" in seen.remarks[0]


async def test_a12_what_is_silent_at_info_does_not_serve() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(b"+PONG\r\n")
        await reader.read(65_536)
        await asyncio.Event().wait()

    async with talking(talk) as port:
        _, outcome = await run_probe("redis", address=f"127.0.0.1:{port}", timeout="300ms")
    assert (outcome.reason, outcome.detail) == (Reason.TIMEOUT, "no response within 300ms, waiting for INFO")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"-CLUSTERDOWN The cluster is down\r\n", Reason.HEALTH),
        (b"-LOADING Redis is loading the dataset in memory\r\n", Reason.LOADING),
        (b"+PONG\r\n$10\r\nloading:1\n\r\n", Reason.LOADING),
        (b"-NOAUTH Authentication required.\r\n", Reason.AUTH),
    ],
)
async def test_a12_an_answer_that_is_no_service(said: bytes, why: Reason) -> None:
    async with talking(_saying(said)) as port:
        _, outcome = await run_probe("redis", address=f"127.0.0.1:{port}")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, why), outcome


async def test_a_script_that_does_not_end(tmp_path: Path) -> None:
    with redis_server(tmp_path / "r", "--save", "", "--busy-reply-threshold", "50") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(b"*3\r\n$4\r\nEVAL\r\n$17\r\nwhile true do end\r\n$1\r\n0\r\n")
            until(lambda: server.do("PING").startswith(b"-BUSY"))
            _, outcome = await run_probe("redis", address=server.address)
            assert outcome.reason is Reason.REJECTED
            assert "SCRIPT KILL" in outcome.detail
            server.do("SCRIPT", "KILL")
        until(lambda: server.do("PING") == b"+PONG\r\n")


async def test_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    port = free_port()
    tls = ("--tls-port", str(port), "--tls-cert-file", str(cert), "--tls-key-file", str(key))
    with redis_server(
        tmp_path / "r", "--save", "", *tls, "--tls-ca-cert-file", str(cert), "--tls-auth-clients", "no"
    ) as server:
        url = f"rediss://localhost:{port}/1"
        _, outcome = await run_probe("redis", url=url, ca_file=str(cert), expect=["tls.days > 20"])
        assert outcome.verdict is State.UP
        assert reason(await run_probe("redis", url=url)) is Reason.TLS
        assert reason(await run_probe("redis", url=url, verify=False)) is Reason.OK
        # It takes the handshake for the start of a command and waits for the rest.
        _, outcome = await run_probe("redis", address=server.address, tls=True, timeout="400ms")
        assert outcome.reason is Reason.TIMEOUT
        assert "TLS handshake" in outcome.detail
        _, outcome = await run_probe("redis", address=f"localhost:{port}")
        assert outcome.reason is Reason.RESET
        assert "rediss://" in outcome.detail


def _saying(*parts: bytes) -> Any:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", Reason.PROTOCOL),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Reason.PROTOCOL),
        (b"\x1b[31m\xff\xfe[bold]\x07" * 10, Reason.PROTOCOL),
        (b"\x1b]0;title\x07\r\n" * 10, Reason.PROTOCOL),
        (b"x" * 100_000, Reason.PROTOCOL),
        (b"+PANG\r\n" * 3, Reason.PROTOCOL),
        (b"*1000000000\r\n" * 3, Reason.PROTOCOL),
        (b"$-5\r\n" * 3, Reason.PROTOCOL),
        (b"$99999999999999999999999999\r\n", Reason.TOO_LARGE),
        (b"+PONG\r\n$1000000000\r\n", Reason.TOO_LARGE),
        (b"+PONG\r\n$50\r\nhalf", Reason.PROTOCOL),
        (b"-ERR unknown command 'PING'\r\n" * 3, Reason.QUERY),
        (b"-\r\n" * 3, Reason.QUERY),
        (b"-ERR \x1b[31mred\x1b[0m\r\n" * 3, Reason.QUERY),
        (b"+PONG\r\n$28\r\nrole:master\nmaster_host:\x1b[2J\r\n$0\r\n\r\n", Reason.OK),
        (b"+PONG\r\n$40\r\naof_enabled:1\naof_last_write_status:err\n\r\n$0\r\n\r\n", Reason.MISCONF),
        (b"+PONG\r\n$40\r\naof_enabled:0\naof_last_write_status:err\n\r\n$0\r\n\r\n", Reason.OK),
        (b"-DENIED Redis is running in protected mode because\r\n", Reason.DENIED),
    ],
)
async def test_what_is_not_redis(said: bytes, why: Reason) -> None:
    async with talking(_saying(said)) as port:
        seen, outcome = await run_probe("redis", address=f"127.0.0.1:{port}", timeout="1s")
    assert outcome.reason is why, outcome
    for text in (outcome.detail, seen.excerpt, *seen.remarks, *seen.notes):
        assert text.replace("\n", "").isprintable()
        assert len(text) < 9000
    assert seen.failure is None or not seen.failure.blind


async def test_silence_trickle_and_flood() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+PONG\r\n$262144\r\n")
        while True:
            writer.write(b"\x1b[31m\xff" * 20_000)
            await writer.drain()

    for talk, why in ((silent, Reason.TIMEOUT), (trickle, Reason.TIMEOUT), (flood, Reason.PROTOCOL)):
        async with talking(talk) as port:
            seen, outcome = await run_probe("redis", address=f"127.0.0.1:{port}", timeout="400ms")
        assert outcome.reason is why
        assert "\x1b" not in seen.excerpt + outcome.detail


async def test_an_echo_does_not_show_the_password() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = (await reader.read(1000)).replace(b"\r\n", b" ")
        writer.write(
            b"-ERR unknown command, with args beginning with: " + said + b"\r\n" + b"-ERR " + said + b"\r\n" * 5
        )

    async def bare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read(1000)).replace(b"\r\n", b" ") + b"\r\n")

    async def after(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = (await reader.read(1000)).replace(b"\r\n", b" ")
        writer.write(b"+OK\r\n-ERR " + said + b"\r\n-ERR " + said + b"\r\n-ERR " + said + b"\r\n")

    for talk in (echo, bare, after):
        async with talking(talk) as port:
            seen, outcome = await run_probe(
                "redis", address=f"127.0.0.1:{port}", environ=ENVIRON, password="env:REDIS_PASSWORD"
            )
        assert outcome.verdict is State.DOWN
        assert SECRET not in repr(seen) + repr(outcome)


async def test_the_loop_goes_on_meanwhile(server: Redis) -> None:
    """The first probe too, whatever it has to load."""
    longest, clock = 0.0, Stopwatch()

    async def beat() -> None:
        nonlocal longest, clock
        while True:
            await asyncio.sleep(0.001)
            longest, clock = max(longest, clock.seconds), Stopwatch()

    beating = asyncio.create_task(beat())
    for _ in range(20):
        await run_probe("redis", address=server.address, expect=["body.role == master"])
    beating.cancel()
    assert longest < 0.15


def test_info_as_a_document() -> None:
    found = read_info(
        "# Server\r\nredis_version:7.0.15\r\nrun_id:00000000\r\nuptime:12\r\nratio:1.50\r\nrdb:-1\r\n"
        "db0:keys=3,expires=0\r\nslave0:ip=10.0.0.1,port=6379,state=online\r\nhuge:"
        + "9" * 5000
        + "\r\nempty:\r\nno colon\r\n"
    )
    assert found["redis_version"] == "7.0.15"
    assert found["run_id"] == "00000000"
    assert found["uptime"] == 12
    assert found["ratio"] == Decimal("1.50")
    assert found["rdb"] == -1
    assert found["db0"] == {"keys": 3, "expires": 0}
    assert found["slave0"] == {"ip": "10.0.0.1", "port": 6379, "state": "online"}
    assert found["huge"] == "9" * 5000
    assert found["empty"] == ""
    assert len(found) == 9


@pytest.mark.parametrize(
    ("keys", "endpoint", "database"),
    [
        ({"url": "redis://cache/2"}, "cache:6379", 2),
        ({"url": "redis://[::1]:7000"}, "[::1]:7000", 0),
        ({"url": "rediss://cache:7000/0", "database": 0}, "cache:7000", 0),
        ({"url": "unix:///run/redis.sock", "database": 5}, "/run/redis.sock", 5),
        ({"address": "[::1]:6379"}, "[::1]:6379", 0),
    ],
)
def test_places(keys: dict[str, Any], endpoint: str, database: int) -> None:
    spec = RedisSpec.model_validate({"id": "x", **keys})
    assert (str(spec.place), spec.chosen) == (endpoint, database)
    assert spec.url or spec.address
    assert RedisSpec.model_validate(spec.model_dump()) == spec


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"url": "redis://a", "address": "a:6379"},
        {"url": "http://a"},
        {"url": "redis://"},
        {"url": "redis://a/x"},
        {"url": "redis://a:99999"},
        {"url": "redis://a?db=1"},
        {"url": "redis://zaphod@a"},
        {"url": "redis://:zaphod@a"},
        {"url": "redis://u:zaphod@a"},
        {"url": "nonsense zaphod@"},
        {"url": "redis://a?password=zaphod"},
        {"url": "unix://run/redis.sock"},
        {"url": "unix:///run/redis.sock", "tls": True},
        {"url": "redis://a/1", "database": 2},
        {"address": "a"},
        {"address": "zaphod@a:1"},
        {"address": "a:1", "username": "u"},
        {"address": "a:1", "password": "zaphod"},
        {"address": "a:1", "database": -1},
    ],
)
def test_what_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        RedisSpec.model_validate({"id": "x", **keys})
    assert "zaphod" not in str(refused.value)


def test_every_key_is_described() -> None:
    assert all(field.description for field in RedisSpec.model_fields.values())
