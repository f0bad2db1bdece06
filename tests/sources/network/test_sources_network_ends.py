"""Lines to real sockets: TLS, ends of every kind, and nothing left open."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from pathlib import Path

import pytest

from artisan_tui.sources.network import Network
from support.dead_addresses import black_hole, leads_to
from support.network_lines import sockets, until_true
from support.servers import certificate, server_tls, talking

#: A socket left to the garbage collector is one left open.
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("network"))


@pytest.fixture
def context(pair: Pair) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair[0]))


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@pytest.mark.parametrize("secure", [False, True])
async def test_an_end_and_a_reset(net: Network, pair: Pair, context: ssl.SSLContext, secure: bool) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word = await reader.read(10)
        if word == b"reset":
            _reset(writer)
        writer.write(b"bye")
        await writer.drain()
        writer.transport.abort()  # of TLS: without a goodbye

    async with talking(talk, server_tls(*pair) if secure else None) as port:
        for word in (b"end", b"reset"):
            line = await net.connect("127.0.0.1", port)
            if secure:
                await line.secure(context, "127.0.0.1")
            await line.write(word)
            if word == b"end":
                assert await line.read(10) == b"bye"
                assert await line.read(10) == b""
            else:
                with pytest.raises(ConnectionResetError):
                    await line.read(10)
            line.close()


async def test_what_stirs_while_nobody_reads(net: Network) -> None:
    say = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say.wait()

    async with talking(talk) as port:
        line = await net.connect("127.0.0.1", port)
        assert not line.readable
        say.set()
        await until_true(lambda: line.readable)
        line.close()
        assert line.readable


@pytest.mark.parametrize("stage", ["connecting", "racing", "handshake", "reading", "writing"])
async def test_a_cancelled_one_leaves_no_socket_open(
    net: Network, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    with black_hole() as hole:
        leads_to(monkeypatch, hole, hole)
        here = sockets()

        async def act(port: int) -> None:
            if stage in {"connecting", "racing"}:
                await net.connect(*hole) if stage == "connecting" else await net.connect("many.example", 1)
            line = await net.connect("127.0.0.1", port)
            try:
                if stage == "handshake":
                    await line.secure(context, "127.0.0.1")
                elif stage == "reading":
                    await line.read(1)
                else:
                    await line.write(b"x" * 50_000_000)
            finally:
                if stage != "handshake":
                    line.close()

        async with talking(_mute) as port:
            task = asyncio.create_task(act(port))
            wanted = 3 if stage == "racing" else 2  # the listening one, and ours
            await until_true(lambda: sockets() >= here + wanted)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await until_true(lambda: sockets() <= here)


async def test_much_goes_through_tls_both_ways(net: Network, pair: Pair, context: ssl.SSLContext) -> None:
    data = bytes(range(256)) * 8192  # 2 MiB: many records, and more than the sockets' buffers hold

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await reader.readexactly(len(data))
        writer.write(heard)
        await writer.drain()

    async with talking(talk, server_tls(*pair)) as port:
        line = await net.connect("127.0.0.1", port)
        await line.secure(context, "127.0.0.1")
        assert line.tls is not None
        await line.write(data)
        back = b""
        while piece := await line.read(65_536):
            back += piece
        line.close()
    assert back == data


async def test_a_certificate_nobody_trusts_is_told_to_the_other_side(net: Network, pair: Pair) -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = server_tls(*pair)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def shake() -> str:
            raw = writer.get_extra_info("socket").dup()
            raw.setblocking(True)
            try:
                with server.wrap_socket(raw, server_side=True) as secured:
                    secured.recv(1)  # TLS 1.3: the server is done before the client has looked
            except ssl.SSLError as error:
                return str(error.reason)
            return "nothing"

        writer.transport.pause_reading()  # type: ignore[attr-defined]  # only asyncio's own lack it in their types
        told.set_result(await asyncio.to_thread(shake))

    async with talking(talk) as port:
        line = await net.connect("127.0.0.1", port)
        with pytest.raises(ssl.SSLCertVerificationError):
            await line.secure(ssl.create_default_context(), "127.0.0.1")
        assert "ALERT" in await told


async def test_what_one_line_offers_the_next_does_not(net: Network, pair: Pair, context: ssl.SSLContext) -> None:
    chosen: list[str | None] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        writer.write(b"x")
        await writer.drain()
        await reader.read(1)

    tls = server_tls(*pair)
    tls.set_alpn_protocols(["http/1.1", "imap"])
    async with talking(talk, tls) as port:
        for offered in (("http/1.1",), (), ("imap",)):
            line = await net.connect("127.0.0.1", port)
            await line.secure(context, "127.0.0.1", offered)
            await line.read(1)
            line.close()
        # Nor does who takes the same context elsewhere.
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    assert chosen == ["http/1.1", None, "imap", None]
