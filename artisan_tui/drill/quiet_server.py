"""The HTTP server of the stack's process: no logs, no polling, and one line on stdout once it listens."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

HOST: Final = "127.0.0.1"


class QuietServer(uvicorn.Server):
    """Waits on an event until it is stopped. uvicorn's own server polls ten times a second."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement
        self.stop = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._announcement, flush=True)

    async def main_loop(self) -> None:
        await self.stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Do not wait for requests: one that hangs on purpose would delay the exit by a minute.
        for server in self.servers:
            server.close()
        logging.getLogger("uvicorn.error").disabled = True  # uvicorn would report the requests that are cut off here


Beside = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


def url_of(listener: socket.socket) -> str:
    """Where it listens."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


async def serve_app(app: ASGIApp, listener: socket.socket, with_parent: bool, *beside: Beside) -> None:
    """Serve until a signal arrives or, ``with_parent``, until stdin ends.

    ``beside`` runs while it serves; each gets the event that stops the server.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        ws="none",
        date_header=False,
        server_header=False,
    )
    server = QuietServer(config, json.dumps({"url": url_of(listener), "pid": os.getpid()}))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, server.stop.set)
    if with_parent:
        threading.Thread(target=_await_end_of_stdin, args=(loop, server.stop), daemon=True).start()
    tasks = [asyncio.create_task(each(server.stop)) for each in beside]
    # serve() would install its own signal handlers.
    await server._serve([listener])
    for task in tasks:
        task.cancel()


def _await_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # A thread, because an event loop cannot watch a file or /dev/null, which stdin may be.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)
