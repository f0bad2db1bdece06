"""What a Prometheus remembers: against servers that lie, stall and refuse."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.secret import Secret
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.sources.metrics import Blind, open_backend, open_range_source
from artisan_tui.sources.metrics.about import retention_seconds
from artisan_tui.sources.metrics.prometheus import PrometheusBackend
from support.range_answers import SELECTOR, matrix, one
from support.servers import free_port, http_answer, saying, talking
from support.stopwatch import Stopwatch

AT = 1_700_000_000_123


@asynccontextmanager
async def remembering(answer: bytes, **keys: object) -> AsyncIterator[tuple[PrometheusBackend, list[bytes]]]:
    """A backend on a server that always says ``answer``, and the requests it heard."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        heard.append(head + (await reader.readexactly(length[0]) if length else b""))
        writer.write(answer)

    async with talking(talk) as port:
        metrics = Metrics.model_validate({"prometheus": f"http://127.0.0.1:{port}", "timeout": 2.0, **keys})
        backend = PrometheusBackend(metrics, {"TOKEN": "s3cret"})
        try:
            yield backend, heard
        finally:
            await backend.aclose()


def fields(request: bytes) -> dict[str, str]:
    target = request.split(b" ", 2)[1].decode()
    query = target.partition("?")[2] or request.partition(b"\r\n\r\n")[2].decode()
    return {name: values[0] for name, values in parse_qs(query).items()}


async def test_raw_asks_for_exactly_the_span_and_cuts_the_edge() -> None:
    """2.x includes the left edge of a range, 3.x does not: at the last ms both have it all."""
    seconds = AT / 1000
    found = one((seconds - 0.001, "1"), (seconds, "2"), (seconds + 74.999, "+Inf"), (seconds + 75, "4"), code="500")
    answer = matrix(found, one((seconds - 9, "1"), code="501"))
    async with remembering(answer, headers={"X-Scope-OrgID": "artisan"}) as (backend, heard):
        read = await backend.raw(SELECTOR, AT, AT + 75_000)
        assert await backend.raw(SELECTOR, AT, AT) == type(read)()
    assert read.series == (CounterSeries({"code": "500"}, ((AT, 2.0), (AT + 74_999, math.inf))),)
    assert fields(heard[0]) == {"query": 'r_total{code=~"5.."}[75s]', "time": "1700000075.122"}
    assert heard[0].startswith(b"GET /api/v1/query?")
    assert b"X-Scope-OrgID: artisan\r\n" in heard[0]
    assert read.query == 'r_total{code=~"5.."}[75s] @ 1700000075.122'
    assert len(heard) == 1


async def test_milliseconds_come_whole() -> None:
    times = [AT + n * 997 for n in range(3000)]
    answer = matrix(one(*((at / 1000, str(n)) for n, at in enumerate(times))))
    async with remembering(answer) as (backend, _):
        read = await backend.raw(SELECTOR, AT, AT + 10_000_000)
    assert [at for at, _ in read.series[0].samples] == times
    assert read.count == 3000


async def test_warnings_make_it_partial_and_infos_do_not() -> None:
    more = {"warnings": ["partial \x1b[31mresponse", "PromQL info: not a counter"], "infos": ["by the way"]}
    async with remembering(matrix(one((AT / 1000, "1")), **more)) as (backend, _):
        for read in (await backend.raw(SELECTOR, AT, AT + 1), await backend.stepped("x", AT, AT + 1, 1000)):
            assert read.notes == ("partial response",)
            assert read.remarks == ("by the way", "PromQL info: not a counter")


@pytest.mark.parametrize(
    "text",
    [
        '{"data": {"result": [{"values": [[1700000000.5, "7"]], "metric": {}}], "resultType": "matrix"}, "status": "success"}',
        '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1700000000.5,"7"]]}]}}',
        """ {"status" : "success", "data" : {"resultType" : "matrix", "result" : [ {"metric":{}, "histograms": []} ,
        {"metric":{},"values":[[1700000000.5,"7"]]} ] , "stats": {"a": [1]} } }
        """,
    ],
)
async def test_a_matrix_however_it_is_written(text: str) -> None:
    async with remembering(http_answer(text)) as (backend, _):
        read = await backend.raw(SELECTOR, AT, AT + 1000)
    assert read.series == (CounterSeries({}, ((1_700_000_000_500, 7.0),)),)


