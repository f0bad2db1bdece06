"""The cost of the dashboard while nothing changes."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.board import MARGIN, bare, board, calm, counts, leave, rest
from bench.report import Options, Row
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50


def watch(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """(bytes per second, per cent of a core) over a window without a minute change."""
    calm(seconds)
    start, used = time.monotonic(), terminal.cpu_seconds()
    time.sleep(seconds)
    end, used = time.monotonic(), terminal.cpu_seconds() - used
    return terminal.bytes_between(start, end) / (end - start), 100 * used / (end - start)


def minute(terminal: Terminal) -> int:
    """Bytes of one minute change."""
    time.sleep(60 - MARGIN - time.time() % 60 if time.time() % 60 < 60 - MARGIN else 0)
    start = time.monotonic()
    time.sleep(2 * MARGIN)
    return terminal.bytes_between(start)


def idle(options: Options) -> Iterator[Row]:
    """50 checks every 30 s, all up. The minimal program runs for a similar time, for comparison."""
    seconds = options.times(30, 20)
    with TargetServer() as server:
        state = options.place / "idle-state"
        # Fill the strips first, so that the probes in the measured window change nothing.
        with board(server.configure(options.place / "fill", CHECKS, "1s"), state) as terminal:
            terminal.wait_for(counts("up", CHECKS), timeout=30)
            time.sleep(options.times(30, 10))
            leave(terminal)
        with board(server.configure(options.place / "idle", CHECKS, "30s"), state) as terminal:
            server.wait_served(server.served() + CHECKS, timeout=60)  # the first probes replace the restored state
            terminal.wait_for(counts("up", CHECKS), timeout=30)
            rest(terminal, 2.0, timeout=40)
            served = server.served()
            rate, share = watch(terminal, seconds)
            polls = server.served() - served
            change = minute(terminal)
            leave(terminal)
    with bare() as terminal:
        terminal.wait_for("nothing to see here")
        rest(terminal, 1.0, timeout=10)
        _, reference = watch(terminal, options.times(20, 10))
    note = f"{seconds} s, {polls} probes in it"
    yield Row("idle, 50 checks: bytes on the wire", rate if polls else None, "B/s", 0, note=note)
    yield Row("idle, 50 checks: processor", share, "%", 0.5, strict=True, note=f"bare Textual {reference:.2f} %")
    yield Row("a minute change", change, "B", note="the clock in the header")
