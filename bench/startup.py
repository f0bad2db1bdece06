"""From exec to the first frame, to what was known before, to what is so now."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

from bench.board import bare, board, counts, leave, painted
from bench.report import Options, Row, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50
DOWN = 20  # fewer than make the observer suspect itself


def first_frame(options: Options) -> Iterator[Row]:
    """The board against the bare program, alternately; the store holds a last known state."""
    pairs = options.times(9, 3)
    ratios, ours, theirs = [], [], []
    with TargetServer() as server:
        config = server.configure(options.place / "first", CHECKS, "30s")
        state = options.place / "first-state"
        for turn in range(pairs + 1):
            with bare() as terminal:
                low = terminal.wait_for("nothing to see here") - terminal.started
            with board(config, state) as terminal:
                high = painted(terminal) - terminal.started
                if not turn:  # the warm-up also leaves a state behind
                    terminal.wait_for(counts("up", CHECKS), timeout=30)
                leave(terminal)
            if turn:
                ours.append(high)
                theirs.append(low)
                ratios.append(high / low)
    note = f"board ms: {spread(ours, 1000)}; bare ms: {spread(theirs, 1000)}"
    value = statistics.median(ours) / statistics.median(theirs)
    yield Row("first frame of the board / bare Textual app", value, "x", bound=1.25, note=note, samples=ratios)


def fresh(terminal: Terminal) -> bool:
    """All are up now, and no visible row is still the last known one."""
    screen = terminal.screen_text()
    return counts("up", CHECKS).search(screen) is not None and "last known" not in screen


def filled(options: Options) -> Iterator[Row]:
    """Restart on a known state: once with the server silent, once with it answering otherwise."""
    known, live = [], []
    with TargetServer() as server:
        config = server.configure(options.place / "filled", CHECKS, "30s")
        state = options.place / "filled-state"
        for _ in range(options.times(5, 2)):
            for check in range(DOWN):
                server.answer(check, "unhealthy")
            with board(config, state) as terminal:
                terminal.wait_for(counts("down", DOWN), timeout=30)
                leave(terminal)
            server.hold(True)
            with board(config, state) as terminal:
                first = painted(terminal)
                known.append(terminal.wait_for(counts("down", DOWN), timeout=10) - first)
                leave(terminal)
            for check in range(DOWN):
                server.answer(check, "healthy")
            server.hold(False)
            with board(config, state) as terminal:
                first = painted(terminal)
                live.append(terminal.wait_for(partial(fresh, terminal), timeout=30) - first)
                leave(terminal)
    yield Row("last known state on the board - first frame", max(known), "s", 0.5, note=spread(known), samples=known)
    yield Row("first live results of 50 checks - first frame", max(live), "s", 1.5, note=spread(live), samples=live)
