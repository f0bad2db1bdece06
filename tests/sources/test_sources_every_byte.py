"""Whatever a peer sends without end: the probe ends in time and within its limits, and its neighbours keep theirs."""

from __future__ import annotations

import asyncio
import gzip
import re
import sys
from pathlib import Path

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.capped import Capped, NotEncoded, TooLarge
from artisan_tui.sources.metrics.exposition import LineFilter
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.flooding import beside, flooding
from support.probing import run_probe
from support.servers import certificate, server_tls

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_GZIP = _OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"status": "healthy"}', mtime=0)
_FLOODS = {
    "gzip, then junk": (_GZIP, b"j" * 65_536),
    "gzip, then zeros": (_GZIP, b"\0" * 65_536),
    "gzip members of nothing": (_GZIP, gzip.compress(b"", mtime=0) * 3000),
    "chunks of a byte": (_CHUNKED, b"1\r\nx\r\n" * 10_000),
    "chunks with long extensions": (_CHUNKED, b"1;" + b"e" * 60_000 + b"\r\nx\r\n"),
    "trailers": (_CHUNKED + b"0\r\n", b"X-A: b\r\n" * 8000),
    "a body without end": (_OK + b"\r\n", b"x" * 65_536),
    "a header without end": (_OK + b"X-A: ", b"a" * 65_536),
    "headers without end": (_OK, b"X-A: b\r\n" * 8000),
    "informational heads": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000),
}


@pytest.mark.parametrize("expect", [["status == 200"], ["body ~ healthy"]], ids=["status", "body"])
@pytest.mark.parametrize("name", _FLOODS)
async def test_a1_http(name: str, expect: list[str]) -> None:
    head, block = _FLOODS[name]
    with flooding(head, block) as port:
        url = f"http://127.0.0.1:{port}/"
        _, outcome = await beside(run_probe("http", url=url, expect=expect, timeout="2s"))
    if expect == ["body ~ healthy"] or "head" in name:
        assert outcome.verdict is State.DOWN
        assert outcome.reason in {Reason.TOO_LARGE, Reason.PROTOCOL, Reason.TIMEOUT}
    else:
        assert outcome.verdict is State.UP


async def test_a1_records_of_a_byte_over_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with flooding(_CHUNKED, b"1\r\nx\r\n" * 50, server_tls(cert, key)) as port:
        keys = {"url": f"https://127.0.0.1:{port}/", "ca_file": str(cert), "expect": ["body ~ y"]}
        _, outcome = await beside(run_probe("http", timeout="1s", **keys))
    assert outcome.reason in {Reason.TOO_LARGE, Reason.TIMEOUT}


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (_CHUNKED, b"1\r\nx\r\n" * 10_000),  # one line without end, a byte at a time
        (_CHUNKED, b"1\r\n\n\r\n" * 10_000),
        (_GZIP, b"j" * 65_536),
        (_OK + b"\r\n", b"# HELP x\n" * 8000),
    ],
)
async def test_a1_a_scrape(head: bytes, block: bytes) -> None:
    with flooding(head.replace(b"\r\n", b"\r\nContent-Type: text/plain\r\n", 1), block) as port:
        scraper = ScrapeBackend(Metrics(scrape=(f"http://127.0.0.1:{port}/metrics",), timeout=1.5))
        try:
            await asyncio.wait_for(beside(scraper.refresh()), 8)
            failed = scraper._endpoints[0].failure
        finally:
            await scraper.aclose()
    assert failed is not None
    assert failed.reason in {Reason.TOO_LARGE, Reason.TIMEOUT}


@pytest.mark.parametrize(
    ("head", "block"), [(_CHUNKED, b"1\r\nx\r\n" * 10_000), (_GZIP, b"j" * 65_536), (_CHUNKED, b"1" * 65_536)]
)
async def test_a1_a_prometheus(head: bytes, block: bytes) -> None:
    with flooding(head, block) as port:
        metrics = Metrics(prometheus=f"http://127.0.0.1:{port}", timeout=1.5)
        ask = run_probe("promql", metrics=metrics, query="up", expect=["value > 0"])
        _, outcome = await asyncio.wait_for(beside(ask), 8)
    assert outcome.verdict is State.UNKNOWN
    assert outcome.reason in {Reason.TOO_LARGE, Reason.TIMEOUT, Reason.PROTOCOL}


@pytest.mark.parametrize(
    ("head", "block"),
    [(b"", b"+PONG\r\n" * 9000), (b"+PONG\r\n$200000\r\n", b"x"), (b"", b"x" * 65_536), (b"+", b"y" * 65_536)],
)
async def test_a1_redis(head: bytes, block: bytes) -> None:
    with flooding(head, block) as port:
        await beside(run_probe("redis", address=f"127.0.0.1:{port}", timeout="1s"))


