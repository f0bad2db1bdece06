"""Coarse bounds, several times what was measured; `make bench` has the fine ones."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from artisan_tui.domain.event import canonical
from artisan_tui.domain.health import newborn
from artisan_tui.domain.sample import CheckSample, Standing
from artisan_tui.domain.state import State
from artisan_tui.store.dialect import guards
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import Place
from artisan_tui.store.store import Store

START = datetime(2026, 11, 21, tzinfo=UTC)
EVENTS = 300_000


def best(act: Callable[[], object], times: int = 5) -> float:
    """Seconds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append(time.perf_counter() - start)
    return min(spent)


def test_pages_of_a_large_journal(store: Store, place: Place, raw: Any, entries: Any) -> None:
    fill = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO event "
        "SELECT i, '2026-11-21T09:42:00.000000Z', '2026-11-21T09:42:00.000000Z', 'a', 'k' || (i % 7), "
        "'s' || (i % 100), '{\"from\":\"up\",\"to\":\"down\"}', NULL, 'p', 'h' FROM n"
    )
    raw(*(f"DROP TRIGGER {name}" for name in guards("sqlite")), "PRAGMA synchronous=OFF", fill, values=(EVENTS,))
    raw(*guards("sqlite").values())
    assert store.events(1)[0].seq == EVENTS
    assert best(store.events) < 0.02
    assert best(lambda: store.events(before=EVENTS // 2)) < 0.02
    assert best(lambda: store.events(kind="k3", before=EVENTS // 2)) < 0.02
    assert best(lambda: store.events(subject="s42")) < 0.02
    assert best(lambda: store.events(kind="none such")) < 0.02
    assert best(lambda: last_known(place)) < 0.02
    # The guards look at the end of the table, not through it.
    raw("UPDATE meta SET value = ? WHERE key = 'journal'", values=(f"{EVENTS}:{'h' * 64}",))
    raw("DROP TRIGGER event_no_update", "UPDATE event SET hash = ? WHERE seq = ?", values=("h" * 64, EVENTS))
    assert best(lambda: store.append([entries(1)], at=START)) < 0.02


def test_a_thousand_samples(store: Store) -> None:
    names = [f"service-{n}.health" for n in range(1000)]
    spent = []
    for number in range(5):
        at = START + timedelta(seconds=10 * number)
        samples = [CheckSample(name, at, State.UP, "ok", 0.123, "41.5") for name in names]
        standings = [Standing(name, "S", "http", newborn(at)) for name in names]
        start = time.perf_counter()
        store.record(samples, standings)
        spent.append(time.perf_counter() - start)
    assert statistics.median(spent) < 0.1


def test_appends_against_bare_commits(store: Store, entries: Any, tmp_path: Path) -> None:
    body = canonical(entries(1).body)
    with closing(sqlite3.connect(tmp_path / "bare.db", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, body TEXT, hash TEXT)")

        def commit() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO event (at, kind, body, hash) VALUES ('a', 'k', ?, ?)", (body, "0" * 64))
            bare.execute("COMMIT")

        ours, theirs = [], []
        for _ in range(300):
            theirs.append(best(commit, 1))
            ours.append(best(lambda: store.append([entries(1)], at=START), 1))
    assert statistics.median(ours) < 4 * statistics.median(theirs)
