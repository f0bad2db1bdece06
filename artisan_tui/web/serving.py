"""The life of the server: until a signal, and no board outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable

from artisan_tui.web.server import BoardServer

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(server: BoardServer, listening: socket.socket, opened: Callable[[str], None]) -> None:
    """``opened`` is told the token when the first viewer may come. A second signal ends everything at once."""
    loop, ending = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        if ending.is_set():
            server.kill()
            os._exit(1)
        ending.set()

    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    for number in _SIGNALS if nohup else (*_SIGNALS, signal.SIGHUP):
        loop.add_signal_handler(number, told)
    token = await server.open(listening)
    opened(token)
    await ending.wait()
    await server.close()
