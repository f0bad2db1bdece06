"""What nobody reads does not decide, and what servers in use send is read as curl reads it."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.probing import reason, run_probe
from support.servers import http_answer, saying, talking

_JSON = b'{"status": "healthy"}'
_LONG = b"x" * 1_500_000


async def _verdict(answer: bytes, **keys: object) -> State:
    async with talking(saying(answer)) as port:
        return (await run_probe("http", url=f"http://127.0.0.1:{port}/", **keys))[1].verdict


_UNREAD = {
    "an unknown charset": http_answer(b"\xff\xfe", kind="text/plain; charset=klingon"),
    "a wrong charset": http_answer(b'{"a": "\xff"}', kind="application/json; charset=utf-8"),
    "a page of 1.5 MB": http_answer(_LONG, kind="text/html"),
    "1.5 MB in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(_LONG), _LONG),
    "br": http_answer(b"\x0b\x02\x80abc\x03", more="Content-Encoding: br\r\n"),
    "zstd": http_answer(b"\x28\xb5\x2f\xfd", more="Content-Encoding: zstd\r\n"),
    "no gzip": http_answer(b"plain", more="Content-Encoding: gzip\r\n"),
    "gzip cut short": http_answer(gzip.compress(_JSON, mtime=0)[:-4], more="Content-Encoding: gzip\r\n"),
    "a gzip bomb": http_answer(gzip.compress(b"\0" * 20_000_000, mtime=0), more="Content-Encoding: gzip\r\n"),
    "a body cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
    "no JSON": http_answer(b"{oops"),
    "JSON nested too deeply": http_answer(b"[" * 200_000),
}  # fmt: skip


@pytest.mark.parametrize("timed", [[], ["latency < 2s"]], ids=["status", "latency"])
@pytest.mark.parametrize("name", _UNREAD)
async def test_a8_a_body_that_no_condition_reads(name: str, timed: list[str]) -> None:
    assert await _verdict(_UNREAD[name], expect=["status == 200", *timed]) is State.UP


@pytest.mark.parametrize("name", [each for each in _UNREAD if "JSON" not in each])
async def test_a8_the_same_body_where_a_condition_reads_it(name: str) -> None:
    assert await _verdict(_UNREAD[name], expect=["status == 200", "body.status == healthy"]) is State.DOWN


async def test_a8_a_stream_without_end_is_up_at_once_and_its_beginning_shown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
        await asyncio.Event().wait()

    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        seen, outcome = await run_probe("http", url=url, expect=["status == 200"], timeout="2s")
        _, timed = await run_probe("http", url=url, expect=["latency < 5s"], timeout="400ms")
        _, asked = await run_probe("http", url=url, expect=["body ~ first"], timeout="400ms")
    assert outcome.verdict is State.UP
    assert "first" in seen.excerpt
    assert seen.latency is not None
    assert seen.latency < 0.4
    assert timed.reason is Reason.TIMEOUT  # the latency is that of the whole response
    assert asked.reason is Reason.TIMEOUT


async def test_a8_the_status_explains_more_than_a_body_that_cannot_be_read() -> None:
    answer = http_answer(b"\xff\xff", status="502 Bad Gateway", more="Content-Encoding: br\r\n")
    async with talking(saying(answer)) as port:
        seen = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["status == 200", "body.a == 1"])
    assert reason(seen) is Reason.STATUS


_READ = {
    "content-encoding UTF-8": b"Content-Encoding: UTF-8\r\n",
    "content-encoding none": b"Content-Encoding: none\r\n",
    "a space before the colon": b"Server : x\r\n",
    "a tab before the colon": b"Server\t: x\r\n",
    "a name with a space": b"X Y: z\r\n",
    "a name that is empty": b": z\r\n",
    "a name outside ASCII": b"X\xc3\xa9: z\r\n",
    "a folded value": b"X: a\r\n  b\r\n",
    "control characters in a value": b"X: a\x01\x0b\x0c\x7f\r\n",
    "transfer-encoding identity": b"Transfer-Encoding: identity\r\n",
    "transfer-encoding of nothing": b"Transfer-Encoding: \r\n",
    "an unknown charset around UTF-8": b"Content-Type: application/json; charset=utf8mb4\r\n",
}


@pytest.mark.parametrize("name", _READ)
async def test_a8_what_curl_reads(name: str) -> None:
    expect = ["status == 200", "body.status == healthy"]
    head = b"HTTP/1.1 200 OK\r\n" + _READ[name]
    assert await _verdict(head + b"Content-Length: %d\r\n\r\n" % len(_JSON) + _JSON, expect=expect) is State.UP
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(_JSON), _JSON)
    assert await _verdict(head + chunked, expect=expect) is State.UP
    assert await _verdict(head + b"\r\n" + _JSON, expect=expect) is State.UP


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/2 200\r\nContent-Length: 21\r\n\r\n" + _JSON,
        b"HTTP/1.1 200OK\r\nContent-Length: 21\r\n\r\n" + _JSON,
        b"HTTP/1.0 200\nContent-Length: +21\n\n" + _JSON,
        b"HTTP/1.1 200 OK\r\nContent-Length: 21, 21\r\n\r\n" + _JSON,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
        b"15\r\n" + _JSON + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + gzip.compress(_JSON, mtime=0),
        http_answer(
            gzip.compress(_JSON[:9], mtime=0) + gzip.compress(_JSON[9:], mtime=0), more="Content-Encoding: gzip\r\n"
        ),
        http_answer(gzip.compress(_JSON, mtime=0) + b"\0" * 99, more="Content-Encoding: gzip\r\n"),
        http_answer(zlib.compress(_JSON)[2:-4], more="Content-Encoding: deflate\r\n"),
        http_answer(gzip.compress(zlib.compress(_JSON), mtime=0), more="Content-Encoding: deflate, gzip\r\n"),
    ],
)
async def test_a8_a_whole_answer_that_curl_reads(answer: bytes) -> None:
    assert await _verdict(answer, expect=["status == 200", "body.status == healthy"]) is State.UP


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: klingon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"ICY 200 OK\r\n\r\n",
    ],
)
async def test_a8_what_stays_no_http(answer: bytes) -> None:
    async with talking(saying(answer)) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/")) is Reason.PROTOCOL


_SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello"


async def test_a8_a_101_that_our_own_headers_asked_for() -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    for expect in (["status == 101"], ["status == 101", "header.upgrade == websocket"], []):
        assert await _verdict(_SWITCHED, headers=headers, expect=expect) is State.UP
    async with talking(saying(_SWITCHED)) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/")) is Reason.PROTOCOL


async def test_a1_a_codec_that_takes_quadratic_time_is_no_charset() -> None:
    body = b"a" * 500_000 + b"-" + b"b" * 500_000
    async with talking(saying(http_answer(body, kind="text/plain; charset=punycode"))) as port:
        seen = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body ~ ab*"], timeout="2s")
    assert reason(seen) in {Reason.OK, Reason.BODY}
