"""The transport by itself: what httpx expects of one, and what becomes of its connections."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psutil
import pytest

from artisan_tui.sources.network import Network
from artisan_tui.sources.transport import _MOST, Transport
from support.servers import certificate, free_port, http_answer, saying, server_tls, talking, until

#: A socket left to the garbage collector is one left open.
pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
HEALTHY = http_answer("{}")


@pytest.fixture
async def net() -> AsyncIterator[Network]:
    made = Network()
    yield made
    made.close()


async def _until_true(condition: Callable[[], bool]) -> None:
    """`until` that lets the loop work meanwhile."""
    await asyncio.to_thread(until, condition)


def _sockets() -> int:
    return len(psutil.Process().net_connections("inet"))


async def test_a_client_of_httpx_works_over_it(net: Network, tmp_path: Path) -> None:
    cert = certificate(tmp_path)
    async with talking(saying(http_answer("héllo", more="X-A: 1\r\nX-A: 2\r\n")), server_tls(*cert)) as port:
        tls = ssl.create_default_context(cafile=str(cert[0]))
        async with httpx.AsyncClient(transport=Transport(net, tls)) as client:
            answer = await client.get(f"https://127.0.0.1:{port}/a%20b?c=d")
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (200, "héllo", "1, 2")
    assert answer.extensions["http_version"] == b"HTTP/1.1"
    assert answer.extensions["ssl_object"].selected_alpn_protocol() is None  # offered, and this server has no wish


async def test_a_body_is_sent_and_counted(net: Network) -> None:
    heard = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(5)
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEALTHY)

    async with talking(talk) as port, httpx.AsyncClient(transport=Transport(net, None)) as client:
        assert (await client.put(f"http://127.0.0.1:{port}/", content=b"12345")).status_code == 200
    assert b"content-length: 5\r\n" in heard.lower()
    assert heard.endswith(b"\r\n\r\n12345")


async def test_the_time_limits_of_httpx_hold(net: Network) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await asyncio.Event().wait()

    limits = httpx.Timeout(5, connect=0.2, read=0.2, write=0.2)
    before = _sockets()
    async with httpx.AsyncClient(transport=Transport(net, ssl.create_default_context()), timeout=limits) as client:
        async with talking(mute) as port:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(f"http://127.0.0.1:{port}/")
            with pytest.raises(httpx.WriteTimeout):
                await client.post(f"http://127.0.0.1:{port}/", content=b"x" * 50_000_000)
            with pytest.raises(httpx.ConnectTimeout):
                await client.get(f"https://127.0.0.1:{port}/")
        async with talking(half) as port:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(f"http://127.0.0.1:{port}/")
    await _closed(before)


async def _closed(count: int) -> None:
    await _until_true(lambda: _sockets() <= count)


async def test_failures_have_httpx_s_names(net: Network) -> None:
    async with httpx.AsyncClient(transport=Transport(net, None)) as client:
        with pytest.raises(httpx.ConnectError) as refused:
            await client.get(f"http://127.0.0.1:{free_port()}/")
        assert isinstance(refused.value.__cause__, ConnectionRefusedError)
        for said in (b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"):
            async with talking(saying(said)) as port:
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.get(f"http://127.0.0.1:{port}/")


async def test_an_answer_before_the_question_was_told_is_heard(net: Network) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(http_answer("no", status="413 Too Large"))
        await writer.drain()  # and hangs up without matching read the rest: that is a reset

    async with talking(talk) as port, httpx.AsyncClient(transport=Transport(net, None)) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/", content=b"x" * 20_000_000)
    assert answer.status_code == 413


async def test_a_head_without_end_is_cut(net: Network) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-A: " + b"x" * 60_000)
            await writer.drain()

    async with talking(talk) as port, httpx.AsyncClient(transport=Transport(net, None)) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{port}/")


# -- connections ---------------------------------------------------------------------


async def _asked(transport: Transport, port: int) -> bytes:
    answer = await transport.handle_async_request(httpx.Request("GET", f"http://127.0.0.1:{port}/"))
    return await answer.aread()


async def test_none_is_kept_unless_asked_for(net: Network) -> None:
    before = _sockets()
    async with talking(saying(HEALTHY, keep=True)) as port:
        transport = Transport(net, None)
        for _ in range(3):
            assert await _asked(transport, port) == b"{}"
        assert _ours(port) == 0
        await transport.aclose()
    await _closed(before)


def _ours(port: int) -> int:
    """Connections to ``port`` that are open on our side."""
    found = psutil.Process().net_connections("inet")
    return sum(1 for each in found if each.raddr and each.raddr.port == port)


async def test_a_kept_one_ends_with_its_time_although_nobody_asks(net: Network) -> None:
    async with talking(saying(HEALTHY, keep=True)) as port:
        transport = Transport(net, None, keep=0.3)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(3):
            await _asked(transport, port)
        assert _ours(port) == 1
        while _ours(port):
            assert loop.time() < began + 2
            await asyncio.sleep(0.01)
        assert loop.time() >= began + 0.3
        await transport.aclose()


async def test_use_does_not_make_it_younger(net: Network) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await saying(HEALTHY, keep=True)(reader, writer)

    async with talking(talk) as port:
        transport = Transport(net, None, keep=0.2)
        loop = asyncio.get_running_loop()
        began = loop.time()
        while connections < 2:
            assert loop.time() < began + 2
            await _asked(transport, port)
        assert loop.time() >= began + 0.2
        await transport.aclose()


async def test_what_was_hung_up_meanwhile_is_not_used(net: Network) -> None:
    async with talking(saying(HEALTHY)) as port:
        transport = Transport(net, None, keep=60)
        for _ in range(3):
            assert await _asked(transport, port) == b"{}"  # each time a new one: the server leaves after every answer
            (link,) = next(iter(transport._idle.values()))
            await _until_true(lambda link=link: link.connection.readable)  # type: ignore[misc]
        await transport.aclose()


@pytest.mark.parametrize("more", ["Connection: close\r\n", ""])
async def test_only_a_finished_conversation_is_kept(net: Network, more: str) -> None:
    async with talking(saying(http_answer("x" * 1000, more=more), keep=True)) as port:
        transport = Transport(net, None, keep=60)
        answer = await transport.handle_async_request(httpx.Request("GET", f"http://127.0.0.1:{port}/"))
        if more:
            await answer.aread()
        await answer.aclose()  # else: the body was not read
        assert _ours(port) == 0
        await transport.aclose()


async def test_so_many_are_kept_and_no_more(net: Network) -> None:
    async with talking(saying(HEALTHY, keep=True)) as port:
        transport = Transport(net, None, keep=60)
        requests = [httpx.Request("GET", f"http://127.0.0.1:{port}/") for _ in range(_MOST + 3)]
        answers = await asyncio.gather(*(transport.handle_async_request(each) for each in requests))
        for answer in answers:
            await answer.aread()
        assert _ours(port) == _MOST
        await transport.aclose()
        assert _ours(port) == 0


async def test_a_cancelled_request_leaves_no_connection(net: Network) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(mute) as port:
        for keep in (0, 60):
            transport = Transport(net, None, keep)
            task = asyncio.create_task(_asked(transport, port))
            await _until_true(lambda: _ours(port) > 0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert _ours(port) == 0
            await transport.aclose()
