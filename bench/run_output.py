"""A run on the screen: two hundred steps, and a step that prints a hundred megabytes, against the same with little."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil

from bench.board import board, counts, leave, rest
from bench.report import Options, Row, percentile, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

STEPS = 200
FLOOD, FLOODS = 100_000_000, 5
#: How many times as long a step takes when its output is masked, counted and kept, than when it is digested only.
_FLOOD_BOUND = 8.0
#: Of a board beside it without a run.
_KEY_BOUND = 2.0
_MB = 1e6


def run_output(options: Options) -> Iterator[Row]:
    """The stepper is open all the time, and somebody presses keys."""
    steps, flood = options.times(STEPS, 5), options.times(FLOOD, 5_000_000)
    folder, state = options.place / "run-output", options.place / "run-output-state"
    with TargetServer() as server:
        config = server.configure(folder, 3, "30s")
        (config.parent / "runbooks.toml").write_text(
            _book("a_long", ["true"] * steps) + _book("b_flood", [_flood(flood)] * FLOODS)
        )
        # The second board shows no run: what the steps take of the machine, they take of both.
        with board(config, state) as full, board(config, options.place / "run-output-beside") as beside:
            for each in (full, beside):
                each.wait_for(counts("up", 3), timeout=30)
            rest(full, 1.0, timeout=20)
            before, stored = _store(state), psutil.Process(full.process.pid).memory_info().rss
            with Watched(full) as watched:
                long, idle = _run(full, beside, "a_long", steps)
            yield _keys("200 steps", long, idle)
            grown = (_store(state) - before) / 1000 / steps
            yield Row("200 steps: store and logs, a step", grown, "kB", 40, note="events, projections, folders")
            note = f"{watched.board / _MB:.0f} MB against {stored / _MB:.0f} MB before"
            yield Row("200 steps: memory of the board, times as much", watched.board / stored, "", 1.5, note=note)
            full.press("escape")
            with Watched(full) as flooded:
                pressed, idle = _run(full, beside, "b_flood", FLOODS)
            yield _keys("100 MB of output", pressed, idle)
            note = f"{flooded.board / _MB:.0f} MB"
            yield Row(
                "100 MB of output: memory of the board, times as much", flooded.board / stored, "", 1.5, note=note
            )
            note = f"its supervisor {flooded.shim / _MB:.0f} MB"
            yield Row("100 MB of output: memory of the step, of the board's", flooded.shim / stored, "", 0.5, note=note)
            took, alone = _lasted(state, "b_flood_1"), _alone(flood)
            note = f"{took:.2f} s, digested alone {alone:.2f} s"
            yield Row("100 MB of output: time, times as much", took / alone, "", _FLOOD_BOUND, note=note)
            kept = sum(each.stat().st_size for each in (state / "runs").glob("*/b_flood_1.*/*") if each.is_file())
            yield Row("100 MB of output: kept on disk", kept / _MB, "MB", 10.6, note="its beginning and its end")
            leave(full)
            leave(beside)


class Watched:
    """The most memory, in bytes, that the board and the largest supervisor of a step had meanwhile."""

    def __init__(self, terminal: Terminal) -> None:
        self._process = psutil.Process(terminal.process.pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.board = self.shim = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.board = max(self.board, self._process.memory_info().rss)
            for each in self._process.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    self.shim = max(self.shim, each.memory_info().rss)


def _keys(what: str, spans: list[float], idle: list[float]) -> Row:
    """How much longer a key takes to show what it shows than on a board beside it without a run."""
    note = f"p99 {percentile(spans, 0.99) * 1000:.0f} against {percentile(idle, 0.99) * 1000:.0f} ms; {spread(spans, 1000)}"
    ratio = statistics.median(spans) / statistics.median(idle)
    return Row(f"{what}: key to paint, times as long", ratio, "", _KEY_BOUND, note=note, samples=spans)


def _run(terminal: Terminal, beside: Terminal, name: str, steps: int) -> tuple[list[float], list[float]]:
    """Start a runbook by its screen, press keys on both boards until it is over; seconds from a key to what it shows."""
    terminal.press("4")
    terminal.wait_for("Runbooks")
    terminal.press(*(["home"] if name.startswith("a") else ["end"]))
    terminal.wait_for(lambda: name in terminal.screen_text())
    terminal.press("r")
    terminal.wait_for("Start a runbook")
    terminal.press("enter", "enter")
    terminal.wait_for("RUN-", 20)
    spans: list[float] = []
    theirs: list[float] = []
    ends = time.monotonic() + 5 * steps + 60
    while "SUCCEEDED" not in terminal.screen_text() and time.monotonic() < ends:
        spans.append(_key(terminal))
        theirs.append(_key(beside))
        time.sleep(0.05)
    assert "SUCCEEDED" in terminal.screen_text(), terminal.screen_text()
    return spans, theirs


def _key(terminal: Terminal) -> float:
    """The help opens: a key whose answer is told from what the run itself paints."""
    pressed = terminal.press("?")
    span = terminal.wait_for("esc closes", 5) - pressed
    terminal.press("escape")
    terminal.wait_gone("esc closes", 5)
    return span


def _book(name: str, scripts: list[str]) -> str:
    steps = (
        f'[[runbook.step]]\nid = "{name}_{n}"\nkind = "command"\nmutates = false\nrun = ["sh", "-c", "{script}"]\ntimeout = "5m"\n'
        for n, script in enumerate(scripts)
    )
    return f'[[runbook]]\nid = "{name}"\ntitle = "{name}"\n{"".join(steps)}'


def _flood(size: int) -> str:
    return f"yes the quick brown fox jumps over the lazy dog | head -c {size}; echo the last line"


def _alone(size: int) -> float:
    """Seconds that the same takes when another program reads and digests it, and keeps nothing."""
    reads = "import hashlib, sys; d = hashlib.sha256(); [d.update(b) for b in iter(lambda: sys.stdin.buffer.read1(65536), b'')]"
    began = time.perf_counter()
    subprocess.run(["sh", "-c", f'({_flood(size)}) | "$0" -c "$1"', sys.executable, reads], check=True)
    return time.perf_counter() - began


def _lasted(state: Path, step: str) -> float:
    (ended,) = (state / "runs").glob(f"*/{step}.1.do/exit.json")
    return float(json.loads(ended.read_text())["lasted"])


def _store(state: Path) -> int:
    return sum(each.stat().st_size for each in state.rglob("*") if each.is_file())
