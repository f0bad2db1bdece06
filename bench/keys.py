"""The time from a key to the first output bytes it causes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from bench.board import bare, board, counts, leave, rest
from bench.report import Options, Row, percentile, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50
#: Milliseconds from Escape to the first bytes, in a terminal on this machine.
ESCAPE_BOUND = 60.0


def press(terminal: Terminal, key: str, chance: random.Random) -> float:
    """Seconds from one key to the first bytes. It is pressed at a random time, after 50 ms without output if
    possible.
    """
    time.sleep(chance.uniform(0.03, 0.15))
    rest(terminal, 0.05, timeout=1.0)
    pressed = terminal.press(key)
    return terminal.wait_output(pressed, timeout=5.0) - pressed


def help_keys(options: Options) -> Iterator[Row]:
    """Help opened with ``?`` and closed with Escape, in the dashboard and in the minimal program."""
    times = options.times(30, 6)
    figures: dict[str, tuple[list[float], list[float]]] = {}
    with TargetServer() as server:
        config = server.configure(options.place / "keys", CHECKS, "30s")
        with bare() as plain, board(config, options.place / "keys-state") as full:
            plain.wait_for("nothing to see here")
            full.wait_for(counts("up", CHECKS), timeout=30)
            for name, terminal in (("board", full), ("bare", plain)):
                chance = random.Random(7)
                opened, left = figures.setdefault(name, ([], []))
                rest(terminal, 1.0, timeout=20)
                for _ in range(times):
                    opened.append(press(terminal, "?", chance))
                    left.append(press(terminal, "escape", chance))
            leave(full)
    rows = (("help: key to paint", None), ("help: Escape to paint (Textual alone waits 100 ms)", ESCAPE_BOUND))
    for index, (what, bound) in enumerate(rows):
        ours, theirs = figures["board"][index], figures["bare"][index]
        note = f"bare {statistics.median(theirs) * 1000:.0f} ms; p99 {percentile(ours, 0.99) * 1000:.0f} ms"
        note += f"; {spread(ours, 1000)}"
        yield Row(what, statistics.median(ours) * 1000, "ms", bound=bound, note=note, samples=ours)
