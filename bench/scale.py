"""1,000 checks every 10 s and 100 SLOs: CPU, key latency, memory."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from bench.board import board, counts, leave
from bench.keys import press
from bench.report import Options, Row, percentile, spread
from bench.target_server import TargetServer

CHECKS = 1000
SLOS = 100
EVERY = 10


def scale(options: Options) -> Iterator[Row]:
    """One program under the whole load, first without and then with key presses."""
    rounds = options.times(4, 2)
    with TargetServer() as server:
        config = server.configure(options.place / "scale", CHECKS, f"{EVERY}s", SLOS)
        with board(config, options.place / "scale-state") as terminal:
            terminal.wait_for(counts("up", CHECKS), timeout=60)
            time.sleep(EVERY)
            served, start, used = server.served(), time.monotonic(), terminal.cpu_seconds()
            time.sleep(rounds * EVERY)
            end, used = time.monotonic(), terminal.cpu_seconds() - used
            probes, wire = server.served() - served, terminal.bytes_between(start, end) / (end - start)
            chance = random.Random(11)
            keys = [press(terminal, ("down", "up")[turn % 2], chance) for turn in range(options.times(200, 40))]
            memory = terminal.rss_bytes() / 1e6
            leave(terminal)
    due = CHECKS * (end - start) / EVERY
    kept = probes >= 0.95 * due  # a program that makes no probes would be cheap
    note = f"{probes:,} of {due:,.0f} probes due; {wire:,.0f} B/s on the wire"
    yield Row("1,000 checks: probes made of those due", 100 * probes / due, "%", 95, at_least=True, note=note)
    yield Row("1,000 checks: processor", 100 * used / (end - start) if kept else None, "% of a core", 25)
    p99 = percentile(keys, 0.99) * 1000
    yield Row("1,000 checks: key to paint, p99", p99, "ms", 50, note=spread(keys, 1000), samples=keys)
    yield Row("1,000 checks: resident memory", memory, "MB", 200)
