"""The redis kind over TLS and against servers that mean harm, and what is no target."""

from __future__ import annotations

import asyncio
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
from support.redis_answers import ENVIRON, SECRET, saying
from support.redis_server import Redis, redis_server
from support.servers import certificate, free_port, talking
from support.stopwatch import Stopwatch

pytestmark = pytest.mark.xdist_group("redis")


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
    async with talking(saying(said)) as port:
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
