"""Lines to real sockets: both families, names, TLS, ends of every kind, and nothing left open."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from artisan_tui.sources import network
from artisan_tui.sources.network import Network
from support.dead_addresses import black_hole, leads_to
from support.servers import certificate, free_port, server_tls, talking
from support.stopwatch import Stopwatch

#: A socket left to the garbage collector is one left open.
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("network"))


@pytest.fixture
def context(pair: Pair) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair[0]))


@pytest.fixture
async def net() -> AsyncIterator[Network]:
    """A network; its test must leave no socket open."""
    before = _sockets()
    made = Network()
    yield made
    made.close()
    await until_true(lambda: _sockets() <= before)


async def until_true(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _sockets() -> int:
    return len(psutil.Process().net_connections("inet"))


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def _mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


# -- where to ----------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_there_and_back(net: Network, host: str) -> None:
    steps: list[str] = []
    async with talking(_echo) as port:
        line = await net.connect(host, port, steps.append)
        await line.write(b"hello")
        assert await line.read(3) == b"hel"
        assert await line.read(10) == b"lo"
        line.close()
    assert steps == (["connecting"] if host == "127.0.0.1" else ["the name server", "connecting"])


async def test_an_ipv6_address(net: Network) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            line = await net.connect("::1", server.getsockname()[1])
            line.close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


async def test_refused_at_one_address_and_up_at_the_other(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(_echo) as port:
        leads_to(monkeypatch, ("127.0.0.2", free_port()), ("::1", free_port()), ("127.0.0.1", port))
        clock = Stopwatch()
        line = await net.connect("many.example", 1)
        assert clock.seconds < network.STAGGER  # a failed one is not waited for
        line.close()


async def test_a_silent_address_does_not_hold_up_the_next(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    with black_hole() as hole:
        async with talking(_echo) as port:
            leads_to(monkeypatch, hole, ("127.0.0.1", port))
            began, clock = time.monotonic(), Stopwatch()
            line = await net.connect("many.example", 1)
            assert time.monotonic() - began >= network.STAGGER
            assert clock.seconds < 5 * network.STAGGER
            await line.write(b"x")
            assert await line.read(1) == b"x"
            line.close()


async def test_all_refused_says_refused(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, ("127.0.0.1", free_port()), ("127.0.0.2", free_port()))
    with pytest.raises(ConnectionRefusedError):
        await net.connect("many.example", 1)


async def test_what_the_target_says_goes_before_what_we_lack(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    # 255.255.255.255 is nowhere to connect to: the system itself says so.
    leads_to(monkeypatch, ("255.255.255.255", 9), ("127.0.0.1", free_port()))
    with pytest.raises(ConnectionRefusedError):
        await net.connect("many.example", 1)


async def test_of_two_that_accept_at_once_one_is_let_go(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, both = socket.socket(), socket.socket(), asyncio.Event()

    async def reach(place: network.AddressInfo) -> socket.socket:
        if place[4] == ("192.0.2.1", 1):
            await both.wait()
            return first
        both.set()
        return second

    monkeypatch.setattr(network, "STAGGER", 0.01)
    monkeypatch.setattr(network, "_connect_to", reach)
    leads_to(monkeypatch, ("192.0.2.1", 1), ("192.0.2.2", 1))
    line = await net.connect("many.example", 1)
    await until_true(lambda: -1 in (first.fileno(), second.fileno()))
    assert max(first.fileno(), second.fileno()) >= 0
    line.close()


def test_families_take_turns() -> None:
    four = [(socket.AF_INET, 1, 6, "", (f"192.0.2.{n}", 1)) for n in range(3)]
    six = [(socket.AF_INET6, 1, 6, "", ("2001:db8::1", 1, 0, n)) for n in range(2)]
    assert network.alternating([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]
    assert network.alternating([*four, *six]) == [four[0], six[0], four[1], six[1], four[2]]
    assert network.alternating(four) == four


# -- names -------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["nonexistent.invalid", "a" * 70 + ".example", "no\0name", ""])
async def test_a_name_that_leads_nowhere(net: Network, host: str) -> None:
    with pytest.raises(socket.gaierror):
        await net.connect(host or "..", 80)


async def test_lookups_of_one_name_share_one_question(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer, real = 0, threading.Event(), socket.getaddrinfo

    def ask(host: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        if kwargs.get("flags"):
            return real(host, *args, **kwargs)
        asked += 1
        assert answer.wait(10)
        return real("127.0.0.1", *args[:1], type=socket.SOCK_STREAM)

    monkeypatch.setattr(network.socket, "getaddrinfo", ask)
    async with talking(_echo) as port:
        connects = [asyncio.create_task(net.connect("slow.example", port)) for _ in range(3)]
        await until_true(lambda: asked > 0)
        connects[0].cancel()  # one that gives up takes nothing from the others
        answer.set()
        for each in connects[1:]:
            (await each).close()
        assert asked == 1
        (await net.connect("slow.example", port)).close()
        assert asked == 2  # shared, not remembered


def test_a_name_server_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, answer = threading.Event(), threading.Event()

    def ask(host: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "a name")
        hanging.set()
        answer.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    async def live() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await Network().connect("slow.example", 80)

    monkeypatch.setattr(network.socket, "getaddrinfo", ask)
    began = time.monotonic()
    try:
        asyncio.run(live())
        assert hanging.is_set()
        assert time.monotonic() - began < 5
        assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("resolve"))
    finally:
        answer.set()


async def test_so_many_questions_at_once_and_no_more(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, under_way, most, lock = threading.Event(), 0, 0, threading.Lock()

    def ask(host: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal under_way, most
        if not kwargs.get("flags"):
            with lock:
                under_way += 1
                most = max(most, under_way)
            answer.wait(20)
            with lock:
                under_way -= 1
        raise socket.gaierror(socket.EAI_NONAME, "a name")

    monkeypatch.setattr(network.socket, "getaddrinfo", ask)
    connects = [asyncio.create_task(net.connect(f"n{n}.example", 80)) for n in range(network.LOOKUPS + 5)]
    await until_true(lambda: under_way >= network.LOOKUPS)
    answer.set()
    assert all(isinstance(each, socket.gaierror) for each in await asyncio.gather(*connects, return_exceptions=True))
    assert most == network.LOOKUPS


# -- how it ends -------------------------------------------------------------------


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
        here = _sockets()

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
            await until_true(lambda: _sockets() >= here + wanted)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await until_true(lambda: _sockets() <= here)


# -- TLS ---------------------------------------------------------------------------


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
