"""The time from exec to the first frame, to the last known state, and to the first live results."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

from bench.board import bare, board, counts, leave, painted
from bench.report import Options, Row, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50
DOWN = 20  # fewer than make the engine suspect its own network


def first_frame(options: Options) -> Iterator[Row]:
    """The dashboard and the minimal program, alternately. The store has a last known state."""
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
                if not turn:  # the warm-up run also creates the state
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
    """Whether all checks are up, and no visible row shows the last known state."""
    screen = terminal.screen_text()
    return counts("up", CHECKS).search(screen) is not None and "last known" not in screen


def filled(options: Options) -> Iterator[Row]:
    """Restart with a known state: once while the server does not respond, once while it responds differently."""
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
