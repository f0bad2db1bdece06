"""The tcp kind against real sockets."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.tcp import TcpSpec
from support.probing import reason, run_probe
from support.servers import free_port, talking

#: A socket left to the garbage collector is one left open.
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def _banner(text: bytes) -> object:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await asyncio.Event().wait()

    return talk


async def test_a_port_that_accepts() -> None:
    async with talking(_mute) as port:
        seen, outcome = await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["latency < 1s"])
        assert outcome.verdict is State.UP
        assert seen.latency is not None
        assert reason(await run_probe("tcp", host="127.0.0.1", port=port)) is Reason.OK
        # Both addresses of the name are tried.
        assert reason(await run_probe("tcp", address=f"localhost:{port}")) is Reason.OK


async def test_refused_and_unknown() -> None:
    assert reason(await run_probe("tcp", address=f"127.0.0.1:{free_port()}")) is Reason.REFUSED
    assert reason(await run_probe("tcp", address=f"localhost:{free_port()}")) is Reason.REFUSED
    assert reason(await run_probe("tcp", address=f"[::1]:{free_port()}")) in {Reason.REFUSED, Reason.UNREACHABLE}
    assert reason(await run_probe("tcp", address="nonexistent.invalid:80", timeout="5s")) is Reason.DNS


async def test_a_banner_is_read_no_longer_than_needed() -> None:
    async with talking(_banner(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:  # type: ignore[arg-type]
        seen, outcome = await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body ~ ^SSH-2", "latency < 1s"])
        assert outcome.verdict is State.UP
        assert seen.excerpt.startswith("SSH-2.0")
        _, outcome = await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body ~ ^220"], timeout="300ms")
        assert outcome.reason is Reason.BODY


async def test_sending_first() -> None:
    async def redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readline() == b"PING\r\n"
        writer.write(b"+PO")
        await writer.drain()
        writer.write(b"NG\r\n")
        await reader.read()

    async with talking(redis) as port:
        address = f"127.0.0.1:{port}"
        assert reason(await run_probe("tcp", address=address, send="PING\r\n", expect=["body == +PONG"])) is Reason.OK


async def test_silence_where_a_word_is_expected() -> None:
    async with talking(_mute) as port:
        _, outcome = await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body ~ ."], timeout="300ms")
    assert outcome.reason is Reason.TIMEOUT
    assert "the first byte" in outcome.detail


async def test_closed_or_reset_where_a_word_is_expected() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        return

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with talking(close) as port:
        assert reason(await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body ~ ."])) is Reason.BODY
    async with talking(reset) as port:
        seen = await run_probe("tcp", address=f"127.0.0.1:{port}", send="x", expect=["body ~ ."])
        assert reason(seen) is Reason.RESET


async def test_a_flood_is_cut_and_made_printable() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"\x1b[31m\xff[bold red]" * 1000)
            await writer.drain()

    async with talking(flood) as port:
        seen, outcome = await run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body == x"])
    assert outcome.reason is Reason.BODY
    assert "\x1b" not in seen.excerpt
    assert len(str(seen.answers["body"])) <= 4096


async def test_an_ipv6_address() -> None:
    try:
        server = await asyncio.start_server(lambda r, w: w.close(), "::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert reason(await run_probe("tcp", address=f"[::1]:{port}")) is Reason.OK


@pytest.mark.parametrize(
    ("keys", "endpoint"),
    [
        ({"address": "db.example:5432"}, ("db.example", 5432)),
        ({"address": "[::1]:80"}, ("::1", 80)),
        ({"host": "::1", "port": 80}, ("::1", 80)),
        ({"host": "db", "port": 80, "address": "db:80"}, ("db", 80)),
    ],
)
def test_addresses(keys: dict[str, object], endpoint: tuple[str, int]) -> None:
    spec = TcpSpec.model_validate({"id": "x", **keys})
    assert spec.place == endpoint
    assert spec.address
    assert TcpSpec.model_validate(spec.model_dump()).place == endpoint


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"host": "db"},
        {"address": "db"},
        {"address": "db:0"},
        {"address": "db:70000"},
        {"address": "::1:80"},
        {"address": "http://db:80"},
        {"address": "u:p@db:80"},
        {"address": "db:80", "host": "other", "port": 80},
    ],
)
def test_what_is_no_address(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TcpSpec.model_validate({"id": "x", **keys})
