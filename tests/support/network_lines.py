"""Lines to real sockets, for tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psutil


async def until_true(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def sockets() -> int:
    return len(psutil.Process().net_connections("inet"))
