"""What is read and written often costs a few steps, however much there is; `make bench` has the times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.state import State
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.dialect import guards
from artisan_tui.store.store import Store

START = datetime(2026, 11, 21, tzinfo=UTC)
EVENTS = 300_000


class Steps:
    """SQLite's own steps, in tens: the same on every machine."""

    count = 0


@contextmanager
def counted(store: Store) -> Iterator[Steps]:
    steps = Steps()

    def step() -> None:
        steps.count += 1

    assert store._writer is not None
    drivers: list[Any] = [each.connection.driver_connection for each in (store._writer, store._reader)]
    for driver in drivers:
        driver.set_progress_handler(step, 10)
    try:
        yield steps
    finally:
        for driver in drivers:
            driver.set_progress_handler(None, 10)


def test_no_page_of_a_large_journal_walks_through_it(store: Store, raw: Any, entries: Any) -> None:
    fill = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO event "
        "SELECT i, '2026-11-21T09:42:00.000000Z', '2026-11-21T09:42:00.000000Z', 'a', 'k' || (i % 7), "
        "'s' || (i % 100), '{\"from\":\"up\",\"to\":\"down\"}', NULL, 'p', 'h' FROM n"
    )
    raw(*(f"DROP TRIGGER {name}" for name in guards("sqlite")), "PRAGMA synchronous=OFF", fill, values=(EVENTS,))
    raw(*guards("sqlite").values())
    assert store.journal.page(1)[0].seq == EVENTS
    for wanted in (
        {},
        {"before": EVENTS // 2},
        {"kind": "k3", "before": EVENTS // 2},
        {"subject": "s42"},
        {"kind": "none such"},
    ):
        with counted(store) as steps:
            store.journal.page(**wanted)
        assert 0 < steps.count < 1000, wanted
    # The guards look at the end of the table, not through it.
    raw("UPDATE meta SET value = ? WHERE key = 'journal'", values=(f"{EVENTS}:{'h' * 64}",))
    raw("DROP TRIGGER event_no_update", "UPDATE event SET hash = ? WHERE seq = ?", values=("h" * 64, EVENTS))
    with counted(store) as steps:
        store.append([entries(1)], at=START)
    assert 0 < steps.count < 200


def test_a_round_of_samples_costs_the_same_after_many(store: Store) -> None:
    names = [f"service-{n}.health" for n in range(100)]
    costs = []
    for number in range(200):
        at = START + timedelta(seconds=10 * number)
        samples = [CheckSample(name, at, State.UP, "ok", 0.123, "41.5") for name in names]
        check_statuses = [CheckStatus(name, "S", "http", initial_health(at)) for name in names]
        with counted(store) as steps:
            store.part(CheckStore).record(samples, check_statuses)
        costs.append(steps.count)
    assert max(costs[-10:]) < 2 * max(costs[1:11])
