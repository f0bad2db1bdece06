"""A run on the screen: two hundred steps, and a step that prints a hundred megabytes.

Keys are pressed before the run and during it, on the same board: a second board beside it would take one of two cores.
What the kernel let the screen's thread wait for a processor is said beside the times: it is the steps' and other people's.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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
#: Milliseconds from a key's byte to the paint of what it does, for ninety-nine of a hundred.
_KEY_BOUND = 50.0
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
        with board(config, state) as full:
            full.wait_for(counts("up", 3), timeout=30)
            rest(full, 1.0, timeout=20)
            idle = Pressed()
            for _ in range(options.times(40, 4)):
                _help(full, idle)
            before, stored = _store(state), psutil.Process(full.process.pid).memory_info().rss
            with Watched(full) as watched:
                long = _run(full, "a_long", steps)
            yield from _keys("200 steps", long, idle)
            grown = (_store(state) - before) / 1000 / steps
            yield Row("200 steps: store and logs, a step", grown, "kB", 40, note="events, projections, folders")
            note = f"{watched.board / _MB:.0f} MB against {stored / _MB:.0f} MB before"
            yield Row("200 steps: memory of the board, times as much", watched.board / stored, "", 1.5, note=note)
            full.press("escape")
            with Watched(full) as flooded:
                flooding = _run(full, "b_flood", FLOODS)
            yield from _keys("100 MB of output", flooding, idle)
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


@dataclass
class Pressed:
    """Seconds from each key to its paint, by what it does; of each also the CPU time of the screen's thread, and how long
    it waited for a processor.
    """

    spans: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, list[float]] = field(default_factory=dict)
    waited: dict[str, list[float]] = field(default_factory=dict)

    def took(self, what: str, span: float, before: tuple[float, float], after: tuple[float, float]) -> None:
        """Times of the screen's thread as `_thread` gives them."""
        self.spans.setdefault(what, []).append(span)
        self.busy.setdefault(what, []).append(after[0] - before[0])
        self.waited.setdefault(what, []).append(after[1] - before[1])


def _keys(what: str, found: Pressed, idle: Pressed) -> Iterator[Row]:
    for key, spans in found.spans.items():
        p99 = percentile(spans, 0.99) * 1000
        note = spread(spans, 1000)
        if key in idle.spans:
            note += f"; idle p99 {percentile(idle.spans[key], 0.99) * 1000:.0f}, median {_median(idle.spans[key]):.0f}"
        note += f"; CPU median {_median(found.busy[key]):.0f}; waited for one p99 {percentile(found.waited[key], 0.99) * 1000:.0f}"
        yield Row(f"{what}: {key} to paint, p99", p99, "ms", _KEY_BOUND, note=note, samples=spans)


def _median(spans: list[float]) -> float:
    """In milliseconds."""
    return statistics.median(spans) * 1000


def _run(terminal: Terminal, name: str, steps: int) -> Pressed:
    """Start a runbook by its screen, and press keys until it is over."""
    terminal.press("4")
    terminal.wait_for("Runbooks")
    terminal.press(*(["home"] if name.startswith("a") else ["end"]))
    terminal.wait_for(lambda: name in terminal.screen_text())
    terminal.press("r")
    terminal.wait_for("Start a runbook")
    terminal.press("enter", "enter")
    terminal.wait_for("RUN-", 20)
    found, chance = Pressed(), random.Random(7)
    ends = time.monotonic() + 5 * steps + 60
    while "SUCCEEDED" not in terminal.screen_text() and time.monotonic() < ends:
        _cursor(terminal, found, name, chance)
        _help(terminal, found)
        time.sleep(chance.uniform(0.03, 0.15))
    assert "SUCCEEDED" in terminal.screen_text(), terminal.screen_text()
    return found


def _help(terminal: Terminal, found: Pressed) -> None:
    """The help opens: a key whose answer is told from what the run itself paints."""
    before = _thread(terminal)
    pressed = terminal.press("?")
    found.took("help", terminal.wait_for("esc closes", 5) - pressed, before, _thread(terminal))
    terminal.press("escape")
    terminal.wait_gone("esc closes", 5)


def _cursor(terminal: Terminal, found: Pressed, name: str, chance: random.Random) -> None:
    """The cursor goes to the first step and one down: the selected step's name is the heading of what is beside it."""
    last = 3 if name.startswith("a") else 1
    done = re.search(r"(\d+)/\d+$", terminal.row(1))
    if done is None or int(done[1]) <= last:
        return  # where the run is at work itself, the cursor follows it
    terminal.press("home")
    with contextlib.suppress(AssertionError):  # the screen of the run may just be opening
        terminal.wait_for(_heading(name, 0), 1)
    terminal.press("home")
    terminal.wait_for(_heading(name, 0), 5)
    for step in range(1, last + 1):
        time.sleep(chance.uniform(0.03, 0.15))
        before = _thread(terminal)
        pressed = terminal.press("down")
        found.took("cursor", terminal.wait_for(_heading(name, step), 5) - pressed, before, _thread(terminal))


def _heading(name: str, step: int) -> re.Pattern[str]:
    return re.compile(rf"Step\W+.*{name}_{step}\b")


def _thread(terminal: Terminal) -> tuple[float, float]:
    """Seconds that the screen's thread was on a processor, and that it waited for one."""
    ran, waited, _times = Path(f"/proc/{terminal.process.pid}/schedstat").read_text().split()
    return int(ran) / 1e9, int(waited) / 1e9


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