async def test_a1_tcp_and_a_handshake_without_end() -> None:
    with flooding(b"", b"x\n" * 30_000, asked=False) as port:
        await beside(run_probe("tcp", address=f"127.0.0.1:{port}", expect=["body ~ never"], timeout="1s"))
    # Empty handshake records, which are no alert and no hello.
    with flooding(b"", b"\x16\x03\x03\x00\x01\x00" * 10_000) as port:
        _, outcome = await beside(run_probe("tcp", address=f"127.0.0.1:{port}", tls=True, timeout="1s"))
    assert outcome.verdict is State.DOWN


@pytest.mark.parametrize(("head", "block"), [(_CHUNKED, b"1\r\nx\r\n" * 10_000), (_GZIP, b"j" * 65_536)])
async def test_a1_a_docker_daemon(head: bytes, block: bytes) -> None:
    with flooding(head, block) as port:
        _, outcome = await beside(run_probe("docker", container="x", host=f"tcp://127.0.0.1:{port}", timeout="2s"))
    assert outcome.reason in {Reason.TOO_LARGE, Reason.TIMEOUT}


@pytest.mark.parametrize("expect", [["exit == 0"], ["stdout ~ x"]])
async def test_a1_a_program_that_writes_without_end(expect: list[str]) -> None:
    run = [sys.executable, "-c", "import os\nwhile True: os.write(1, b'x' * 65536)"]
    _, outcome = await beside(run_probe("command", run=run, cwd="/", expect=expect, timeout="1s"))
    assert outcome.reason in {Reason.TIMEOUT, Reason.TOO_LARGE}


def test_a1_a_line_in_small_pieces_takes_linear_time() -> None:
    lines = LineFilter(["up"])
    for _ in range(300_000):
        lines.feed(b"x")
    lines.feed(b"\nup 1\nu")
    lines.feed(b"p 2\n")
    assert lines.finish() == b"up 1\nup 2"
    assert lines.lines == 3


# -- compression as curl and gzip read it -------------------------------------------


def _read(encoding: str, raw: bytes, step: int = 7, cap: int = 100_000) -> bytes:
    body = Capped(cap, encoding)
    found = b"".join(body.feed(raw[at : at + step]) for at in range(0, len(raw), step))
    body.finish()
    return found


def _raw_deflate(data: bytes) -> bytes:
    import zlib

    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("step", [1, 2, 7, 100_000])
def test_a8_content_encoding(step: int) -> None:
    import zlib

    one, two = gzip.compress(b'{"a":', mtime=0), gzip.compress(b" 1}", mtime=0)
    assert _read("gzip", one + two, step) == b'{"a": 1}'
    assert _read("x-gzip", one + two + b"\0" * 512, step) == b'{"a": 1}'
    assert _read("gzip", one + b"\x1fjunk" * 9, step) == b'{"a":'
    assert _read("gzip", one + b"\x1f", step) == b'{"a":'
    assert _read("deflate", zlib.compress(b"plain"), step) == b"plain"
    assert _read("deflate", _raw_deflate(b"plain"), step) == b"plain"
    assert _read("deflate, gzip", gzip.compress(zlib.compress(b"twice"), mtime=0), step) == b"twice"
    for name in ("UTF-8", "none", "identity", "utf-8, none", "aws-chunked", ""):
        assert _read(name, b"plain", step) == b"plain"
    with pytest.raises(NotEncoded):
        _read("gzip", b"plain", step)
    with pytest.raises(NotEncoded):
        _read("gzip", one[:-3], step)
    with pytest.raises(NotEncoded):
        _read("gzip", one + gzip.compress(b"x" * 100, mtime=0)[:-3], step)
    with pytest.raises(NotEncoded):
        _read("br", b"plain", step)
    with pytest.raises(NotEncoded):
        _read(", ".join(["gzip"] * 6), b"plain", step)


def test_a1_what_is_consumed_counts() -> None:
    body = Capped(1000, "gzip")
    body.feed(gzip.compress(b"little", mtime=0))
    body.feed(b"j" * 65_536)
    with pytest.raises(TooLarge):
        body.feed(b"j" * 2000)
    with pytest.raises(TooLarge):
        _read("gzip", gzip.compress(b"x" * 1001, mtime=0), cap=1000)
    assert _read("gzip", gzip.compress(b"x" * 1000, mtime=0), cap=1000) == b"x" * 1000


def test_a1_pieces_are_small() -> None:
    pieces = list(Capped(20_000_000, "gzip").pieces(gzip.compress(b"\0" * 10_000_000, mtime=0)))
    assert max(map(len, pieces)) <= 65_536
    assert sum(map(len, pieces)) == 10_000_000
    assert re.fullmatch(rb"\0+", b"".join(pieces))
