"""The simulated stack as a process: ``python -m artisan_tui.drill --port 0``.

Once it listens, it prints one line of JSON, ``{"url": …, "pid": …}``, and nothing else on stdout. Exit status: 0
stopped by a signal or by the parent's end, 1 the port is in use, 2 usage error.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import socket
import sys
from pathlib import Path

from artisan_tui.drill import alertmanager_api, exposition, prometheus_api
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.alertmanager_api import AlertmanagerApi, create_alertmanager_api
from artisan_tui.drill.api import create_app
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.folder import DrillFolder, FolderDamaged
from artisan_tui.drill.live import AFTER, ALONE, GONE, LiveDrill
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.quiet_server import HOST, serve_app
from artisan_tui.drill.record import RecordDamaged
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.shapes import APP, SHAPES, Shape
from artisan_tui.drill.stack import DEFAULT_SEED, SimulatedStack
from artisan_tui.process_exit import ProcessExit


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
    await serve_app(app, listener, with_parent, lambda _: recorder.run())


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
    parser.add_argument("--drill", type=Path, metavar="FOLDER", help="conduct the drill of this folder")
    parser.add_argument("--alone", type=float, default=ALONE, help="seconds until a drill without players stands still")
    parser.add_argument("--gone", type=float, default=GONE, help="seconds until a drill without players is left")
    parser.add_argument("--after", type=float, default=AFTER, help="seconds until a drill that is over is left")
    options = parser.parse_args(argv)
    # asyncio sets TCP_NODELAY only if the protocol is given. Without it every response is delayed by 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = options.port or (DrillFolder(options.drill).port if options.drill else 0)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        print(f"cannot listen on {HOST}:{port}: {error.strerror}", file=sys.stderr)
        return 1
    if options.drill:
        return _conduct(options.drill, listener, options.alone, options.gone, options.after)
    shape = SHAPES[options.shape]
    asyncio.run(serve(listener, options.seed, options.speed, options.history, options.with_parent, shape))
    return 0


def _conduct(folder: Path, listener: socket.socket, alone: float, gone: float, after: float) -> int:
    async def conduct() -> None:
        await LiveDrill(folder, alone, gone, after).serve(listener)

    try:
        asyncio.run(conduct())
    except (FolderDamaged, RecordDamaged, OSError) as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    process_exit = ProcessExit()
    process_exit.leave(main())
