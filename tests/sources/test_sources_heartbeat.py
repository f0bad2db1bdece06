"""The heartbeat kind: files of every age, and calls over real sockets."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from artisan_tui.config.checks import Service
from artisan_tui.domain.checks.heartbeat import Heartbeat, newest
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.checks.heartbeat import HeartbeatSpec
from artisan_tui.sources.heartbeats import Heartbeats
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from support.heartbeats import _JSON, FORM, Heard, listening
from support.probing import run_probe

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


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


@pytest.mark.parametrize(
    ("query", "kind", "body", "failed", "message"),
    [
        ("", "", b"", False, ""),
        ("?status=ok", "", b"", False, ""),
        ("?status=fail", "", b"", True, ""),
        ("?status=FAIL&message=disk%20full", "", b"", True, "disk full"),
        ("", "text/plain", b"done in 3 s\n", False, "done in 3 s"),
        ("?status=fail", FORM, b"rsync: exit 23", True, "rsync: exit 23"),
        ("", FORM, b"status=fail&message=a+b", True, "a b"),
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
