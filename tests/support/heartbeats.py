"""Files and calls that are heartbeats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from artisan_tui.sources.heartbeat_listener import HeartbeatListener
from support.servers import free_port


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


_JSON, FORM = "application/json", "application/x-www-form-urlencoded"
