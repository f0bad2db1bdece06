"""The heartbeat kind: files of every age, and calls over real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from artisan_tui.config.checks import Service
from artisan_tui.config.heartbeat import HeartbeatSettings
from artisan_tui.domain.checks.heartbeat import Heartbeat, newest
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.checks.heartbeat import HeartbeatSpec
from artisan_tui.sources.heartbeat_listener import MOST_CALLERS, HeartbeatListener, who_listens
from artisan_tui.sources.heartbeats import Heartbeats
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from support.probing import run_probe
from support.servers import free_port, http_answer, saying, talking

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


# -- a file that is touched ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "state", "reason", "said"),
    [
        (0, State.UP, Reason.OK, ""),
        (590, State.UP, Reason.OK, ""),
        (725, State.DOWN, Reason.STALE, "not touched for 12m5s, expected every 10m"),
        (90_000, State.DOWN, Reason.STALE, "not touched for 1d1h, expected every 10m"),
        (-30, State.UP, Reason.OK, ""),
        (-7200, State.UNKNOWN, Reason.STALE, "in the future: check the clocks"),
    ],
)
async def test_the_age_of_a_file(age: int, state: State, reason: Reason, said: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.done"
    file.touch()
    os.utime(file, (time.time() - age, time.time() - age))
    seen, outcome = await run_probe("heartbeat", file=str(file), within="10m")
    assert (outcome.verdict, outcome.reason) == (state, reason)
    assert said in outcome.detail
    if state is State.UP:
        assert abs(float(str(seen.answers["value"])) - max(age, 0)) < 5


async def test_a_file_that_is_not_there_or_may_not_be_seen(tmp_path: Path) -> None:
    _, outcome = await run_probe("heartbeat", file=str(tmp_path / "none"), within="10m")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT)
    assert "nothing has touched it yet" in outcome.detail
    (tmp_path / "file").touch()
    _, outcome = await run_probe("heartbeat", file=str(tmp_path / "file" / "below"), within="10m")
    assert outcome.reason is Reason.ABSENT
    _, outcome = await run_probe("heartbeat", file=str(tmp_path / ("x" * 300)), within="10m")
    assert outcome.verdict is State.UNKNOWN


async def test_a_tighter_condition_on_the_age(tmp_path: Path) -> None:
    file = tmp_path / "done"
    file.touch()
    os.utime(file, (time.time() - 300, time.time() - 300))
    _, outcome = await run_probe("heartbeat", file=str(file), within="10m", degraded=["value < 120"])
    assert outcome.verdict is State.DEGRADED


# -- calls --------------------------------------------------------------------------------------


async def _by_call(beats: Heartbeats, within: str = "10m", timeout: str = "2s") -> Outcome:
    service = Service.model_validate(
        {
            "id": "jobs",
            "check": [{"id": "backup", "kind": "heartbeat", "push": True, "within": within, "timeout": timeout}],
        },
        context={"kinds": {"heartbeat": HeartbeatSpec}},
        by_alias=True,
    )
    spec = service.checks[0]
    context = ProbeContext.open(None, {})
    context.heartbeats = beats
    probe_result = await KINDS["heartbeat"].open(spec, context).probe()
    await context.aclose()
    return assess(probe_result, spec.effective(), spec.degraded, search)


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("made", "state", "reason", "said"),
    [
        (lambda: Heartbeat(_ago(9000), _ago(5)), State.UP, Reason.OK, ""),
        (lambda: Heartbeat(_ago(9000), _ago(720)), State.DOWN, Reason.STALE, "no call for 12m"),
        (lambda: Heartbeat(_ago(60)), State.UNKNOWN, Reason.NO_DATA, "no call yet, expected every 10m"),
        (lambda: Heartbeat(_ago(720)), State.DOWN, Reason.STALE, "expected every 10m: it never came"),
        (
            lambda: Heartbeat(_ago(9000), _ago(5), True, "disk full"),
            State.DOWN,
            Reason.HEALTH,
            "reports a failure: disk full",
        ),
        (
            lambda: Heartbeat(_ago(9000), _ago(720), True, "x"),
            State.DOWN,
            Reason.STALE,
            "the last one reported a failure",
        ),
        (lambda: None, State.UNKNOWN, Reason.NO_DATA, "`artisan-tui watch` must be open"),
    ],
)
async def test_the_age_of_a_call(made: Callable[[], Heartbeat | None], state: State, reason: Reason, said: str) -> None:
    beat = made()  # its age counts from now, not from when the tests were collected
    beats = Heartbeats({"jobs.backup": beat, "other.backup": Heartbeat(_ago(1), _ago(1))} if beat else {})
    outcome = await _by_call(beats)
    assert (outcome.verdict, outcome.reason) == (state, reason)
    assert said in outcome.detail


async def test_what_an_earlier_session_heard_is_waited_for() -> None:
    beats = Heartbeats(complete=False)
    outcome = await _by_call(beats, timeout="100ms")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.PENDING)
    asking = asyncio.create_task(_by_call(beats))
    await asyncio.sleep(0)
    beats.take("jobs.backup", Heartbeat(_ago(50), _ago(5)))
    beats.complete.set()
    assert (await asking).verdict is State.UP


def test_of_two_sessions_the_later_call_and_the_earlier_begin_count() -> None:
    a, b, c = _ago(30), _ago(20), _ago(10)
    assert newest(Heartbeat(b), Heartbeat(a)) == Heartbeat(a)
    assert newest(Heartbeat(a, b, True, "x"), Heartbeat(b, c)) == Heartbeat(a, c)
    assert newest(Heartbeat(a, c), Heartbeat(b, b, True)) == Heartbeat(a, c)
    assert newest(Heartbeat(c), Heartbeat(a, b)) == Heartbeat(a, b)


# -- the listener -------------------------------------------------------------------------------


class Heard:
    """What a listener passed on."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bool, str]] = []
        self.written = True

    async def take(self, check_id: str, failed: bool, message: str) -> tuple[bool, bool]:
        if check_id != "jobs.backup":
            return False, False
        self.calls.append((check_id, failed, message))
        return True, self.written


