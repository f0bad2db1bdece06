"""The ledger in the store: minutes merged the same whatever the order."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artisan_tui.domain.lease import Holder
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span
from artisan_tui.store.errors import LeaseLost
from artisan_tui.store.slo.part import LedgerInfo, SloStore
from artisan_tui.store.store import Store
from support.ledger_rows import BASE, EVER, NUMBERS, OTHER, WHAT, Execute, row

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")
pytestmark = pytest.mark.xdist_group("store-ledger")


def end_state(execute: Execute) -> list[tuple[Any, ...]]:
    query = "SELECT slo_id, definition, hour, cells FROM ledger_hour JOIN ledger_ref ON id = ledger_ref"
    return sorted((slo, what, hour, bytes(cells)) for slo, what, hour, cells in execute(query))


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
    number = next(NUMBERS)
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
    name = f"slo-{next(NUMBERS)}"
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
