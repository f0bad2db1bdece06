"""The redis kind against clusters, proxies and servers that answer and do not serve."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from pathlib import Path

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.probing import reason, run_probe
from support.redis_answers import saying
from support.redis_server import Redis, redis_server
from support.servers import free_port, require, running, talking, until

pytestmark = pytest.mark.xdist_group("redis")


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
    async with talking(saying(said)) as port:
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