@asynccontextmanager
async def listening(heard: Heard, token: str | None = None) -> AsyncIterator[str]:
    port = free_port()
    listener = HeartbeatListener(heard.take, lambda: token)
    await listener.open("127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await listener.close()


_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("query", "kind", "body", "failed", "message"),
    [
        ("", "", b"", False, ""),
        ("?status=ok", "", b"", False, ""),
        ("?status=fail", "", b"", True, ""),
        ("?status=FAIL&message=disk%20full", "", b"", True, "disk full"),
        ("", "text/plain", b"done in 3 s\n", False, "done in 3 s"),
        ("?status=fail", _FORM, b"rsync: exit 23", True, "rsync: exit 23"),
        ("", _FORM, b"status=fail&message=a+b", True, "a b"),
        ("", _JSON, '{"status": "fail", "message": "디스크", "more": [1]}'.encode(), True, "디스크"),
        ("?status=ok", _JSON, b'{"status": "fail"}', False, ""),
        ("", "text/plain", b"\x1b[2J\xff\n[bold]x", False, "\ufffd [bold]x"),
        ("", "text/plain", b"m" * 4096, False, "m" * 299 + "\u2026"),
    ],
)
async def test_what_a_call_says(query: str, kind: str, body: bytes, failed: bool, message: str) -> None:
    heard = Heard()
    async with listening(heard) as url, httpx.AsyncClient(trust_env=False) as client:
        headers = {"content-type": kind} if kind else {}
        answer = await client.post(f"{url}/heartbeat/jobs.backup{query}", content=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, "recorded\n")
    assert heard.calls == [("jobs.backup", failed, message)]


async def test_a_call_that_could_not_be_saved_says_so() -> None:
    heard = Heard()
    heard.written = False
    async with listening(heard) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{url}/heartbeat/jobs.backup")
    assert answer.status_code == 202
    assert "not saved" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "said"),
    [
        ("POST", "/heartbeat/jobs.gone", {}, b"", 404, "no heartbeat check 'jobs.gone'"),
        ("POST", "/heartbeat/%1b%5b2J", {}, b"", 404, "no heartbeat check"),
        ("POST", "/heartbeat/", {}, b"", 404, "POST /heartbeat/<service.check>"),
        ("POST", "/x/heartbeat/jobs.backup", {}, b"", 404, "POST /heartbeat"),
        ("GET", "/heartbeat/jobs.backup", {}, b"", 405, "with POST"),
        ("DELETE", "/heartbeat/jobs.backup", {}, b"", 405, "with POST"),
        ("POST", "/heartbeat/jobs.backup?status=dancing", {}, b"", 400, "status is ok or fail"),
        ("POST", "/heartbeat/jobs.backup", {"content-type": _JSON}, b"[1]", 400, "no JSON object"),
        ("POST", "/heartbeat/jobs.backup", {"content-type": _JSON}, b"[" * 4000, 400, "no JSON object"),
        ("POST", "/heartbeat/jobs.backup?" + "a=1&" * 50, {}, b"", 400, "parameters"),
        ("POST", "/heartbeat/jobs.backup", {}, b"x" * 4097, 413, "4096 bytes"),
        ("POST", "/heartbeat/jobs.backup", {}, b"x" * 200_000, 413, "4096 bytes"),
        ("POST", "/heartbeat/jobs.backup", {"origin": "https://evil.example"}, b"", 403, "web pages"),
    ],
)
async def test_calls_that_are_refused(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, said: str
) -> None:
    heard = Heard()
    async with listening(heard) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.request(method, url + path, headers=headers, content=body)
    assert answer.status_code == status
    assert said in answer.text
    assert "\x1b" not in answer.text
    assert heard.calls == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer s3cret", 200),
        ("bearer  s3cret", 200),
        ("Bearer s3cre", 401),
        ("Bearer s3cret2", 401),
        ("Bearer \xe9", 401),
        ("Basic s3cret", 401),
        ("", 401),
    ],
)
async def test_the_token(header: str, status: int) -> None:
    heard = Heard()
    async with listening(heard, "s3cret") as url, httpx.AsyncClient(trust_env=False) as client:
        headers = {"authorization": header.encode("latin-1")} if header else {}
        answer = await client.post(f"{url}/heartbeat/jobs.backup", headers=headers)
    assert answer.status_code == status
    assert len(heard.calls) == (status == 200)
    assert "s3cret" not in answer.text


