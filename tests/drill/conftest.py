"""The simulated stack as a real process, and a way to wait for what it becomes."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.processes import with_us

SRC = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stack:
    """A running stack: its process and where it listens."""

    process: subprocess.Popen[bytes]
    url: str
    announced: dict[str, object]


def start(*options: str, stdin: int = subprocess.DEVNULL, stderr: int | None = None) -> Stack:
    """Start the process and read its one line; fails after ten seconds without one."""
    process = subprocess.Popen(
        with_us([sys.executable, "-m", "artisan_tui.drill", "--port", "0", *options]),
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], 10)[0], "the stack announced nothing within 10 s"
        announced = json.loads(process.stdout.readline())
        return Stack(process, announced["url"], announced)
    except BaseException:
        stop(process)
        raise


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it whatever state it is in, and leave no pipe open."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def until(said: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Ask until it is true or the time is up; what it said last."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if said():
            return True
        time.sleep(0.02)
    return said()


@pytest.fixture
def launch() -> Iterator[Callable[..., Stack]]:
    """Start stacks that are ended with the test."""
    started: list[Stack] = []

    def launched(*options: str, stdin: int = subprocess.DEVNULL, stderr: int | None = None) -> Stack:
        started.append(start(*options, stdin=stdin, stderr=stderr))
        return started[-1]

    yield launched
    for stack in started:
        stop(stack.process)


@pytest.fixture(scope="session")
def fast_stack() -> Iterator[Stack]:
    """One stack for all, at twenty times the speed: slow effects show within a second or two."""
    stack = start("--speed", "20")
    yield stack
    stop(stack.process)


@pytest.fixture(scope="session")
def fast_seeds() -> Iterator[Stack]:
    """The same with the answers of the operations guide."""
    stack = start("--speed", "20", "--shape", "seeds")
    yield stack
    stop(stack.process)


@pytest.fixture
def stack(fast_stack: Stack) -> Iterator[httpx.Client]:
    """A client of a stack on which nothing is broken and every lever is in its place."""
    yield from _mended(fast_stack)


@pytest.fixture
def seeds(fast_seeds: Stack) -> Iterator[httpx.Client]:
    """The same of a stack with the answers of the operations guide."""
    yield from _mended(fast_seeds)


def _mended(running: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, timeout=10, trust_env=False) as client:
        yield client
        client.post("/admin/mend-all")
        for model in ("qwen", "mistral", "llama"):
            client.post(f"/admin/breakers/{model}/close")
        client.post("/admin/modes/creative/restore")
        client.post("/admin/scale/app", json={"replicas": 3})
        client.post("/admin/cache/bypass", json={"enabled": False})
        client.post("/admin/rl/resume")
        assert until(lambda: client.get("/health").json().get("status") == "healthy")


@pytest.fixture
def eventually() -> Callable[..., bool]:
    return until
