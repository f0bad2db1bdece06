"""The http kind: large bodies off the loop, and connections that are kept."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.sources.body import parse_json
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.probe_context import ProbeContext
from support.http_probes import HEALTHY
from support.probing import reason, run_probe
from support.servers import http_answer, saying, talking


async def test_large_json_is_parsed_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    import artisan_tui.sources.checks.http as kind

    threads: list[bool] = []

    def parse(text: str) -> object:
        threads.append(threading.current_thread() is threading.main_thread())
        return parse_json(text)

    monkeypatch.setattr(kind, "parse_json", parse)
    for count, on_the_loop in ((10, True), (14_000, False)):
        body = json.dumps([{"n": i, "name": "x" * 20, "v": i / 7} for i in range(count)])
        async with talking(saying(http_answer(body))) as port:
            seen = await run_probe("http", url=f"http://127.0.0.1:{port}/", expect=['body."x" == 1'], timeout="5s")
        assert reason(seen) is Reason.MISSING
        assert threads.pop() is on_the_loop


async def test_a_connection_is_reused_but_a_dead_server_is_not_hidden() -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await saying(HEALTHY, keep=True)(reader, writer)

    spec_keys = {"id": "x", "kind": "http", "timeout": "2s"}
    probe_context = ProbeContext.open(None, {})
    async with talking(talk) as port:
        spec = KINDS["http"].spec.model_validate({**spec_keys, "url": f"http://127.0.0.1:{port}/"})
        probe = KINDS["http"].open(spec, probe_context)
        for _ in range(5):
            assert (await probe.probe()).failure is None
        assert connections == 2  # nobody knew yet that more would be asked; the second one is kept
        # Whatever is older than a few seconds is seen on a new connection.
        probe_context.connections._asked.clear()
        assert (await probe.probe()).failure is None
        assert connections == 3
    # The server is gone, its kept connection with it: retried once, and then told.
    failed = (await probe.probe()).failure
    assert failed is not None
    assert failed.reason is Reason.REFUSED
    await probe_context.aclose()


async def test_a_server_that_accepts_nobody_any_more_is_seen_over_kept_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("artisan_tui.sources.connections.FRESH_FOR", 0.5)
    probe_context = ProbeContext.open(None, {})
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await saying(HEALTHY, keep=True)(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    probe = KINDS["http"].open(
        KINDS["http"].spec.model_validate({"id": "x", "kind": "http", "url": url}), probe_context
    )
    for _ in range(3):
        assert (await probe.probe()).failure is None
    assert len(tasks) == 2
    server.close()  # the old connections go on answering
    stopped = asyncio.get_running_loop().time()
    while (failed := (await probe.probe()).failure) is None:
        assert asyncio.get_running_loop().time() < stopped + 0.7, "hidden for longer than a connection may be kept"
        await asyncio.sleep(0.01)
    assert failed.reason is Reason.REFUSED
    await probe_context.aclose()


async def test_what_fails_on_a_new_connection_is_not_tried_again() -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")

    probe_context = ProbeContext.open(None, {})
    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        probe = KINDS["http"].open(
            KINDS["http"].spec.model_validate({"id": "x", "kind": "http", "url": url}), probe_context
        )
        for probes in (1, 2, 3):
            failed = (await probe.probe()).failure
            assert failed is not None
            assert failed.reason is Reason.PROTOCOL
            assert asked == probes
    await probe_context.aclose()


@pytest.mark.parametrize(("method", "verdicts"), [("GET", 3), ("POST", 2)])
async def test_a_kept_connection_that_died_is_no_failure_unless_asking_twice_may_do_twice(
    method: str, verdicts: int
) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await saying(HEALTHY)(reader, writer)  # once,
        if connections == 2:
            await reader.readuntil(b"\r\n\r\n")  # and then the hang-up comes instead of an answer
        else:
            await saying(HEALTHY, keep=True)(reader, writer)

    probe_context = ProbeContext.open(None, {})
    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        spec = KINDS["http"].spec.model_validate({"id": "x", "kind": "http", "url": url, "method": method})
        probe = KINDS["http"].open(spec, probe_context)
        seen = [(await probe.probe()).failure for _ in range(3)]
    await probe_context.aclose()
    assert [failed is None for failed in seen].count(True) == verdicts


async def test_a_secret_that_changed_is_sent_as_it_is_now(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer("{}"))

    token = tmp_path / "token"
    probe_context = ProbeContext.open(None, {})
    async with talking(talk) as port:
        url = f"http://127.0.0.1:{port}/"
        keys = {"id": "x", "kind": "http", "url": url, "bearer_token": f"file:{token}"}
        probe = KINDS["http"].open(KINDS["http"].spec.model_validate(keys), probe_context)
        for word in ("token-one-5512", "token-one-5512", "token-two-5512"):
            token.write_text(word)
            assert (await probe.probe()).failure is None
        token.unlink()
        failed = (await probe.probe()).failure
        assert failed is not None
        assert failed.blind
    await probe_context.aclose()
    assert [b"token-one-5512" in each for each in heard] == [True, True, False]
    assert b"Bearer token-two-5512" in heard[2]


async def test_cookies_do_not_travel_between_probes() -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer("{}", more="Set-Cookie: a=b; Path=/\r\n"))

    probe_context = ProbeContext.open(None, {})
    async with talking(talk) as port:
        spec = KINDS["http"].spec.model_validate({"id": "x", "kind": "http", "url": f"http://127.0.0.1:{port}/"})
        probe = KINDS["http"].open(spec, probe_context)
        for _ in range(3):
            await probe.probe()
    await probe_context.aclose()
    assert not any(b"cookie" in each.lower() for each in heard)
