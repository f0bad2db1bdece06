"""The process: one line on stdout, loopback only, and gone when it should be."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest

from support.stopwatch import Stopwatch

Launch = Callable[..., Any]
Eventually = Callable[..., bool]
PARENT = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-m", "artisan_tui.drill", "--with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
IMPORTS = """
import sys, artisan_tui.drill.__main__, artisan_tui.steps.drills
print(*(name for name in sys.modules if name.startswith("artisan_tui.") or name in ("httpx", "textual")))
"""


def past(stack: Any, query: str) -> list[dict[str, Any]]:
    """What the stack's own Prometheus has of its time since the start."""
    form = {"query": query}
    answer = httpx.post(f"{stack.url}/prometheus/api/v1/query", data=form, trust_env=False)
    found: list[dict[str, Any]] = answer.json()["data"]["result"] if answer.status_code == 200 else []
    return found


def hang(url: str) -> socket.socket:
    """A request to a hanging qwen, left waiting."""
    httpx.post(f"{url}/admin/faults/qwen_hang/break", trust_env=False)
    host, port = url.removeprefix("http://").split(":")
    waiting = socket.create_connection((host, int(port)))
    waiting.sendall(b"GET /health/llm?model=qwen HTTP/1.1\r\nHost: x\r\n\r\n")
    # It has been taken up once a later request is answered.
    assert httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
    return waiting


def test_it_says_one_line_and_listens_on_loopback_only(launch: Launch) -> None:
    stack = launch()
    assert stack.announced == {"url": stack.url, "pid": stack.process.pid}
    assert httpx.get(f"{stack.url}/health", trust_env=False).status_code == 200
    listening = [c.laddr.ip for c in psutil.Process(stack.process.pid).net_connections() if c.status == "LISTEN"]
    assert listening == ["127.0.0.1"]
    assert not select.select([stack.process.stdout], [], [], 0)[0], "more than one line"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_within_a_second_even_while_requests_hang(launch: Launch, number: signal.Signals) -> None:
    stack = launch(stderr=subprocess.PIPE)
    with hang(stack.url):
        clock = Stopwatch()
        stack.process.send_signal(number)
        assert stack.process.wait(timeout=5) == 0
        assert clock.seconds < 1.0
    assert stack.process.stderr.read() == b"", "it goes without a word"


def test_the_end_of_stdin_ends_it_when_it_has_a_parent(launch: Launch) -> None:
    stack = launch("--with-parent", stdin=subprocess.PIPE)
    assert httpx.get(f"{stack.url}/health/live", trust_env=False).status_code == 200
    stack.process.stdin.close()
    assert stack.process.wait(timeout=5) == 0


def test_a_killed_parent_leaves_no_orphan() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            PARENT,
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs([child], timeout=5)
    # Without a reaper in the container the ended child may stay as a zombie.
    left = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    for process in left:
        process.kill()
    assert left == []


def test_without_a_parent_the_end_of_stdin_means_nothing(launch: Launch) -> None:
    stack = launch(stdin=subprocess.PIPE)
    stack.process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        stack.process.wait(timeout=0.3)
    assert httpx.get(f"{stack.url}/health/live", trust_env=False).status_code == 200


def test_idle_it_does_not_even_wake_up(launch: Launch, eventually: Eventually) -> None:
    stack = launch("--history", "0")
    assert httpx.get(f"{stack.url}/metrics", trust_env=False).status_code == 200
    # Then it has scraped itself once, and the next time is fifteen seconds away.
    assert eventually(lambda: past(stack, "up[1h]") != [])
    process = psutil.Process(stack.process.pid)
    before = process.num_ctx_switches().voluntary
    with pytest.raises(subprocess.TimeoutExpired):
        stack.process.wait(timeout=0.6)
    assert process.num_ctx_switches().voluntary - before <= 2  # uvicorn's own loop would wake six times


def test_answers_on_one_connection_are_not_held_back(launch: Launch) -> None:
    with httpx.Client(base_url=launch().url, trust_env=False) as client:
        client.get("/health")
        fastest = min(client.get("/health").elapsed.total_seconds() for _ in range(5))
    assert fastest < 0.030  # a delayed acknowledgement takes 40 ms


def test_a_taken_port_is_said_on_stderr(launch: Launch) -> None:
    port = launch().url.rsplit(":", 1)[1]
    second = subprocess.run(
        [sys.executable, "-m", "artisan_tui.drill", "--port", port],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=10,
        check=False,
    )
    assert (second.returncode, second.stdout) == (1, b"")
    assert second.stderr.startswith(b"cannot listen on 127.0.0.1:")


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--port", "x"], ["--speed", "nan"], ["--speed", "0"], ["--history", "31"]]
)
def test_senseless_arguments_are_usage_errors(arguments: list[str]) -> None:
    from artisan_tui.drill.__main__ import main

    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


def test_the_room_imports_nothing_above_it() -> None:
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            IMPORTS,
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "artisan_tui.drill.stack" in seen
    rooms = {name.split(".")[1] for name in seen if "." in name}
    assert rooms <= {"drill", "steps", "domain", "process_exit", "child_pipes"}
    assert "httpx" not in seen
    assert "textual" not in seen
