"""The Prometheus backend against servers that lie, stall and refuse."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.secret import Secret
from artisan_tui.domain.measure import MeasureReading, Promql, Value
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics import Blind, open_backend
from artisan_tui.sources.metrics.prometheus import PrometheusBackend
from support.probing import run_probe
from support.servers import certificate, free_port, http_answer, saying, server_tls, talking, until
from support.stopwatch import Stopwatch

RespSession = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


def vector(*values: str, **more: object) -> bytes:
    result = [{"metric": {"n": str(i)}, "value": [1700000000.1, value]} for i, value in enumerate(values)]
    return http_answer(json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}, **more}))


async def ask(port: int, query: str = "up", *, timeout: float = 2.0, **keys: object) -> MeasureReading:
    metrics = Metrics(prometheus=f"http://127.0.0.1:{port}", timeout=timeout, **keys)
    backend = open_backend(metrics, {"TOKEN": "s3cret"})
    try:
        clock = Stopwatch()
        return await backend.read(Promql(query))
    finally:
        assert clock.seconds < timeout + 0.25
        await backend.aclose()


async def blind(answer: bytes | RespSession, **keys: object) -> Blind:
    talk = saying(answer) if isinstance(answer, bytes) else answer
    async with talking(talk) as port:  # type: ignore[arg-type]
        with pytest.raises(Blind) as caught:
            await ask(port, **keys)  # type: ignore[arg-type]
    return caught.value


async def test_a_number() -> None:
    for text in ("1.5", "+Inf", "-Inf", "0.1", "1e-7"):
        async with talking(saying(vector(text))) as port:
            assert (await ask(port)).value == Decimal(text)
    async with talking(saying(vector("NaN"))) as port:
        assert (await ask(port)).value.is_nan()
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [1, "7"]}}
    async with talking(saying(http_answer(json.dumps(scalar)))) as port:
        assert (await ask(port)).value == 7


@pytest.mark.parametrize(
    ("asked", "found", "same"),
    [
        ('up{job="a"}', {"__name__": "up", "job": "a", "instance": "x"}, True),
        ('up{job="a"}', {"__name__": "up", "job": "b"}, False),
        ('up{job="a"}', {"__name__": "down", "job": "a"}, False),
        ('up{job!="a"}', {"__name__": "up", "job": "a"}, False),
        ('up{replica="0"}', {"__name__": "up"}, True),  # Thanos joins replicas
        ('up{job=~"a|b"}', {"__name__": "up", "job": "b"}, True),
        ("up", {}, True),
    ],
)
async def test_a3_a_series_is_the_one_that_was_asked_for(asked: str, found: dict[str, str], same: bool) -> None:
    pair = [1700000000, "5"]
    one = {"resultType": "vector", "result": [{"metric": found, "value": pair}]}
    many = {"resultType": "matrix", "result": [{"metric": found, "values": [pair]}]}
    selector = parse_selector(asked)
    for data in (one, many):
        async with talking(saying(http_answer(json.dumps({"status": "success", "data": data})))) as port:
            backend = PrometheusBackend(Metrics(prometheus=f"http://127.0.0.1:{port}"), {})
            try:
                with contextlib.nullcontext() if same else pytest.raises(Blind, match="another series"):
                    if data is one:
                        assert (await backend.read(Value(selector))).value == 5
                    else:
                        (series,) = (await backend.raw(selector, 1699999999_000, 1700000001_000)).series
                        assert series.samples == ((1700000000_000, 5.0),)
            finally:
                await backend.aclose()


async def test_warnings_are_reservations_and_infos_are_not() -> None:
    async with talking(saying(vector("1", warnings=["partial \x1b[31mresponse"], infos=["by the way"]))) as port:
        reading = await ask(port)
        assert reading.notes == ("partial response",)
        assert reading.remarks == ("by the way",)
        metrics = Metrics(prometheus=f"http://127.0.0.1:{port}")
        _, outcome = await run_probe("promql", query="up", metrics=metrics, expect=["value == 1"])
    assert outcome.verdict is State.DEGRADED


@pytest.mark.parametrize(
    ("answer", "reason", "said"),
    [
        (vector(), Reason.NO_DATA, "no series"),
        (vector("1", "2", "3"), Reason.VALUE, "3 series, not one: aggregate it"),
        (vector("one"), Reason.PROTOCOL, "no number"),
        (http_answer("<!DOCTYPE html><title>Sign in</title>", kind="text/html"), Reason.PROTOCOL, "login page"),
        (http_answer("pong"), Reason.PROTOCOL, "pong"),
        (http_answer("[" * 100_000), Reason.PROTOCOL, "unexpected response, not a Prometheus"),
        (http_answer("null"), Reason.PROTOCOL, "unexpected response, not a Prometheus"),
        (http_answer('{"status":"success"}'), Reason.PROTOCOL, "unexpected response, not a Prometheus"),
        (
            http_answer('{"status":"success","data":{"resultType":"matrix","result":[]}}'),
            Reason.PROTOCOL,
            "returns a matrix",
        ),
        (
            http_answer(
                '{"status":"error","errorType":"bad_data","error":"1:3: parse error: \\u001b[31mbad"}',
                status="400 Bad Request",
            ),
            Reason.STATUS,
            "400 bad_data: 1:3: parse error: bad",
        ),
        (
            http_answer(
                '{"status":"error","errorType":"execution","error":"many-to-many"}', status="422 Unprocessable"
            ),
            Reason.STATUS,
            "many-to-many",
        ),
        (
            http_answer(
                '{"status":"error","errorType":"execution","error":"context deadline exceeded"}', status="422 X"
            ),
            Reason.TIMEOUT,
            "deadline",
        ),
        (
            http_answer('{"status":"error","errorType":"timeout","error":"query timed out"}', status="503 X"),
            Reason.TIMEOUT,
            "query timed out",
        ),
        (http_answer("try later", status="503 Unavailable", kind="text/plain"), Reason.STATUS, "503: try later"),
        (http_answer("", status="401 Unauthorized"), Reason.DENIED, "access denied"),
        (http_answer("", status="404 Not Found"), Reason.PROTOCOL, "no Prometheus API"),
        (
            http_answer("", status="302 Found", more="Location: https://u:p@sso.example/login?t=s3cret\r\n"),
            Reason.REDIRECT,
            "https://sso.example/login:",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n", Reason.TOO_LARGE, "32 MiB"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Reason.PROTOCOL, "was truncated"),
        (b"not http at all\r\n\r\n", Reason.PROTOCOL, "not HTTP"),
        (b"", Reason.PROTOCOL, "without a response"),
    ],
)
async def test_why_there_is_no_number(answer: bytes, reason: Reason, said: str) -> None:
    caught = await blind(answer)
    assert caught.reason is reason, caught
    assert said in caught.detail
    assert "s3cret" not in caught.detail
    assert "\x1b" not in caught.detail


async def test_c12_a_503_of_a_proxy_is_asked_once_more_and_then_told() -> None:
    asked = 0

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await saying(http_answer("busy", status="503 Service Unavailable"))(reader, writer)

    assert (await blind(busy)).reason is Reason.STATUS
    assert asked == 2


async def test_refused_and_unknown() -> None:
    with pytest.raises(Blind) as caught:
        await ask(free_port())
    assert caught.value.reason is Reason.REFUSED
    backend = open_backend(Metrics(prometheus="http://nonexistent.invalid:9090"), {})
    with pytest.raises(Blind) as caught:
        await backend.read(Promql("up"))
    assert caught.value.reason is Reason.DNS
    await backend.aclose()


def _threads() -> int:
    return sum(1 for each in threading.enumerate() if each.name.startswith("prometheus") and _busy(each))


def _busy(thread: threading.Thread) -> bool:
    import sys
    import traceback

    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and any("session.py" in line.filename for line in traceback.extract_stack(frame))


@pytest.mark.parametrize("where", ["nothing", "head", "body", "chunks"])
async def test_a_deadline_that_holds_and_a_thread_that_comes_back(where: str) -> None:
    heads = {
        "head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    }

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if where == "nothing":
            await asyncio.Event().wait()
        writer.write(heads[where])
        while True:
            writer.write(b"1\r\na\r\n" if where == "chunks" else b"a")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with talking(trickle) as port:
        backend = PrometheusBackend(Metrics(prometheus=f"http://127.0.0.1:{port}", timeout=0.5), {})
        clock = Stopwatch()
        many = await asyncio.gather(*(backend.read(Promql("up")) for _ in range(6)), return_exceptions=True)
        assert clock.seconds < 0.8
        assert all(isinstance(each, Blind) and each.reason is Reason.TIMEOUT for each in many), many
        await asyncio.to_thread(until, lambda: _threads() == 0, 2.0, "the threads' return")
        await backend.aclose()


async def test_long_queries_travel_in_the_body_and_short_ones_in_the_url() -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        heard.append(head + (await reader.readexactly(length[0]) if length else b""))
        writer.write(vector("1"))

    long = 'up{a=~"' + "|".join(f"host-{i}&x" for i in range(300)) + '"}'
    async with talking(talk) as port:
        assert (await ask(port, long)).value == 1
        assert (await ask(port, "up")).value == 1
    posted, got = heard
    assert posted.startswith(b"POST /api/v1/query HTTP/1.1")
    assert parse_qs(posted.partition(b"\r\n\r\n")[2].decode())["query"] == [long]
    assert got.startswith(b"GET /api/v1/query?query=up HTTP/1.1")
    assert b"time=" not in got


async def test_headers_and_the_time_of_evaluation() -> None:
    heard = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readuntil(b"\r\n\r\n")
        writer.write(vector("1"))

    async with talking(talk) as port:
        metrics = Metrics(
            prometheus=f"http://127.0.0.1:{port}/",
            headers={"X-Scope-OrgID": "artisan"},
            bearer_token=Secret("env", "TOKEN"),
        )
        backend = PrometheusBackend(metrics, {"TOKEN": "s3cret"})
        await backend.read(Promql("up"), at=1700000000.5)
        assert heard.startswith(b"GET /api/v1/query?query=up&time=1700000000.500 ")
        assert b"X-Scope-OrgID: artisan\r\n" in heard
        assert b"Authorization: Bearer s3cret\r\n" in heard
        missing = PrometheusBackend(metrics, {})
        with pytest.raises(Blind) as caught:
            await missing.read(Promql("up"))
        assert caught.value.reason is Reason.INTERNAL
        assert "TOKEN" in caught.value.detail
        await missing.aclose()
        await backend.aclose()


async def test_basic_authentication() -> None:
    heard = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readuntil(b"\r\n\r\n")
        writer.write(vector("1"))

    async with talking(talk) as port:
        await ask(port, username="u", password=Secret("env", "TOKEN"))
    assert b"Authorization: Basic dTpzM2NyZXQ=\r\n" in heard


async def test_tls_is_verified_by_the_configured_authority(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with talking(saying(vector("1")), server_tls(cert, key)) as port:
        for ca, reason in ((str(cert), None), (None, Reason.TLS)):
            backend = open_backend(Metrics(prometheus=f"https://localhost:{port}", ca_file=ca), {})
            if reason is None:
                assert (await backend.read(Promql("up"))).value == 1
            else:
                with pytest.raises(Blind) as caught:
                    await backend.read(Promql("up"))
                assert caught.value.reason is reason
                assert "self-signed" in caught.value.detail
            await backend.aclose()


async def test_a_probe_is_blind_whatever_the_backend_says() -> None:
    metrics = Metrics(prometheus=f"http://127.0.0.1:{free_port()}")
    for kind, keys in (("promql", {"query": "up"}), ("measure", {"measure": {"value": "up"}})):
        seen, outcome = await run_probe(kind, metrics=metrics, **keys)
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.REFUSED)
        assert seen.query == "up"
    async with talking(saying(vector("NaN"))) as port:
        metrics = Metrics(prometheus=f"http://127.0.0.1:{port}")
        _, outcome = await run_probe("promql", query="up", metrics=metrics)
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.NAN)
    async with talking(saying(vector("NaN"))) as port:
        _, outcome = await run_probe("promql", query="up", metrics=metrics)
        assert outcome.verdict is State.UNKNOWN
    _, outcome = await run_probe("promql", query="up", metrics=None)
    assert outcome.verdict is State.UNKNOWN
