"""The ledgers of five SLOs in a real store, filled from a real Prometheus whose thirty days are known to the event.

Filled at once, in pieces and in any order, killed half way, by two processes at once, across an outage of the server:
it always ends in what truly happened. How single indicators read is in `tests/sources/test_sources_truth_*`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import artisan_tui
from artisan_tui.config.load import load
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.metrics import Blind
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.sources.slo import open_indicator
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from support.program import Runner
from support.prom_blocks import WINDOWS, History, configuration, serving, shared

SLOS = ("api-availability", "tokens", "llm-fast-latency", "llm-creative-latency", "rl-reward")
MONTH = WINDOWS["30d"]

#: Fills what is missing, in pieces in an order of its own; says every piece that is on disk.
FILL = """
import asyncio, os, random, sys
from pathlib import Path
from artisan_tui.config.load import load
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.slo import open_indicator
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store

home, end, seed, longest = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

def pieces(chance, holes):
    out = []
    for hole in holes:
        at = hole.start
        while at < hole.end:
            until = min(hole.end, at + chance.randint(min(60, longest), longest))
            out.append(Span(at, until))
            at = until
    chance.shuffle(out)
    return out

async def main():
    config = load(home / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
    context, chance = ProbeContext.open(config.metrics, os.environ), random.Random(seed)
    with Store.open(StorePlace(home / "state")) as store:
        work = []
        for slo in config.slos:
            indicator, known = open_indicator(slo, context.range_source), MinuteSeries()
            store.part(SloStore).load(slo.id, indicator.definition, Span(end - 43200, end), known)
            holes = known.holes(Span(end - 43200, end))
            work += [(slo.id, indicator, piece) for piece in pieces(chance, holes)]
        chance.shuffle(work)
        print("ready", sum(len(piece) for *_, piece in work), flush=True)
        sys.stdin.readline()
        for slo_id, indicator, piece in work:
            filled = await indicator.rows(piece)
            assert not filled.notes, filled.notes
            store.part(SloStore).keep_minutes(slo_id, indicator.definition, filled.rows)
            print(slo_id, piece.start, piece.end, flush=True)
    await context.aclose()

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def history(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> History:
    return shared(pytestconfig, tmp_path_factory)


@pytest.fixture
def home(home: Path, history: History) -> Path:
    (home / "artisan.toml").write_text(configuration(history.url, timeout="60s"), "utf-8")
    return home


@contextmanager
def backfill(home: Path, history: History, seed: int, longest: int = 2880) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for a line to begin, and has said how many minutes are missing (`missing`)."""
    source = str(Path(artisan_tui.__file__).parents[1])
    arguments = (str(home), str(history.end), str(seed), str(longest))
    with subprocess.Popen(
        [sys.executable, "-c", FILL, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def missing(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready "), process.communicate()[1]
    return int(line.split()[1])


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> None:
    _, err = process.communicate(timeout=100)
    assert process.returncode == 0, err


def definitions(store: Store) -> dict[str, str]:
    """One ledger for each SLO: nothing was filled under another meaning. Its doubts are kept beside it."""
    every = [(ledger.slo_id, *ledger.definition.partition(":")) for ledger in store.part(SloStore).ledgers()]
    found = {slo: definition for slo, definition, _, doubt in every if not doubt}
    assert {(slo, definition) for slo, definition, *_ in every} == set(found.items())
    return found


def expect_truth(home: Path, history: History, slos: tuple[str, ...] = SLOS) -> None:
    """Every minute in the store, and every window read from it."""
    end = history.end
    with Store.open(StorePlace(home / "state"), read_only=True) as store:
        known = definitions(store)
        assert set(known) == set(slos)
        for slo in slos:
            truth, span = history.truths[slo], Span(end - MONTH, end)
            true = truth.rows(span.start, span.end)
            held = store.part(SloStore).minutes(slo, known[slo], span)
            wrong = [pair for pair in zip(true, held, strict=True) if pair[0] != pair[1]]
            assert not wrong, f"{slo}: {len(wrong)} minutes, (truth, kept): {wrong[:5]}"
            ledger = MinuteSeries()
            store.part(SloStore).load(slo, known[slo], span, ledger)
            for name, length in WINDOWS.items():
                read = ledger.read(Span(end - length, end)).burned
                assert (read.bad, read.total, read.measured) == truth.window(end, length), f"{slo} {name}"


def test_filled_in_random_pieces(home: Path, history: History) -> None:
    with backfill(home, history, 1) as process:
        assert missing(process) == len(SLOS) * MONTH
        go(process)
        finish(process)
    expect_truth(home, history)


def test_killed_in_the_middle_and_resumed(home: Path, history: History) -> None:
    """kill -9 between any two bytes: what was said to be kept is kept and true, and only the rest is read again."""
    left = len(SLOS) * MONTH
    for round_, pieces in enumerate((5, 24, 11)):
        said: set[tuple[str, int]] = set()
        with ExitStack() as stack:
            process = stack.enter_context(backfill(home, history, 10 + round_))
            assert missing(process) <= left
            go(process)
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(pieces)]
            process.send_signal(signal.SIGKILL)
            lines += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
            process.wait(10)
        for line in lines:
            slo, start, end = line.split()
            said.update((slo, minute) for minute in range(int(start), int(end)))
        with Store.open(StorePlace(home / "state"), read_only=True) as store:
            kept = 0
            for slo, definition in definitions(store).items():
                rows = store.part(SloStore).minutes(slo, definition, Span(history.end - MONTH, history.end))
                assert set(rows) <= set(history.truths[slo].rows(history.end - MONTH, history.end))
                assert {minute for name, minute in said if name == slo} <= {row[0] for row in rows}
                kept += len(rows)
        left = len(SLOS) * MONTH - kept
    with backfill(home, history, 20) as process:
        assert 0 < missing(process) == left
        go(process)
        finish(process)
    expect_truth(home, history)


def test_two_processes_at_once(home: Path, history: History) -> None:
    """Both read everything, each in its own pieces and order, into one store."""
    with backfill(home, history, 31) as one, backfill(home, history, 32, 1440) as other:
        for process in (one, other):
            assert missing(process) == len(SLOS) * MONTH
        for process in (one, other):
            go(process)
        for process in (one, other):
            finish(process)
    expect_truth(home, history)


def test_the_server_goes_away_in_the_middle(home: Path, history: History, tmp_path: Path) -> None:
    """What was kept stays, the rest is a hole, and filled when the server is back."""
    folder = tmp_path / "server"
    folder.mkdir()
    span = Span(history.end - MONTH, history.end)
    with serving(history.built, folder) as first:
        (home / "artisan.toml").write_text(configuration(first.url), "utf-8")
        port = int(first.url.rpartition(":")[2])

        async def fill(stop_after: int | None) -> tuple[int, int]:
            """(pieces kept, pieces that could not be read)"""
            config = load(home / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
            context, kept, failed = ProbeContext.open(config.metrics, os.environ), 0, 0
            assert context.range_source is not None
            try:
                with Store.open(StorePlace(home / "state")) as store:
                    for slo in config.slos:
                        if slo.id == "api-availability":
                            continue  # the largest: the others say the same sooner
                        indicator, known = open_indicator(slo, context.range_source), MinuteSeries()
                        store.part(SloStore).load(slo.id, indicator.definition, span, known)
                        for piece in pieces(known.holes(span)):
                            if kept == stop_after:
                                first.stop()
                            try:
                                filled = await indicator.rows(piece)
                            except Blind:
                                failed += 1
                                continue
                            store.part(SloStore).keep_minutes(slo.id, indicator.definition, filled.rows)
                            kept += 1
            finally:
                await context.aclose()
            return kept, failed

        kept, failed = asyncio.run(fill(40))
        assert kept == 40
        assert failed >= 60
        assert held(home, history) == kept * 1440
        with serving(history.built, folder, port):
            assert asyncio.run(fill(None)) == (failed, 0)
    expect_truth(home, history, SLOS[1:])


def test_the_report_says_what_happened(home: Path, history: History, run: Runner) -> None:
    """By the command line, which fills the ledgers first; and again, when they are in the store."""
    at = datetime.fromtimestamp(history.end_ms / 1000, UTC).isoformat()
    for _ in range(2):
        done = run("slo", "report", "--json", "--at", at)
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)
        assert {each["id"] for each in told["slos"]} == set(SLOS)
        for each in told["slos"]:
            expect_told(each, history)
        assert told["deployments"] == "blocked"
        assert run("slo", "gate", "--at", at).returncode == 1
    expect_kept(home, history)


def expect_told(told: dict[str, Any], history: History) -> None:
    """One SLO of the report, worked out anew from the truth."""
    truth, own = history.truths[told["id"]], WINDOWS[told["window"]]
    bad, total, measured = truth.window(history.end, own)
    assert (told["bad"], told["total"], told["good"]) == (bad, total, total - bad), told["id"]
    assert told["coverage"] == pytest.approx(measured / own, rel=1e-12)
    allowed = 1 - Fraction(told["objective"]) / 100
    used = Fraction(bad, total) / allowed
    assert told["budget_used"] == pytest.approx(float(used), rel=1e-9)
    assert told["budget_remaining"] == pytest.approx(float(1 - used), rel=1e-9)
    assert told["status"] == ("exhausted" if used >= 1 else "warning" if used >= Fraction(4, 5) else "healthy")
    for name, burn in told["burn"].items():
        bad, total, _ = truth.window(history.end, WINDOWS[name])
        assert burn == pytest.approx(float(Fraction(bad, total) / allowed), rel=1e-9), f"{told['id']} {name}"


def expect_kept(home: Path, history: History) -> None:
    """What the report left in the store is true, and all that its windows rest on."""
    with Store.open(StorePlace(home / "state"), read_only=True) as store:
        for slo, definition in definitions(store).items():
            span = Span(history.end - (MONTH if slo in SLOS[:2] else WINDOWS["7d"]), history.end)
            rows = store.part(SloStore).minutes(slo, definition, span)
            assert set(rows) <= set(history.truths[slo].rows(span.start, span.end))
            # The newest two minutes could still have changed at that instant.
            assert len(rows) >= len(span) - 2


def pieces(holes: list[Span]) -> list[Span]:
    """Days, shuffled."""
    out = [Span(start, min(start + 1440, hole.end)) for hole in holes for start in range(hole.start, hole.end, 1440)]
    random.Random(7).shuffle(out)
    return out


def held(home: Path, history: History) -> int:
    """Minutes in the store, all of them true."""
    count = 0
    with Store.open(StorePlace(home / "state"), read_only=True) as store:
        for slo, definition in definitions(store).items():
            rows = store.part(SloStore).minutes(slo, definition, Span(history.end - MONTH, history.end))
            assert set(rows) <= set(history.truths[slo].rows(history.end - MONTH, history.end))
            count += len(rows)
    return count
