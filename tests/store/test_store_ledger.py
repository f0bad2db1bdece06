"""The ledger in the store: minutes merged the same whatever the order, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import random
import sqlite3
import tracemalloc
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artisan_tui.domain.lease import Holder
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.store import connections
from artisan_tui.store.errors import LeaseLost, StoreCorrupt, StoreReadOnly
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.cells import packed, unpacked
from artisan_tui.store.slo.part import LedgerInfo, SloStore
from artisan_tui.store.store import Store
from support.postgres_server import Postgres, postgres_server

BASE = 29_000_080  # 40 minutes into an hour
WHAT, OTHER = "a" * 64, "b" * 64
EVER = Span(BASE - 10_000, BASE + 10_000)
_NUMBERS = itertools.count(1)
Execute = Callable[..., list[tuple[Any, ...]]]


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


@pytest.fixture
def execute(place: StorePlace) -> Iterator[Execute]:
    """Runs SQL behind the store's back; ``?`` is a value."""
    engine = connections.connect(place, read_only=False)
    mark = "?" if place.sqlite_path else "%s"

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connections.writer(engine) as connection, connections.writing(connection):
            done = connection.exec_driver_sql(statement.replace("?", mark), values)
            return [tuple(row) for row in done] if done.returns_rows else []

    yield run
    engine.dispose()


def row(minute: int, measured: int = 1, bad: int = 0, total: int = 1200) -> Row:
    return BASE + minute, bad, total, measured


def end_state(execute: Execute) -> list[tuple[Any, ...]]:
    query = "SELECT slo_id, definition, hour, cells FROM ledger_hour JOIN ledger_ref ON id = ledger_ref"
    return sorted((slo, what, hour, bytes(cells)) for slo, what, hour, cells in execute(query))


# -- the merge ----------------------------------------------------------------------------


def test_minutes_come_back_in_order_and_only_those_asked_for(store: Store) -> None:
    rows = [row(n, 1, n % 3) for n in (0, 1, 19, 20, 21, 200)] + [(-61, 0, 5, 0), (BASE + 90, -2, 2**63 - 1, 3)]
    store.part(SloStore).keep_minutes("api", WHAT, rows[::-1])
    assert store.part(SloStore).minutes("api", WHAT, Span(-100, BASE + 999)) == sorted(rows)
    assert store.part(SloStore).minutes("api", WHAT, Span(BASE + 1, BASE + 21)) == rows[1:4]
    assert store.part(SloStore).minutes("api", WHAT, Span(BASE + 21, BASE + 21)) == []
    assert store.part(SloStore).minutes("api", OTHER, EVER) == []
    assert store.part(SloStore).minutes("db", WHAT, EVER) == []


def test_what_was_seen_is_not_forgotten_for_a_reader_that_saw_less(store: Store) -> None:
    store.part(SloStore).keep_minutes("api", WHAT, [row(0, 2), row(1, 2), row(2, 0, 0, 0)])
    store.part(SloStore).keep_minutes("api", WHAT, [row(0, 1, 9, 9), row(1, 2, 7, 7), row(2, 1, 5, 5)])
    assert store.part(SloStore).minutes("api", WHAT, EVER) == [row(0, 2), row(1, 2, 7, 7), row(2, 1, 5, 5)]
    # Also within one write, and a minute that nobody could see is a row all the same.
    store.part(SloStore).keep_minutes("api", WHAT, [row(3, 2, 1), row(3, 1, 2), row(3, 2, 3), row(4, 0, 0, 0)])
    assert store.part(SloStore).minutes("api", WHAT, Span(BASE + 3, BASE + 9)) == [row(3, 2, 3), row(4, 0, 0, 0)]


def test_the_same_again_changes_nothing(store: Store, execute: Execute) -> None:
    rows = [row(n, 1 + n % 2, n) for n in range(130)]
    store.part(SloStore).keep_minutes("api", WHAT, rows)
    before = end_state(execute), store.part(SloStore).ledgers(), execute("SELECT * FROM ledger_hour ORDER BY hour")
    store.part(SloStore).keep_minutes("api", WHAT, rows[::-1])
    store.part(SloStore).keep_many([("api", WHAT, rows[50:60]), ("api", WHAT, [row(7, 0, 99)]), ("api", WHAT, [])])
    # There and back again within one write is nothing either.
    store.part(SloStore).keep_minutes("api", WHAT, [row(0, 1, 77), rows[0]])
    assert before == (
        end_state(execute),
        store.part(SloStore).ledgers(),
        execute("SELECT * FROM ledger_hour ORDER BY hour"),
    )
    assert before[1] == [LedgerInfo("api", WHAT, 1, (BASE, BASE + 130))]
    store.part(SloStore).keep_many([])
    store.part(SloStore).keep_minutes("none", WHAT, [])
    assert len(store.part(SloStore).ledgers()) == 1


