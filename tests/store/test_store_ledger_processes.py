"""One ledger, several processes: what each read is kept, and dying in between leaves no half a minute."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from support.postgres_server import Postgres, postgres_server

WHAT, BASE, MINUTES = "d" * 64, 29_000_000, 700
SPAN = Span(BASE, BASE + MINUTES)
NAMES = ("api", "db", "llm")
_NUMBERS = itertools.count(1)

KEEP = """
import random, sys
from pathlib import Path
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store

folder, url, seed, sees = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
what, base, minutes = "d" * 64, 29_000_000, 700

def row(minute):
    # Of three sessions each was blind for a third of the time.
    if sees != "all" and minute // 100 % 3 == int(sees):
        return (base + minute, 0, 0, 0)
    return (base + minute, minute % 7, 1000 + minute % 50, 1)

chance = random.Random(seed)
chunks = [range(first, min(first + chance.randrange(5, 40), minutes)) for first in range(0, minutes, 5)]
chance.shuffle(chunks)
store = Store.open(StorePlace(Path(folder), url or None))
print("ready", flush=True)
sys.stdin.readline()  # all start at once
for chunk in chunks:
    rows = [row(minute) for minute in chunk]
    store.part(SloStore).keep_many([(name, what, rows) for name in ("api", "db", "llm")])
    print(chunk.start, chunk.stop, flush=True)
store.close()
"""
WHOLE: list[Row] = [(BASE + minute, minute % 7, 1000 + minute % 50, 1) for minute in range(MINUTES)]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    if request.param == "sqlite":
        return StorePlace(tmp_path / "state")
    running: Postgres = request.getfixturevalue("server")
    name = f"ledger_{next(_NUMBERS)}"
    running.sql(f"CREATE DATABASE {name}")
    return StorePlace(tmp_path / "state", running.url(name, driver="postgresql+psycopg"))


def started(python: Any, place: StorePlace, *sees: str) -> list[Any]:
    processes = [python(KEEP, place.state_dir, place.url or "", seed, each) for seed, each in enumerate(sees)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return processes


def finished(processes: list[Any]) -> None:
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err


def test_several_write_overlapping_chunks_at_once(python: Any, place: StorePlace) -> None:
    Store.open(place).close()
    finished(started(python, place, "0", "1", "2"))
    with Store.open(place) as store:
        for name in NAMES:
            assert store.part(SloStore).minutes(name, WHAT, SPAN) == WHOLE
        assert [ledger.reach for ledger in store.part(SloStore).ledgers()] == [(BASE, BASE + MINUTES)] * 3


def test_kill_9_in_between_and_going_on(python: Any, place: StorePlace) -> None:
    Store.open(place).close()
    for said in (20, 45):
        with ExitStack() as stack:
            (process,) = started(python, place, "all")
            stack.enter_context(process)
            lines = [process.stdout.readline() for _ in range(said)]
            process.send_signal(signal.SIGKILL)
            lines += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
            process.wait(timeout=10)
        with Store.open(place) as store:
            kept = [store.part(SloStore).minutes(name, WHAT, SPAN) for name in NAMES]
            assert kept[0] == kept[1] == kept[2]
            assert set(kept[0]) < set(WHOLE)
            known = {minute - BASE for minute, *_ in kept[0]}
            assert known.issuperset(minute for line in lines for minute in range(*map(int, line.split())))
    finished(started(python, place, "all"))
    with Store.open(place) as store:
        assert [store.part(SloStore).minutes(name, WHAT, SPAN) for name in NAMES] == [WHOLE] * 3
