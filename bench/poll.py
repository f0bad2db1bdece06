"""The output bytes of a probe: none if it changes nothing, few otherwise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.board import board, calm, counts, leave
from bench.report import Options, Row, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50
EVERY = 2.0
SETTLE = 0.3  # seconds after which the other effects of the same probe (journal, order of rows) are painted
STRIP = 26  # probes after which a strip is full, so that only its shape can change


def flip(server: TargetServer, terminal: Terminal, check: int, status: str) -> int:
    """Bytes from the change on the server until the board shows it, without later probes."""
    calm(2 * EVERY)
    start = time.monotonic()
    server.answer(check, status)
    wanted = counts("up", CHECKS) if status == "healthy" else counts("down", 1)
    shown = terminal.wait_for(wanted, timeout=2 * EVERY) + SETTLE
    time.sleep(max(0.0, shown - time.monotonic()))
    return terminal.bytes_between(start, shown)


def polls(options: Options) -> Iterator[Row]:
    """Rounds without changes first. Then one service goes down and up again, at 120x40."""
    rounds = options.times(5, 3)
    changed: list[float] = []
    back: list[float] = []
    with TargetServer() as server:
        config = server.configure(options.place / "poll", CHECKS, f"{EVERY:g}s")
        with board(config, options.place / "poll-state") as terminal:
            terminal.wait_for(counts("up", CHECKS), timeout=30)
            time.sleep(EVERY * options.times(STRIP, 5))
            calm(rounds * EVERY)
            served, start = server.served(), time.monotonic()
            time.sleep(rounds * EVERY)
            still, probes = terminal.bytes_between(start), server.served() - served
            for turn in range(options.times(5, 2)):
                changed.append(flip(server, terminal, turn, "unhealthy"))
                back.append(flip(server, terminal, turn, "healthy"))
            leave(terminal)
    note = f"{still} B in {probes} probes"
    yield Row("a poll that changes nothing shown", still / rounds if probes else None, "B", 0, note=note)
    yield Row("a changed poll: one service down", statistics.median(changed), "B", 2000, note=spread(changed))
    yield Row("a changed poll: it is up again", statistics.median(back), "B", 2000, note=spread(back))
