"""What this machine forbids us is our own trouble: the check is unknown, never down."""

from __future__ import annotations

import asyncio
import builtins
import errno
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import UNREACHED, Reason
from artisan_tui.domain.state import State
from artisan_tui.sources import network
from artisan_tui.sources.checks.postgres.errors import login_failure
from artisan_tui.sources.errors import failure
from support.probing import run_probe

NUMBERS = (errno.EACCES, errno.EPERM)


def forbidden(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def is_ours(seen: tuple[ProbeResult, Outcome]) -> bool:
    """Unknown, and for no reason that would make our network suspect either."""
    failed, outcome = seen[0].failure, seen[1]
    assert failed is not None
    return failed.blind and outcome.verdict is State.UNKNOWN and failed.reason not in UNREACHED


@pytest.fixture(params=NUMBERS, ids=lambda number: errno.errorcode[number])
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("http", {"url": "http://127.0.0.1:1/"}),
        ("tcp", {"address": "127.0.0.1:1"}),
        ("redis", {"address": "127.0.0.1:1"}),
        ("redis", {"address": "/run/redis.sock"}),
        ("measure", {"measure": {"value": "up"}, "metrics": Metrics(scrape=("http://127.0.0.1:1/",))}),
    ],
)
async def test_a_connection_our_loop_may_not_make(
    kind: str, keys: dict[str, Any], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(sock: socket.socket, address: object) -> None:
        raise forbidden(number)

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
    assert is_ours(await run_probe(kind, **keys))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("docker", {"container": "x", "host": "unix:///run/nobody/docker.sock"}),
        ("docker", {"container": "x", "host": "tcp://127.0.0.1:1"}),
        ("promql", {"query": "up", "metrics": Metrics(prometheus="http://127.0.0.1:1")}),
    ],
)
async def test_a_connection_a_library_may_not_make(
    kind: str, keys: dict[str, Any], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(self: socket.socket, address: object) -> None:
        raise forbidden(number)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda self, address: number)
    assert is_ours(await run_probe(kind, **keys))


def test_a_connection_libpq_may_not_make(number: int) -> None:
    said = f'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: {os.strerror(number)}\n\tIs it up?'
    failed = login_failure(said)
    assert (failed.reason, failed.blind) == (Reason.INTERNAL, True)


async def test_a_kubeconfig_we_may_not_read(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text("{}")
    real = builtins.open

    def opened(name: Any, *args: Any, **kwargs: Any) -> Any:
        if name == str(path):
            raise forbidden(number)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", opened)
    seen = await run_probe("kubernetes", deployment="x", kubeconfig=str(path), timeout="10s")
    assert is_ours(seen)
    assert seen[0].failure is not None
    assert os.strerror(number) in seen[0].failure.detail


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        ("disk", {"path": "/closed/data"}, "permission denied"),
        ("command", {"run": ["true"], "cwd": "/closed/work"}, "permission denied"),
        ("command", {"run": ["/closed/program"], "cwd": "/"}, "permission denied"),
        ("kubernetes", {"deployment": "x", "kubeconfig": "/closed/config", "timeout": "10s"}, "cannot be read"),
    ],
)
async def test_a_path_we_may_not_enter(
    kind: str, keys: dict[str, Any], words: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is there nobody knows, so nobody says that it is not."""
    for name in ("stat", "statvfs"):
        real = getattr(os, name)

        def asked(path: Any, *args: Any, real: Any = real, **kwargs: Any) -> Any:
            if str(path).startswith("/closed"):
                raise forbidden(number)
            return real(path, *args, **kwargs)

        monkeypatch.setattr(os, name, asked)
    seen = await run_probe(kind, **keys)
    assert is_ours(seen)
    assert seen[0].failure is not None
    assert words in seen[0].failure.detail


@pytest.mark.parametrize(
    ("numbers", "blind"),
    [
        ((errno.EACCES, errno.ENETUNREACH), True),
        ((errno.ENETUNREACH, errno.EPERM), True),
        ((errno.EPERM, errno.ECONNREFUSED), False),
        ((errno.ENETUNREACH, errno.ECONNREFUSED), False),
    ],
)
async def test_of_several_addresses_the_one_that_tells_most(
    numbers: tuple[int, ...], blind: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = list(numbers)

    async def connect(sock: socket.socket, address: object) -> None:
        raise forbidden(left.pop(0))

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
    place = socket.getaddrinfo("127.0.0.1", 1, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    with pytest.raises(OSError) as raised:  # noqa: PT011 - which one is the question
        await network.race([partial(network._connect_to, place)] * 2, lambda _: None, network.significance)
    assert failure(raised.value).blind is blind


def test_no_memory_left_is_ours_too() -> None:
    assert failure(forbidden(errno.ENOMEM)).blind