async def _raw(url: str, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(data)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
        (
            b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"800\r\n"
            + b"x" * 0x800
            + b"\r\n"
            + b"900\r\n"
            + b"x" * 0x900
            + b"\r\n0\r\n\r\n",
            b"413",
        ),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", b"400"),
        (b"", b""),
    ],
)
async def test_hostile_bytes_are_answered_or_dropped(data: bytes, status: bytes) -> None:
    heard = Heard()
    async with listening(heard) as url:
        answer = await _raw(url, data)
        assert answer[9:12] == status
        assert heard.calls == []
        # And it goes on listening.
        assert b"recorded" in await _raw(url, b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_silent_callers_use_no_threads_and_do_not_stay() -> None:
    heard = Heard()
    threads = threading.active_count()
    async with listening(heard) as url:
        port = int(url.rpartition(":")[2])
        talks = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CALLERS + 20)]
        assert threading.active_count() == threads
        ended = [await asyncio.wait_for(reader.read(), 10) for reader, _ in talks]
        assert set(ended) == {b""}
        for _, writer in talks:
            writer.close()
        assert b"recorded" in await _raw(url, b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_who_listens() -> None:
    port = free_port()
    assert await who_listens("127.0.0.1", port) == "nobody"
    async with listening(Heard()) as url:
        assert await who_listens("127.0.0.1", int(url.rpartition(":")[2])) == "artisan-tui"
    async with talking(saying(http_answer("{}"))) as other:
        assert await who_listens("127.0.0.1", other) == "another program"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await who_listens("127.0.0.1", silent.getsockname()[1]) == "another program"


# -- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"push": True}, "Field required"),
        ({"within": "10m"}, "one of file and push"),
        ({"within": "10m", "push": True, "file": "/x"}, "one of file and push"),
        ({"within": "10m", "push": False}, "one of file and push"),
        ({"within": 600, "push": True}, "in quotes"),
        ({"within": "0s", "push": True}, "too short"),
    ],
)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HeartbeatSpec.model_validate({"id": "x", "kind": "heartbeat", **keys})
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"listen": "9095"}, "no address to listen on"),
        ({"listen": "example.com:9095"}, "no address to listen on"),
        ({"listen": "127.0.0.1:0"}, "no address to listen on"),
        ({"listen": "127.0.0.1:70000"}, "no address to listen on"),
        ({"listen": "999.0.0.1:80"}, "no address to listen on"),
        ({"listen": "0.0.0.0:9095"}, "add token"),
        ({"listen": "[::]:9095"}, "add token"),
        ({"token": "abc"}, "literal secret"),
    ],
)
def test_mistakes_about_listening(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HeartbeatSettings.model_validate(keys)
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


def test_where_it_listens() -> None:
    assert HeartbeatSettings().place == ("127.0.0.1", 9095)
    assert HeartbeatSettings.model_validate({"listen": "[::1]:80"}).place == ("::1", 80)
    assert HeartbeatSettings.model_validate({"listen": "localhost:80"}).place == ("127.0.0.1", 80)
    assert HeartbeatSettings.model_validate({"listen": "0.0.0.0:80", "token": "env:T"}).place == ("0.0.0.0", 80)


def test_the_limit_of_the_value_is_the_patience() -> None:
    spec = HeartbeatSpec.model_validate({"id": "x", "push": True, "within": "10m"})
    assert (spec.limit, spec.value_unit, spec.fall, spec.rise) == ("600", "s", 1, 1)
