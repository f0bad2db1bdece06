"""The http kind against real sockets: conditions, bodies and their spelling."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from artisan_tui.domain.probe_result import MISSING
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.lookup import search
from support.http_probes import HEALTHY
from support.probing import reason, run_probe
from support.servers import http_answer, saying, talking


async def test_an_answer_is_all_there() -> None:
    async with talking(saying(HEALTHY)) as port:
        seen, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/health")
    assert outcome.verdict is State.UP
    assert seen.answers["status"] == 200
    assert seen.answers["header"]["content-type"] == "application/json"  # type: ignore[index]
    assert seen.latency is not None
    assert 0 < seen.latency < 2
    assert '"healthy"' in seen.excerpt
    assert seen.query.startswith("GET http://127.0.0.1")
    body = seen.answers["body"]
    assert search("load", body) == Decimal("10.9")
    assert search("services.db", body) is None
    assert search("services.redis", body) is MISSING


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        (["body.load > 10"], State.UP),
        (["body.status == healthy", "header.content-type ~ json", "latency < 1s"], State.UP),
        (['body ~ "healthy"'], State.UP),
        (["body.services.db == null"], State.UP),
        (["body.services.redis == healthy"], State.UNKNOWN),
        (["status == 204"], State.DOWN),
        (["body.load <= 10"], State.DOWN),
    ],
)
async def test_conditions(expect: list[str], verdict: State) -> None:
    async with talking(saying(HEALTHY)) as port:
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=expect)
    assert outcome.verdict is verdict


async def test_the_request_is_what_was_asked_for() -> None:
    heard = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2)
        writer.write(http_answer("{}"))

    async with talking(talk) as port:
        _, outcome = await run_probe(
            "http",
            url=f"http://127.0.0.1:{port}/a?b=c",
            method="POST",
            headers={"X-Tenant": "artisan", "Authorization": "env:NOPE", "Host": "inside"},
            bearer_token="env:TOKEN",
            body="hi",
            environ={"TOKEN": "s3cret\n", "NOPE": "x"},
        )
    assert outcome.verdict is State.UP
    text = heard.decode().lower()
    assert text.startswith("post /a?b=c http/1.1")
    assert "authorization: bearer s3cret\r\n" in text
    assert "x-tenant: artisan" in text
    assert text.count("host:") == 1
    assert "host: inside" in text
    assert text.endswith("hi")


async def test_a_missing_secret_is_our_fault_and_says_nothing_about_the_target() -> None:
    seen, outcome = await run_probe("http", url="http://127.0.0.1:1/", bearer_token="env:TOKEN")
    assert outcome.verdict is State.UNKNOWN
    assert "TOKEN" in outcome.detail
    assert seen.failure is not None
    assert seen.failure.blind


async def test_a_secret_that_cannot_be_a_header_is_not_repeated() -> None:
    async with talking(saying(HEALTHY)) as port:
        for token in ("s3cr\r\net: x", "s3cré\u8a9e"):
            _, outcome = await run_probe(
                "http", url=f"http://127.0.0.1:{port}/", bearer_token="env:T", environ={"T": token}
            )
            assert outcome.verdict is State.UNKNOWN
            assert "variable T has characters that an HTTP header cannot carry" in outcome.detail
            assert "s3cr" not in outcome.detail


@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8"])
async def test_invalid_utf8(kind: str) -> None:
    async with talking(saying(http_answer(b'{"status": "\xff\xfe"}', kind=kind))) as port:
        url = f"http://127.0.0.1:{port}/"
        seen, outcome = await run_probe("http", url=url, expect=["body.status == healthy"])
        unread, unasked = await run_probe("http", url=url)
    assert outcome.reason is Reason.ENCODING
    assert "byte 12" in outcome.detail
    assert "\ufffd" in seen.excerpt
    assert unasked.verdict is State.UP
    assert "byte 12" in unread.remarks[0]


async def test_an_old_charset_is_honoured_when_stated_and_forgiven_when_nobody_reads_it() -> None:
    words = "정상".encode("euc-kr")
    async with talking(saying(http_answer(words, kind="text/plain; charset=euc-kr"))) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body == 정상"])) is Reason.OK
    async with talking(saying(http_answer(words, kind="text/html"))) as port:
        seen, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/")
        assert outcome.verdict is State.UP
        assert "UTF-8" in seen.remarks[0]
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body ~ 정"])) is Reason.ENCODING


async def test_invalid_json_says_where() -> None:
    async with talking(saying(http_answer('{"a": 1,\n  "b": }'))) as port:
        url = f"http://127.0.0.1:{port}/"
        _, outcome = await run_probe("http", url=url, expect=["status == 200", "body.a == 1"])
        assert outcome.reason is Reason.BODY
        assert "line 2 column 8" in outcome.detail
        # Nobody needs the JSON: the answer is as good as it says.
        assert reason(await run_probe("http", url=url)) is Reason.OK


async def test_a_proxy_s_error_page_is_a_status_first() -> None:
    async with talking(saying(http_answer("<html>502</html>", status="502 Bad Gateway", kind="text/html"))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert reason(await run_probe("http", url=url, expect=["status == 200", "body.a == 1"])) is Reason.STATUS


@pytest.mark.parametrize(
    ("body", "expect", "expected"),
    [
        ('{"v": NaN}', "body.v > 1", Reason.NAN),
        ('{"v": Infinity}', "body.v > 1", Reason.OK),
        ('{"v": 1e999999999}', "body.v > 1", Reason.OK),
        ('{"v": -1e99999999999999999999999}', "body.v < 0", Reason.OK),
        ('{"v": 1e-99999999999999999999999}', "body.v == 0", Reason.OK),
        (f'{{"v": {"9" * 100_000}}}', "body.v > 1", Reason.OK),
        (f'{{"v": 0.{"3" * 100_000}}}', "body.v > 0.3", Reason.OK),
        ("[" * 100_000 + "]" * 100_000, "body[0] == 1", Reason.BODY),
        ('{"v":' * 50_000 + "1" + "}" * 50_000, "body.v == 1", Reason.BODY),
        ('{"queue": 5}', "body.depth < 100", Reason.MISSING),
        ('{"v": 10.9}', "body.v > 10", Reason.OK),
        ('{"v": 0.1}', "body.v == 0.1", Reason.OK),
        ('{"v": "\\ud800"}', "body.v ~ .", Reason.OK),
        ("true", "body == true", Reason.OK),
        ("null", "body == null", Reason.OK),
        ("42", "body == 42", Reason.OK),
        ('"ok"', "body == ok", Reason.OK),
        ("", "body.v == 1", Reason.BODY),
    ],
)
async def test_json_as_it_comes(body: str, expect: str, expected: Reason) -> None:
    expect = expect.replace("body[0]", 'body."0"')
    async with talking(saying(http_answer(body))) as port:
        assert reason(await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=[expect])) is expected


async def test_escape_sequences_and_markup_stay_text() -> None:
    body = "\x1b]0;owned\x07\x1b[31m[bold red]hi[/]\x1b[2J\u202e\nline two"
    async with talking(saying(http_answer(body, kind="text/plain"))) as port:
        seen, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=["body == fine"])
    assert seen.excerpt == "[bold red]hi[/]\nline two"
    assert "\x1b" not in outcome.detail


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("unhealthy", State.DOWN),
        ("DOWN", State.DOWN),
        ("fail", State.DOWN),
        ("degraded", State.DEGRADED),
        ("healthy", State.UP),
        ("ok", State.UP),
    ],
)
async def test_a_200_that_says_it_is_not_well(word: str, verdict: State) -> None:
    async with talking(saying(http_answer(json.dumps({"status": word})))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert (await run_probe("http", url=url))[1].verdict is verdict
        assert (await run_probe("http", url=url, expect=["status == 200"]))[1].verdict is verdict
        # Somebody who reads the body has said what it must say.
        assert (await run_probe("http", url=url, expect=[f"body.status == {word}"]))[1].verdict is State.UP


async def test_freshness() -> None:
    now = datetime.now(UTC)
    for made, verdict, said in (
        (now.isoformat(), State.UP, Reason.OK),
        (int(now.timestamp()), State.UP, Reason.OK),
        (int(now.timestamp() * 1000), State.UP, Reason.OK),
        ((now - timedelta(minutes=5)).isoformat(), State.UNKNOWN, Reason.STALE),
        ((now + timedelta(hours=9)).isoformat(), State.UNKNOWN, Reason.STALE),
        (now.replace(tzinfo=None).isoformat(), State.UNKNOWN, Reason.BODY),
        (None, State.UNKNOWN, Reason.MISSING),
        ("yesterday", State.DOWN, Reason.BODY),
        (10**30, State.DOWN, Reason.BODY),
    ):
        async with talking(saying(http_answer(json.dumps({"checked_at": made})))) as port:
            rule = {"path": "checked_at", "within": "2m"}
            _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", freshness=rule)
        assert (outcome.verdict, outcome.reason) == (verdict, said), made
