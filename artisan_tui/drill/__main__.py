"""The simulated stack as a process: ``python -m artisan_tui.drill --port 0``.

Once it listens, it prints one line of JSON, ``{"url": …, "pid": …}``, and nothing else on stdout. Exit status: 0
stopped by a signal or by the parent's end, 1 the port is in use, 2 usage error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
import os
import signal
import socket
import sys
import threading

import uvicorn

from artisan_tui.drill import alertmanager_api, exposition, prometheus_api
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.alertmanager_api import AlertmanagerApi, create_alertmanager_api
from artisan_tui.drill.api import create_app
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.shapes import APP, SHAPES, Shape
from artisan_tui.drill.stack import DEFAULT_SEED, SimulatedStack
from artisan_tui.process_exit import ProcessExit

HOST = "127.0.0.1"


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


async def serve(
    listener: socket.socket, seed: int, speed: float, days: int, with_parent: bool, shape: Shape = APP
) -> None:
    """Serve until a signal arrives or, ``with_parent``, until stdin ends. ``days`` is the length of the history."""
    clock = StackClock(speed)
    stack = SimulatedStack(seed, clock.elapsed(), shape)
    registry = exposition.registry(stack)
    recorder = Recorder(stack, clock, registry, days)
    alerts = AlertmanagerApi(AlertRules(stack), clock, lambda: stack.advance(clock.elapsed()))
    others = {
        prometheus_api.PREFIX: create_prometheus_api(recorder, clock, alerts),
        alertmanager_api.PREFIX: create_alertmanager_api(alerts),
    }
    app = create_app(stack, clock, registry, others)
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
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    server = QuietServer(config, json.dumps({"url": url, "pid": os.getpid()}))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, server.stop.set)
    if with_parent:
        threading.Thread(target=_await_end_of_stdin, args=(loop, server.stop), daemon=True).start()
    scraping = asyncio.create_task(recorder.run())
    # serve() would install its own signal handlers.
    await server._serve([listener])
    scraping.cancel()


def _await_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # A thread, because an event loop cannot watch a file or /dev/null, which stdin may be.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)


def _speed(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0 < value <= 1000):
        raise ValueError(text)
    return value


def _days(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 30:
        raise ValueError(text)
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError(text)
    return value


def main(argv: list[str] | None = None) -> int:
    """Run the process and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m artisan_tui.drill", description="The simulated Artisan stack.")
    parser.add_argument("--port", type=_port, default=0, help="0 takes a free one (default)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of the simulated traffic")
    parser.add_argument("--shape", choices=SHAPES, default=APP.id, help="whose answers it gives (default app)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="simulated seconds per second (default 1)")
    parser.add_argument("--history", type=_days, default=30, metavar="DAYS", help="of history, 0 for none (default 30)")
    parser.add_argument("--with-parent", action="store_true", help="exit when stdin ends")
    options = parser.parse_args(argv)
    # asyncio sets TCP_NODELAY only if the protocol is given. Without it every response is delayed by 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, options.port))
    except OSError as error:
        print(f"cannot listen on {HOST}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    shape = SHAPES[options.shape]
    asyncio.run(serve(listener, options.seed, options.speed, options.history, options.with_parent, shape))
    return 0


if __name__ == "__main__":
    process_exit = ProcessExit()
    process_exit.leave(main())