BEGUN = '{"status":"success","data":{"resultType":"matrix","result":['


def refusal(status: str, kind: str, error: str) -> bytes:
    return http_answer(json.dumps({"status": "error", "errorType": kind, "error": error}), status=status)


@pytest.mark.parametrize(
    ("answer", "reason", "divisible"),
    [
        (refusal("422 X", "execution", "expanding series: context deadline exceeded"), Reason.TIMEOUT, True),
        (refusal("503 X", "timeout", "query timed out in expression evaluation"), Reason.TIMEOUT, True),
        (refusal("422 X", "execution", "query processing would load too many samples"), Reason.STATUS, True),
        (refusal("400 X", "bad_data", "exceeded maximum resolution of 11,000 points"), Reason.STATUS, True),
        (refusal("422 X", "execution", "exceeded series limit 10"), Reason.STATUS, True),
        (refusal("400 X", "bad_data", "1:3: parse error"), Reason.STATUS, False),
        (refusal("401 X", "bad_data", "exceeded nothing"), Reason.DENIED, False),
        (http_answer("upstream", status="504 Gateway Timeout", kind="text/plain"), Reason.TIMEOUT, True),
        (http_answer("busy", status="503 Unavailable", kind="text/plain"), Reason.STATUS, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n", Reason.TOO_LARGE, True),
        (http_answer("<html>Sign in</html>", kind="text/html"), Reason.PROTOCOL, False),
        (http_answer('{"status":"success","data":{"resultType":"vector","result":[]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":{}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":{},"values":[[1,"one"]]}]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":{},"values":[["1","1"]]}]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":{},"values":[[NaN,"1"]]}]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":{},"values":[[1e999,"1"]]}]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '{"metric":7,"values":[]}]}}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + "7]}}"), Reason.PROTOCOL, False),
        (http_answer(BEGUN + '],"x":1},"data":7}'), Reason.PROTOCOL, False),
        (http_answer(BEGUN + "[" * 100_000), Reason.PROTOCOL, False),
        (http_answer('{"status":"success","data":{"resultType":"matrix","result":7}}'), Reason.PROTOCOL, False),
    ],
)
async def test_why_there_are_no_samples_and_whether_fewer_may_help(
    answer: bytes, reason: Reason, divisible: bool
) -> None:
    async with remembering(answer) as (backend, heard):
        for ask in (backend.raw(SELECTOR, AT, AT + 60_000), backend.stepped("up", AT, AT + 60_000, 1000)):
            with pytest.raises(Blind) as caught:
                await ask
            assert (caught.value.reason, caught.value.divisible) == (reason, divisible), caught.value
        # Nothing is asked twice, except of a proxy that says 503 by itself.
        assert len(heard) == (4 if b"503 Unavailable" in answer else 2)


async def test_a_trickle_ends_at_the_deadline() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with talking(trickle) as port:
        range_source = PrometheusBackend(Metrics(prometheus=f"http://127.0.0.1:{port}", timeout=0.4), {})
        asks: list[Callable[[], Awaitable[object]]] = [
            lambda: range_source.raw(SELECTOR, AT, AT + 1000),
            lambda: range_source.stepped("up", AT, AT + 1000, 1000),
            range_source.now_ms,
            range_source.retention,
        ]
        for ask in asks:
            clock = Stopwatch()
            with pytest.raises(Blind) as caught:
                await ask()
            assert caught.value.reason is Reason.TIMEOUT
            assert caught.value.divisible
            assert clock.seconds < 0.9
        await range_source.aclose()


