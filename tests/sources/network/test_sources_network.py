"""Lines to real sockets: both families, names, and questions that hang."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from artisan_tui.sources import network
from artisan_tui.sources.network import Network
from support.dead_addresses import black_hole, leads_to
from support.network_lines import until_true
from support.servers import free_port, talking
from support.stopwatch import Stopwatch

#: A socket left to the garbage collector is one left open.
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


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
