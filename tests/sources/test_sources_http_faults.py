"""The http kind against real sockets that do not answer, answer wrongly, and attack."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import tracemalloc

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.probing import reason, run_probe
from support.servers import free_port, http_answer, saying, talking

# -- the other side does not answer -----------------------------------------


async def test_refused() -> None:
    _, outcome = await run_probe("http", url=f"http://127.0.0.1:{free_port()}/")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REFUSED)


async def test_an_unknown_host() -> None:
    assert reason(await run_probe("http", url="http://nonexistent.invalid/", timeout="5s")) is Reason.DNS


async def test_a_name_too_long_for_dns_is_refused_when_the_file_is_read() -> None:
    with pytest.raises(ValueError, match="is not the name of a host"):
        await run_probe("http", url=f"http://{'a' * 70}.example/")


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_reset() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        _reset(writer)

    async with talking(talk) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/")) is Reason.RESET


async def test_accepts_and_never_answers() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(talk) as port:
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", timeout="300ms")
    assert outcome.reason is Reason.TIMEOUT
    assert "the first byte" in outcome.detail


@pytest.mark.parametrize("where", ["head", "body"])
async def test_a_trickle_does_not_hold_us(where: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 9999\r\n\r\n" if where == "body" else b"X-A: "))
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        _, outcome = await run_probe("http", url=url, timeout="400ms", expect=["body ~ ."])
    assert outcome.reason is Reason.TIMEOUT
    assert ("the body" if where == "body" else "the first byte") in outcome.detail


async def test_a_listener_whose_queue_is_full_is_a_timeout_while_connecting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", timeout="300ms")
        for one in waiting:
            one.close()
    assert outcome.reason is Reason.TIMEOUT
    assert "connecting" in outcome.detail


# -- the other side answers wrongly -------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\ngarbage\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_not_http(answer: bytes) -> None:
    async with talking(saying(answer)) as port:
        url = f"http://127.0.0.1:{port}/"
        assert reason(await run_probe("http", url=url, expect=["body ~ ."])) is Reason.PROTOCOL


async def test_fifty_megabytes_are_not_downloaded() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while sent < 50_000_000:
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        assert reason(await run_probe("http", url=url, expect=["body ~ ."])) is Reason.TOO_LARGE
    assert sent < 20_000_000  # what the sockets' buffers hold


async def test_a_length_that_is_too_large_is_believed() -> None:
    async with talking(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\nx")) as port:
        url = f"http://127.0.0.1:{port}/"
        assert reason(await run_probe("http", url=url, expect=["body ~ ."])) is Reason.TOO_LARGE
        assert reason(await run_probe("http", url=url, method="HEAD")) is Reason.OK


async def test_a_gzip_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9, mtime=0)
    assert len(bomb) < 1024 * 1024
    async with talking(saying(http_answer(bomb, more="Content-Encoding: gzip\r\n"))) as port:
        tracemalloc.start()
        seen = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body ~ ."])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert reason(seen) is Reason.TOO_LARGE
    assert peak < 8_000_000


async def test_honest_gzip_is_read() -> None:
    async with talking(
        saying(http_answer(gzip.compress(b'{"a": 1}', mtime=0), more="Content-Encoding: gzip\r\n"))
    ) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body.a == 1"])) is Reason.OK


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_compression_that_is_none(encoding: str) -> None:
    async with talking(saying(http_answer(b"plain", more=f"Content-Encoding: {encoding}\r\n"))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert reason(await run_probe("http", url=url, expect=["body ~ plain"])) is Reason.ENCODING


async def test_a_redirect_is_not_followed_and_its_target_shown_without_secrets() -> None:
    more = "Location: https://u:pw@login.example/sso?token=s3cret\r\n"
    async with talking(saying(http_answer("", status="302 Found", more=more))) as port:
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/")
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.REDIRECT)
        assert "https://login.example/sso" in outcome.detail
        assert "s3cret" not in outcome.detail
        assert "pw" not in outcome.detail
    async with talking(saying(http_answer("", status="301 Moved", more=more))) as port:
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["status == 301"])
        assert outcome.verdict is State.UP