@st.composite
def chunked(draw: st.DrawFn) -> tuple[list[Row], list[list[Row]]]:
    """Readings, each minute and coverage with one pair of counts; and chunks that hold each at least once, anyhow."""
    counts = st.tuples(st.integers(-3, 9), st.one_of(st.integers(0, 2000), st.integers(-(2**63), 2**63 - 1)))
    keys = st.tuples(st.integers(BASE - 50, BASE + 150), st.integers(0, 3))
    rows = [(minute, *pair, seen) for (minute, seen), pair in draw(st.dictionaries(keys, counts, max_size=40)).items()]
    chunks: list[list[Row]] = [[] for _ in range(draw(st.integers(1, 6)))]
    for each in rows:
        for at in draw(st.sets(st.integers(0, len(chunks) - 1), min_size=1, max_size=3)):
            chunks[at].append(each)
    return rows, [draw(st.permutations(chunk)) for chunk in chunks]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chunked())
def test_any_chunks_in_any_order_are_as_all_at_once(
    store: Store, execute: Execute, readings: tuple[list[Row], list[list[Row]]]
) -> None:
    rows, chunks = readings
    number = next(_NUMBERS)
    store.part(SloStore).keep_minutes(f"whole-{number}", WHAT, rows)
    for chunk in chunks:
        store.part(SloStore).keep_minutes(f"parts-{number}", WHAT, chunk)
    best: dict[int, Row] = {}
    for each in rows:
        best[each[0]] = max(each, best.get(each[0], each), key=lambda known: known[3])
    assert store.part(SloStore).minutes(f"parts-{number}", WHAT, EVER) == [best[minute] for minute in sorted(best)]
    states = end_state(execute)
    whole, parts = ([each[1:] for each in states if each[0] == f"{name}-{number}"] for name in ("whole", "parts"))
    assert whole == parts


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(BASE - 9, BASE + 99), st.integers(0, 2), st.integers(0, 9), st.integers(0, 2))),
    st.lists(st.integers(0, 30), max_size=3),
)
def test_of_equals_the_later_stays_however_they_are_cut(store: Store, rows: list[Row], cuts: list[int]) -> None:
    name = f"slo-{next(_NUMBERS)}"
    edges = [0, *sorted(cuts), len(rows)]
    store.part(SloStore).keep_many([(name, WHAT, rows[low:high]) for low, high in itertools.pairwise(edges[:2])])
    for low, high in itertools.pairwise(edges[1:]):
        store.part(SloStore).keep_minutes(name, WHAT, rows[low:high])
    known: dict[int, Row] = {}
    for each in rows:
        if each[0] not in known or known[each[0]][3] <= each[3]:
            known[each[0]] = each
    assert store.part(SloStore).minutes(name, WHAT, EVER) == [known[minute] for minute in sorted(known)]


@pytest.mark.parametrize(
    "bad", [(BASE, 2**63, 0, 1), (BASE, 0, -(2**63) - 1, 1), (2**63, 0, 0, 1), (BASE, 0, 0, -1), (BASE, 0, 0, 2**63)]
)
def test_what_no_row_can_hold_is_refused_and_nothing_written(store: Store, bad: Row) -> None:
    with pytest.raises(ValueError, match=r"64 bits|less than nothing"):
        store.part(SloStore).keep_many([("api", WHAT, [row(0)]), ("db", WHAT, [row(1), bad])])
    assert store.part(SloStore).ledgers() == []


def test_several_definitions_and_hostile_names_are_ledgers_of_their_own(store: Store) -> None:
    names = ["api", "가용성", "a'; DROP TABLE ledger_ref; --", "x\0y", "\udcff", ""]
    store.part(SloStore).keep_many([(name, what, [row(n)]) for n, name in enumerate(names) for what in (WHAT, OTHER)])
    for number, name in enumerate(names):
        assert (
            store.part(SloStore).minutes(name, WHAT, EVER)
            == store.part(SloStore).minutes(name, OTHER, EVER)
            == [row(number)]
        )
    assert len(store.part(SloStore).ledgers()) == 2 * len(names)


def test_under_the_lease_an_old_holder_keeps_nothing(store: Store) -> None:
    mine = store.leases.claim(store.leases.read(), Holder("me", "j.park"))
    assert mine is not None
    store.part(SloStore).keep_many([("api", WHAT, [row(0)])], fence=mine.fence)
    assert store.leases.read().beat == mine.beat + 1
    assert store.leases.claim(store.leases.read(), Holder("you", "s.lee")) is not None
    with pytest.raises(LeaseLost):
        store.part(SloStore).keep_many([("api", WHAT, [row(1)])], fence=mine.fence)
    assert store.part(SloStore).minutes("api", WHAT, EVER) == [row(0)]


# -- what moved ---------------------------------------------------------------------------------


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
    name, span = f"slo-{next(_NUMBERS)}", Span(start, start + length)
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


# -- what can be wrong --------------------------------------------------------------------------

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


# -- forgetting ---------------------------------------------------------------------------------


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


# -- what it costs ------------------------------------------------------------------------------


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
