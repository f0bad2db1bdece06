"""The stack's Prometheus as it is met from outside: made when asked for, never in the way, blind when the app is."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import httpx
import psutil
import pytest

from artisan_tui.drill import exposition
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.stack import SimulatedStack

Launch = Callable[..., Any]
Eventually = Callable[..., bool]
QUERY = "/prometheus/api/v1/query"


def client(stack: Any) -> httpx.Client:
    return httpx.Client(base_url=stack.url, timeout=10, trust_env=False)


def read(http: httpx.Client, query: str) -> list[dict[str, Any]]:
    """The series of a query that can be answered."""
    answer = http.get(QUERY, params={"query": query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def ready(http: httpx.Client) -> Callable[[], bool]:
    return lambda: http.get(QUERY, params={"query": "rl_reward[2d]"}).status_code == 200


def makers(stack: Any) -> list[psutil.Process]:
    return psutil.Process(stack.process.pid).children()


def test_nobody_pays_for_a_past_that_nobody_reads(launch: Launch) -> None:
    stack = launch()
    with client(stack) as http:
        assert http.get("/health").status_code == 200
        assert http.get(QUERY, params={"query": "time()"}).status_code == 200
        assert makers(stack) == []


def test_while_it_is_made_it_says_how_far_and_holds_nobody_up(launch: Launch, eventually: Eventually) -> None:
    stack = launch()
    with client(stack) as http:
        refused, waits = [], []

        def made() -> bool:
            began = time.perf_counter()
            assert http.get("/health").status_code == 200
            waits.append(time.perf_counter() - began)
            answer = http.get(QUERY, params={"query": "api_requests_total[30d]"})
            if answer.status_code == 200:
                return True
            assert answer.status_code == 503
            body = answer.json()
            assert (body["status"], body["errorType"]) == ("error", "unavailable")
            assert body["error"].startswith("history is being made, ")
            refused.append(int(body["error"].split()[-3]))
            return False

        assert eventually(made, 30.0)
        assert refused == sorted(refused)
        assert refused[0] == 0
        assert max(refused) > 30, "progress is seen"
        assert sorted(waits)[len(waits) // 4] < 0.5  # held up it would be seconds
        series = read(http, 'api_requests_total{path="/api/v1/recipes",status="200"}[30d]')
        assert len(series[0]["values"]) > 43_000
        assert psutil.Process(stack.process.pid).memory_info().rss < 150e6
        assert eventually(lambda: makers(stack) == [])


def test_what_is_made_already_is_answered_before_the_rest(launch: Launch, eventually: Eventually) -> None:
    stack = launch()
    with client(stack) as http:
        now = float(read(http, "time()")[1])  # type: ignore[arg-type]
        old = {"query": "rl_reward[1h]", "time": str(now - 29 * 86400)}
        assert eventually(lambda: http.get(QUERY, params=old).status_code == 200, 30.0)
        early = http.get(QUERY, params={"query": "rl_reward[1h]"})
        assert early.status_code == 503
        assert http.get("/health").status_code == 200
        # What has been since the start needs no past.
        assert eventually(lambda: http.get(QUERY, params={"query": "up[1ms]", "time": str(now + 1)}).status_code == 200)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_maker_ends_with_the_stack(launch: Launch, eventually: Eventually, number: signal.Signals) -> None:
    stack = launch()
    with client(stack) as http:
        assert http.get(QUERY, params={"query": "up"}).status_code == 503
        assert eventually(lambda: makers(stack) != [])
    (maker,) = makers(stack)
    stack.process.send_signal(number)
    stack.process.wait(5)
    _, alive = psutil.wait_procs([maker], timeout=5)
    # Without a reaper in the container the ended child may stay as a zombie.
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


def test_a_maker_that_dies_is_followed_by_another(launch: Launch, eventually: Eventually) -> None:
    stack = launch("--history", "30")
    with client(stack) as http:
        http.get(QUERY, params={"query": "up"})
        assert eventually(lambda: makers(stack) != [])
        makers(stack)[0].kill()
        assert eventually(ready(http), 30.0)
        (series,) = read(http, 'rl_reward{algorithm="PPO"}[2d]')
        assert len(series["values"]) > 2870


def test_past_and_present_join_without_a_minute_unseen(launch: Launch, eventually: Eventually) -> None:
    stack = launch("--history", "1")
    with client(stack) as http:
        assert eventually(ready(http), 30.0)

        def restarts() -> int:
            counted = read(http, 'api_requests_total{path="/api/v1/recipes",status="200"}[10m]')[0]["values"]
            return sum(int(after) < int(before) for (_, before), (_, after) in pairwise(counted))

        # The start is a restart of the app: its counters begin anew with the first live scrape.
        assert eventually(lambda: restarts() == 1)
        times = [at for at, _ in read(http, "up[10m]")[0]["values"]]
        minutes = {int(at // 60) for at in times}
        assert minutes == set(range(min(minutes), max(minutes) + 1))
        assert max(minutes) - min(minutes) >= 9


def test_while_the_app_is_down_scrapes_fail_and_the_past_still_answers(launch: Launch, eventually: Eventually) -> None:
    stack = launch("--history", "0", "--speed", "20")
    with client(stack) as http:
        up = 'up{job="artisan-api",instance="api-1:8000"}'

        def says(value: str) -> Callable[[], bool]:
            return lambda: [each["value"][1] for each in read(http, up)] == [value]

        assert eventually(says("1"))
        assert len(read(http, "rl_reward")) == 2  # one per algorithm
        http.post("/admin/scale/app", json={"replicas": 0})
        assert http.get("/health").status_code == 503
        assert eventually(says("0"))
        assert read(http, "rl_reward") == []  # stale at once
        assert read(http, "rl_reward[1h]") != []
        http.post("/admin/scale/app", json={"replicas": 3})
        assert eventually(says("1"))
        assert eventually(lambda: len(read(http, "rl_reward")) == 2)
        (scrapes,) = read(http, "up[1h]")
        (rewards,) = read(http, 'rl_reward{algorithm="PPO"}[1h]')
        answered = {at for at, value in scrapes["values"] if value == "1"}
        assert {at for at, value in scrapes["values"] if value == "0"}
        assert {at for at, _ in rewards["values"]} <= answered


def test_metrics_that_are_gone_are_a_hole_too(launch: Launch, eventually: Eventually) -> None:
    stack = launch("--history", "0", "--speed", "20")
    with client(stack) as http:
        http.post("/admin/faults/metrics_gone/break")
        assert eventually(lambda: [each["value"][1] for each in read(http, "up")] == ["0"])
        assert read(http, "api_requests_total") == []


def test_a_slow_app_does_not_slow_its_past(launch: Launch) -> None:
    stack = launch("--history", "0")
    with client(stack) as http:
        http.post("/admin/faults/latency_high/break")
        assert http.get("/health").elapsed.total_seconds() > 0.5
        answers = (http.get(QUERY, params={"query": "up[1h]"}) for _ in range(5))
        assert min(answer.elapsed.total_seconds() for answer in answers) < 0.4


async def test_given_up_while_the_makers_pipe_is_full_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a process is not told before the rest of its pipe is read."""
    stack = SimulatedStack()
    recorder = Recorder(stack, StackClock(), exposition.registry(stack), 30)
    before, full = asyncio.all_tasks(), asyncio.Event()
    others = set(psutil.Process().children())
    feed = asyncio.StreamReader.feed_data

    def fed(reader: Any, data: bytes) -> None:
        feed(reader, data)
        if reader._paused and not full.is_set():
            full.set()
            making.cancel()

    monkeypatch.setattr(asyncio.StreamReader, "feed_data", fed)
    assert recorder.missing(0, 1) == 0
    (making,) = asyncio.all_tasks() - before
    done, _ = await asyncio.wait([making], timeout=20)
    assert full.is_set()
    assert done == {making}
    assert making.cancelled()
    assert set(psutil.Process().children()) <= others
