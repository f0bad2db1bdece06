"""Cells of the ledger: followed, loaded, damaged, forgotten, and small."""

from __future__ import annotations

import random
import sqlite3
import tracemalloc
import zlib
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.store.errors import StoreCorrupt, StoreReadOnly
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.cells import packed, unpacked
from artisan_tui.store.slo.part import LedgerInfo, SloStore
from artisan_tui.store.store import Store
from support.ledger_rows import BASE, EVER, NUMBERS, OTHER, WHAT, Execute, row

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")
pytestmark = pytest.mark.xdist_group("store-ledger")


def test_a_follower_reads_only_the_hours_that_moved(store: Store) -> None:
    assert store.part(SloStore).changes("api", WHAT, 0) == (0, [])
    store.part(SloStore).keep_minutes("api", WHAT, [row(n) for n in range(-100, 100)])
    stamp, rows = store.part(SloStore).changes("api", WHAT, 0)
    assert (stamp, rows) == (1, [row(n) for n in range(-100, 100)])
    assert store.part(SloStore).changes("api", WHAT, stamp) == (1, [])
    store.part(SloStore).keep_many([("api", WHAT, [row(99), row(100)]), ("db", WHAT, [row(0)])])
    assert store.part(SloStore).changes("api", WHAT, stamp) == (2, [row(n) for n in range(80, 101)])
    store.part(SloStore).keep_minutes("api", WHAT, [row(-100, 1, 3)])
    stamp, rows = store.part(SloStore).changes("api", WHAT, 1)
    assert (stamp, rows[0], rows[-1], len(rows)) == (3, row(-100, 1, 3), row(100), 60 + 21)
    # A stamp from a store that is there no more says nothing.
    assert len(store.part(SloStore).changes("api", WHAT, 99)[1]) == 201
    assert store.part(SloStore).changes("db", WHAT, 0) == (1, [row(0)])


def test_a_follower_that_loads_and_goes_on_misses_nothing(store: Store, place: StorePlace) -> None:
    chance = random.Random(5)
    with Store.open(place, read_only=True) as other:
        store.part(SloStore).keep_minutes("api", WHAT, [row(n) for n in range(100)])
        mirror = MinuteSeries()
        stamp = other.part(SloStore).load("api", WHAT, EVER, mirror)
        for _ in range(30):
            first = chance.randrange(150)
            store.part(SloStore).keep_minutes(
                "api", WHAT, [row(n, 1, chance.randrange(9)) for n in range(first, first + 5)]
            )
            stamp, rows = other.part(SloStore).changes("api", WHAT, stamp)
            mirror.put(rows)
        assert mirror.rows(EVER) == store.part(SloStore).minutes("api", WHAT, EVER)
        assert stamp == store.part(SloStore).ledgers()[0].stamp


def test_reach_and_what_there_is(store: Store) -> None:
    assert store.part(SloStore).reach("api", WHAT) is None
    store.part(SloStore).keep_minutes("b", WHAT, [row(5), row(500, 0)])
    store.part(SloStore).keep_minutes("a", OTHER, [row(0)])
    store.part(SloStore).keep_minutes("a", WHAT, [row(1)])
    assert store.part(SloStore).reach("b", WHAT) == (BASE + 5, BASE + 501)
    assert store.part(SloStore).ledgers() == [
        LedgerInfo("a", OTHER, 1, (BASE, BASE + 1)),
        LedgerInfo("a", WHAT, 1, (BASE + 1, BASE + 2)),
        LedgerInfo("b", WHAT, 1, (BASE + 5, BASE + 501)),
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.dictionaries(st.integers(BASE - 200, BASE + 300), st.sampled_from([0, 1, 200, 2**20, 2**40, -1]), max_size=300),
    st.integers(BASE - 300, BASE + 400),
    st.integers(0, 500),
)
def test_loading_is_the_same_as_reading(store: Store, cells: dict[int, int], start: int, length: int) -> None:
    name, span = f"slo-{next(NUMBERS)}", Span(start, start + length)
    store.part(SloStore).keep_minutes(
        name, WHAT, [(minute, value, value + 7, abs(value) % 3) for minute, value in cells.items()]
    )
    loaded, put = MinuteSeries(), MinuteSeries()
    assert store.part(SloStore).load(name, WHAT, span, loaded) == bool(cells)
    rows = store.part(SloStore).minutes(name, WHAT, span)
    put.put(rows)
    assert loaded.rows(EVER) == rows
    assert loaded.read(span) == put.read(span)
    assert loaded.holes(EVER) == put.holes(EVER)


