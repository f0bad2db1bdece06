"""Appends to the journal against bare sqlite3 commits in the same directory, turn about."""

from __future__ import annotations

import importlib
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from bench.report import Options, Row

START = datetime(2026, 11, 21, tzinfo=UTC)
BODY = {"from": "up", "to": "down", "reason": "timeout", "streak": 3, "latency_ms": 5000}


def journal(options: Options) -> Iterator[Row]:
    """One event per commit at the store's durability; medians of alternating batches."""
    place = importlib.import_module("artisan_tui.store.place")
    store_module = importlib.import_module("artisan_tui.store.store")
    events = importlib.import_module("artisan_tui.domain.event")
    folder = options.place / "journal-state"
    folder.mkdir(parents=True, exist_ok=True)
    store = store_module.Store.open(place.StorePlace(folder))
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, at TEXT, actor TEXT, kind TEXT, body TEXT, hash TEXT)"
    )
    body = events.canonical(BODY)

    def ours(number: int) -> None:
        at = START + timedelta(seconds=number)
        store.append([events.Entry(at, "bench", "check.state", "api.health", BODY)], at=at)

    def theirs(number: int) -> None:
        at = (START + timedelta(seconds=number)).isoformat()
        database.execute("BEGIN IMMEDIATE")
        database.execute(
            "INSERT INTO event (at, actor, kind, body, hash) VALUES (?, ?, ?, ?, ?)",
            (at, "bench", "check.state", body, "0" * 64),
        )
        database.execute("COMMIT")

    try:
        batch, rates = options.times(300, 100), ([], [])  # type: tuple[int, tuple[list[float], list[float]]]
        done = 0
        for turn in range(options.times(12, 5) + 1):
            for act, into in zip((ours, theirs), rates, strict=True):
                rate = timed(act, done, batch)
                if turn:
                    into.append(rate)
            done += batch
    finally:
        database.close()
        store.close()
    mine, bare = statistics.median(rates[0]), statistics.median(rates[1])
    note = f"{mine:,.0f}/s against {bare:,.0f}/s"
    yield Row("journal append / bare sqlite3 commit", mine / bare, "x", 0.5, at_least=True, note=note)


def timed(act: Callable[[int], None], first: int, count: int) -> float:
    """Acts per second."""
    start = time.perf_counter()
    for number in range(first, first + count):
        act(number)
    return count / (time.perf_counter() - start)
