"""Secrets, and a server that says them back."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest

from support.secret_leaks import Echo
from support.servers import talking


@pytest.fixture
def echo() -> Iterator[tuple[str, Echo]]:
    loop, echo, servers = asyncio.new_event_loop(), Echo(), contextlib.AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(servers.enter_async_context(talking(echo.talk)), loop).result(10)
    yield f"http://127.0.0.1:{port}", echo
    asyncio.run_coroutine_threadsafe(servers.aclose(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