GOOD = packed(array("q", [1] * 180))
DAMAGED = {
    "empty": b"",
    "rubbish": b"\xff" * 100,
    "cut": GOOD[:-3],
    "a bit": GOOD[:-1] + bytes([GOOD[-1] ^ 1]),
    "more after it": GOOD + b"x",
    "too short": zlib.compress(b"\0" * 1432),
    "too long": zlib.compress(b"\0" * 1448),
    "less than nothing": packed(array("q", [-2] * 180)),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_cells_are_told_and_nothing_is_written_over_them(store: Store, execute: Execute, damage: str) -> None:
    store.part(SloStore).keep_many([("api", WHAT, [row(0)]), ("db", WHAT, [row(0)])])
    execute(
        "UPDATE ledger_hour SET cells = ? WHERE ledger_ref = (SELECT id FROM ledger_ref WHERE slo_id = 'api')",
        DAMAGED[damage],
    )
    before = execute("SELECT cells FROM ledger_hour ORDER BY ledger_ref")
    acts: Sequence[Callable[[], object]] = (
        lambda: store.part(SloStore).minutes("api", WHAT, EVER),
        lambda: store.part(SloStore).load("api", WHAT, EVER, MinuteSeries()),
        lambda: store.part(SloStore).changes("api", WHAT, 0),
        lambda: store.part(SloStore).reach("api", WHAT),
        store.part(SloStore).ledgers,
        lambda: store.part(SloStore).keep_many([("db", WHAT, [row(1)]), ("api", WHAT, [row(1)])]),
    )
    for act in acts:
        with pytest.raises(StoreCorrupt, match="the ledger of api, hour"):
            act()
    assert execute("SELECT cells FROM ledger_hour ORDER BY ledger_ref") == before
    assert store.part(SloStore).minutes("db", WHAT, EVER) == [row(0)]


def test_few_bytes_that_claim_to_be_many_are_not_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000), 1)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="sixty"):
            unpacked(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("value", ["text", 7, 1.5])
def test_what_is_no_blob_is_damage_too(tmp_path: Path, value: object) -> None:
    """SQLite takes anything in any column; PostgreSQL does not."""
    with Store.open(StorePlace(tmp_path)) as store, closing(sqlite3.connect(tmp_path / "artisan.db")) as other:
        store.part(SloStore).keep_minutes("api", WHAT, [row(0)])
        with other:
            other.execute("UPDATE ledger_hour SET cells = ?", (value,))
        for act in (
            lambda: store.part(SloStore).minutes("api", WHAT, EVER),
            lambda: store.part(SloStore).keep_minutes("api", WHAT, [row(1)]),
        ):
            with pytest.raises(StoreCorrupt):
                act()


def test_read_only_is_read(store: Store, place: StorePlace) -> None:
    store.part(SloStore).keep_minutes("api", WHAT, [row(0)])
    with Store.open(place, read_only=True) as viewer:
        assert viewer.part(SloStore).minutes("api", WHAT, EVER) == [row(0)]
        assert viewer.part(SloStore).reach("api", WHAT) == (BASE, BASE + 1)
        for rows in ([row(0)], [row(1)]):
            with pytest.raises(StoreReadOnly):
                viewer.part(SloStore).keep_minutes("api", WHAT, rows)


def test_only_hours_older_than_400_days_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.store.prune.CHUNK", 10)
    now = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
    edge = int(now.timestamp()) // 60 - 400 * DAY
    first = edge // 60 * 60
    rows = [(minute, 1, 2, 1) for minute in (*range(first - 60 * 95, first, 60), first - 1, first, edge, edge + DAY)]
    store.part(SloStore).keep_many(
        [("api", WHAT, rows), ("gone", WHAT, [(first - 1, 0, 1, 1)]), ("young", WHAT, [(edge, 0, 1, 1)])]
    )
    assert store.prune(now - timedelta(days=9)) == 0
    assert store.prune(now) == 96
    assert store.part(SloStore).reach("api", WHAT) == (first, edge + DAY + 1)
    assert store.prune(now) == 0
    # A ledger of which nothing is left keeps its stamp: a follower must see what comes next.
    assert [(known.slo_id, known.stamp, known.reach) for known in store.part(SloStore).ledgers()] == [
        ("api", 1, (first, edge + DAY + 1)),
        ("gone", 1, None),
        ("young", 1, (edge, edge + 1)),
    ]
    store.part(SloStore).keep_minutes("gone", WHAT, [(edge, 0, 1, 1)])
    assert store.part(SloStore).changes("gone", WHAT, 1) == (2, [(edge, 0, 1, 1)])


def test_no_query_walks_through_the_table(tmp_path: Path) -> None:
    """Counted in SQLite's own steps: 40 ledgers of 400 days are 384,000 hours."""
    place = StorePlace(tmp_path / "state")
    with Store.open(place) as store:
        writer = store._writer
        assert writer is not None
        names = [f"slo-{n}" for n in range(40)]
        store.part(SloStore).keep_many([(name, WHAT, [row(0)]) for name in names])
        driver: Any = writer.connection.driver_connection
        driver.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9600) INSERT INTO ledger_hour "
            "SELECT id, ? - i, 1, x'00' FROM ledger_ref, n",
            (BASE // 60,),
        )
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1

        reader: Any = store._reader.connection.driver_connection
        for connection in (driver, reader):
            connection.set_progress_handler(step, 10)
        store.part(SloStore).keep_many([(name, WHAT, [row(1), row(30)]) for name in names])
        store.part(SloStore).changes(names[7], WHAT, 1)
        store.part(SloStore).minutes(names[7], WHAT, Span(BASE, BASE + 60))
        assert store.part(SloStore).reach(names[8], OTHER) is None
        assert 10 < steps < 3_000


def test_thirty_days_take_little_room_and_come_back_whole(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path / "state")) as store:
        chance = random.Random(1)
        written = [(BASE + n, 0, int(chance.gauss(1200, 30)), 1) for n in range(30 * DAY)]
        store.part(SloStore).keep_minutes("api", WHAT, written)
        ledger = MinuteSeries()
        store.part(SloStore).load("api", WHAT, Span(BASE, BASE + 30 * DAY), ledger)
        assert ledger.rows(Span(BASE, BASE + 30 * DAY)) == written
        (size,) = store._reader.exec_driver_sql("SELECT SUM(LENGTH(cells)) FROM ledger_hour").one()
        assert size / (30 * 24) < 200
