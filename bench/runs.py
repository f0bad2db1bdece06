"""Runs: what a step costs besides itself, and opening a run with very many step executions."""

from __future__ import annotations

import importlib
import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.report import Options, Row

AT = datetime(2026, 11, 21, tzinfo=UTC)
STEPS = 100


def runs(options: Options) -> Iterator[Row]:
    """Steps that end at once, carried out as a session does; then a run of 100 steps, each tried ten times."""
    live = importlib.import_module("support.live_runs")
    records = importlib.import_module("artisan_tui.engine.runbooks.records")
    folder = options.place / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    count = options.times(20, 3)
    steps = [f'[[runbook.step]]\nid = "s{n}"\ntitle = "s"\nkind = "command"\nrun = ["true"]\n' for n in range(STEPS)]
    house = live.House(folder, live.book(*steps[:count]) + live.book(*steps, name="long"))
    try:
        with house.seat() as seat:
            run = seat.start()
            began = time.perf_counter()
            seat.go(run)
            each = (time.perf_counter() - began) * 1000 / count
            assert seat.run(run).state == "succeeded"
            note = "intent, spawn, exit, commit"
            yield Row("a step besides what it does", each, "ms", 150, note=note)
            wanted = seat.start("long")
            _tried(seat, wanted, options.times(10, 2))
            spans = []
            for _ in range(10):
                start = time.perf_counter()
                records.read_record(seat.store, wanted)
                seat.store.journal.page(200, subject=wanted)
                spans.append((time.perf_counter() - start) * 1000)
            note = f"{STEPS * options.times(10, 2):,} step executions"
            yield Row("a long run opens", statistics.median(spans), "ms", 100, note=note)
    finally:
        os.environ.pop("EFFECTS", None)


def _tried(seat: Any, wanted: str, times: int) -> None:
    """Each step tried so often, written as the runner would."""
    kinds = importlib.import_module("artisan_tui.domain.runbooks.events")
    act, entries = "x" * 800, []
    for name in (each.id for each in seat.run(wanted).steps):
        for number in range(1, times + 1):
            after = "succeeded" if number == times else "pending"
            intended = kinds.RunIntended(step=name, part="do", number=number, act=act, undo=act, mutates=1)
            ended = kinds.RunEnded(step=name, part="do", number=number, outcome="ok", after=after, tail="line\n" * 100)
            entries += [intended.entry(AT, "artisan", wanted), ended.entry(AT, "artisan", wanted)]
    finished = kinds.RunFinished(state="failed", why="bench")
    entries.append(finished.entry(AT, "artisan", wanted))
    for first in range(0, len(entries), 200):
        seat.store.append(entries[first : first + 200], at=AT)