async def test_steps_are_split_below_the_servers_limit_and_long_queries_posted() -> None:
    async with remembering(matrix(one((AT / 1000, "NaN")))) as (backend, heard):
        read = await backend.stepped("up", 60_000, 60_000 + 60_000 * 11_001, 60_000)
        await backend.stepped("up" + " " * 2000, 0, 1001, 1000)
    asked = [fields(each) for each in heard]
    assert asked[0] == {"query": "up", "start": "60.000", "end": "660000.000", "step": "60.000"}
    assert asked[1] == {"query": "up", "start": "660060.000", "end": "660060.000", "step": "60.000"}
    assert heard[0].startswith(b"GET /api/v1/query_range?")
    assert heard[2].startswith(b"POST /api/v1/query_range HTTP/1.1")
    assert (asked[2]["start"], asked[2]["end"]) == ("0.000", "1.000")
    assert math.isnan(read.series[0].samples[0][1])


async def test_the_servers_clock() -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [1, "1700000000.123"]}}
    async with remembering(http_answer(json.dumps(scalar))) as (backend, heard):
        assert await backend.now_ms() == AT
        assert fields(heard[0]) == {"query": "time()"}
    scalar["data"] = {"resultType": "scalar", "result": [1, "NaN"]}
    async with remembering(http_answer(json.dumps(scalar))) as (backend, _):
        with pytest.raises(Blind):
            await backend.now_ms()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15d", 1_296_000.0),
        ("30d or 50GB", 2_592_000.0),
        ("1y2w", 32_745_600.0),
        ("50GB or 1h30m", 5400.0),
        ("1500ms", 1.5),
        ("50GB", None),
        ("0s", None),
        ("", None),
        ("forever", None),
        ("９d", None),
    ],
)
def test_how_long_a_server_keeps(text: str, seconds: float | None) -> None:
    assert retention_seconds(text) == seconds


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http_answer('{"status":"success","data":{"storageRetention":"15d"}}'), 1_296_000.0),
        (http_answer('{"status":"success","data":{}}'), None),
        (http_answer('{"status":"success","data":{"storageRetention":7}}'), None),
        (http_answer("<html>", kind="text/html"), None),
        (http_answer("[]"), None),
        (http_answer("404 page not found", status="404 Not Found", kind="text/plain"), None),
        (http_answer("", status="401 Unauthorized"), Reason.DENIED),
        (http_answer("", status="503 Unavailable"), Reason.STATUS),
        (b"", Reason.PROTOCOL),
    ],
)
async def test_what_a_server_says_of_its_memory(answer: bytes, expected: object) -> None:
    async with remembering(answer, headers={"X-Scope-OrgID": "artisan"}) as (backend, heard):
        if isinstance(expected, Reason):
            with pytest.raises(Blind) as caught:
                await backend.retention()
            assert caught.value.reason is expected
        else:
            assert await backend.retention() == expected
        assert heard[0].startswith(b"GET /api/v1/status/runtimeinfo HTTP/1.1")
        assert b"x-scope-orgid: artisan\r\n" in heard[0].lower()


async def test_a_missing_secret_is_named() -> None:
    metrics = Metrics(prometheus=f"http://127.0.0.1:{free_port()}", bearer_token=Secret("env", "TOKEN"))
    backend = PrometheusBackend(metrics, {})
    for ask in (backend.retention(), backend.raw(SELECTOR, 0, 1000)):
        with pytest.raises(Blind) as caught:
            await ask
        assert "TOKEN" in caught.value.detail
    await backend.aclose()


async def test_history_is_another_server_with_the_same_headers() -> None:
    async with talking(saying(matrix())) as port:
        url = f"http://127.0.0.1:{port}"
        metrics = Metrics(scrape=("http://127.0.0.1:1/metrics",), history=url, headers={"X-Scope-OrgID": "a"})
        backend = open_backend(metrics, {})
        range_source = open_range_source(metrics, {}, backend)
        assert id(range_source) != id(backend)
        assert isinstance(range_source, PrometheusBackend)
        assert range_source.url == url
        assert (await range_source.raw(SELECTOR, 0, 1000)).series == ()
        await range_source.aclose()
        await backend.aclose()
    for metrics in (Metrics(prometheus=url), Metrics(scrape=(url,)), Metrics(prometheus=url, history=url)):
        backend = open_backend(metrics, {})
        assert id(open_range_source(metrics, {}, backend)) == id(backend)
        await backend.aclose()
