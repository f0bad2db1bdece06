"""The time machine over 90 days of store: from the key to a past moment's picture."""

from __future__ import annotations

import contextlib
import importlib
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.board import board, counts, rest
from bench.report import Options, Row, percentile, spread
from bench.target_server import TargetServer
from support.terminal import Terminal

CHECKS = 50
DAYS = 90
_HOUR, _FIVE = 3_600_000_000, 300_000_000
#: Milliseconds from the key to the first bytes of the past board.
BOUND = 100.0
#: Seconds of rest before the first key.
AHEAD = 5.0
SLOS = """
[[slo]]
id = "slo-{n}"
objective = "99.9%"
window = "30d"
sli = {{ kind = "checks", checks = ["{check}"] }}
"""


def past(options: Options) -> Iterator[Row]:
    """Steps with ``[`` from now, and moments anywhere in the store, on the real board."""
    times, chance = options.times(30, 6), random.Random(5)
    with TargetServer() as server:
        config = server.configure(options.place / "past", CHECKS, "30s")
        engine = importlib.import_module("artisan_tui.engine.settings")
        ids = [check_id for check_id, _service, _spec in engine.read(config).checks()]
        config.write_text(config.read_text() + "".join(SLOS.format(n=n, check=ids[n]) for n in range(10)))
        state = options.place / "past-state"
        state.mkdir(parents=True, exist_ok=True)
        events = fill(state, engine.read(config), ids, options.times(DAYS, 10))
        with board(config, state) as terminal:
            terminal.wait_for(counts("up", CHECKS), timeout=60)
            terminal.wait_for("slo-9", timeout=60)
            rest(terminal, 3.0, timeout=40)
            # What a first moment needs is read ahead in parts; nothing on the screen says when that is over.
            time.sleep(AHEAD)
            first = shown(terminal, "[", chance)
            # From here on changes are minutes apart: the header tells each from the one before.
            jump(terminal, "3d", chance)
            steps = [shown(terminal, "[", chance) for _ in range(times)]
            farthest = 5.0 if options.quick else DAYS - 35.0
            jumps = [jump(terminal, f"{chance.uniform(1, farthest):.2f}d", chance) for _ in range(times)]
    note = f"{events:,} events, {CHECKS} checks, 10 SLOs of 30 d; p99 {percentile(steps, 0.99) * 1000:.0f} ms"
    yield Row(
        "time machine: the first [ of a session", first * 1000, "ms", BOUND, note=f"{AHEAD:g} s after the first board"
    )
    note += f"; {spread(steps, 1000)}"
    yield Row(
        "time machine: [ to the past board", statistics.median(steps) * 1000, "ms", BOUND, note=note, samples=steps
    )
    note = f"anywhere in the store; p99 {percentile(jumps, 0.99) * 1000:.0f} ms; {spread(jumps, 1000)}"
    yield Row("time machine: a typed moment", statistics.median(jumps) * 1000, "ms", BOUND, note=note, samples=jumps)


def shown(terminal: Terminal, key: str, chance: random.Random) -> float:
    """Seconds from the key until the header names another past moment."""
    time.sleep(chance.uniform(0.03, 0.15))
    rest(terminal, 0.05, timeout=1.0)
    before = terminal.row(0)[:45]
    pressed = terminal.press(key)
    return terminal.wait_for(lambda: "THEN" in terminal.row(0) and terminal.row(0)[:45] != before, timeout=20) - pressed


def jump(terminal: Terminal, text: str, chance: random.Random) -> float:
    """Seconds from Enter behind a typed moment until the header names it."""
    terminal.press("@")
    rest(terminal, 0.1, timeout=2.0)
    terminal.send("\x15" + text)  # empties the line first
    rest(terminal, 0.1, timeout=2.0)
    return shown(terminal, "enter", chance)


def fill(state: Path, config: Any, ids: list[str], days: int) -> int:
    """A store of ``days``: what 50 checks and 10 SLOs leave, with an outage of some check every two hours."""
    end = datetime.now(UTC) - timedelta(minutes=2)
    start = end - timedelta(days=days)
    place = importlib.import_module("artisan_tui.store.place").StorePlace(state)
    store_class = importlib.import_module("artisan_tui.store.store").Store
    with store_class.open(place) as store:
        entries = list(_outages(ids, start, end))
        for first in range(0, len(entries), 5_000):
            with store.writing() as transaction:
                for at, entry in entries[first : first + 5_000]:
                    store.journal.seal(transaction.connection, [entry], at)
        _shown(store, ids, start, end)
        _ledgers(store, config, start, end)
        _incidents(store, start, end)
        path = place.sqlite_path
    _probes(path, ids, start, end)
    return len(entries)


def _outages(ids: list[str], start: datetime, end: datetime) -> Iterator[tuple[datetime, Any]]:
    kinds = importlib.import_module("artisan_tui.domain.checks.events")
    session = importlib.import_module("artisan_tui.domain.session.events")
    at, number = start, 0
    while at < end:
        check = ids[number % len(ids)]
        down = kinds.CheckStateChanged(before="up", to="down", reason="status", detail="status 503, expected == 200")
        up = kinds.CheckStateChanged(before="down", to="up", reason="ok")
        yield at, down.entry(at, "artisan", check)
        for minute in range(1, 8):
            moment = at + timedelta(minutes=minute)
            yield moment, session.NoteWritten(text=f"note {number} {minute}").entry(moment, "kim", "")
        at += timedelta(minutes=8)
        yield at, up.entry(at, "artisan", check)
        at += timedelta(minutes=112)
        number += 1


def _incidents(store: Any, start: datetime, end: datetime) -> None:
    """One a day, resolved and closed after a while."""
    part = importlib.import_module("artisan_tui.store.incidents.part")
    acts = importlib.import_module("artisan_tui.domain.incidents.acts")
    acting = importlib.import_module("artisan_tui.domain.incidents.acting")
    policy = importlib.import_module("artisan_tui.domain.incidents.policy")
    incidents = store.part(part.IncidentStore)
    for day in range((end - start).days):
        at = end - timedelta(minutes=60) + timedelta(seconds=day)
        by = acting.By("bench", at)
        declared = {"title": f"Incident {day}", "severity": 3, "policy": policy.IncidentPolicy()}
        incidents.act(
            lambda view, by=by, at=at, declared=declared: acts.declare(view.free_id(at), by, **declared), at=at
        )


def _shown(store: Any, ids: list[str], start: datetime, end: datetime) -> None:
    """What a session keeps for the time machine: twice a day everything, and each check at every change."""
    kinds = importlib.import_module("artisan_tui.engine.checks.then")
    part = importlib.import_module("artisan_tui.store.shown").ShownStore
    piece = importlib.import_module("artisan_tui.domain.shown").ShownPiece
    slices = importlib.import_module("artisan_tui.engine.checks.slice")
    health = importlib.import_module("artisan_tui.domain.checks.health")
    state = importlib.import_module("artisan_tui.domain.state").State.UP
    reason = importlib.import_module("artisan_tui.domain.reason").Reason.OK
    view_kind, all_kind = kinds.KEPT[:2]
    strip = tuple(slices.Tick(state, 0.05, None) for _ in range(slices.STRIP))
    bodies = {}
    for each in ids:
        up = health.Health(state, reason, "", start, start, state, -9, -9)
        view = slices.CheckView(
            each, "Service", each, "http", "http://a", up, health.Policy(), 30.0, 5.0, 0.02, None, strip
        )
        bodies[each] = view_kind.packing.pack(view)
    whole = all_kind.packing.pack((tuple(ids), None))
    at, number = start, 0
    while at < end:
        pieces = [piece(view_kind.piece_name(ids[number % len(ids)]), at, bodies[ids[number % len(ids)]])]
        if number % 6 == 0:
            pieces = [piece(view_kind.piece_name(each), at, bodies[each]) for each in ids]
            pieces.append(piece(all_kind.piece_name(""), at, whole))
        with store.writing() as transaction:
            store.part(part).put(transaction, pieces)
        at += timedelta(hours=2)
        number += 1


def _ledgers(store: Any, config: Any, start: datetime, end: datetime) -> None:
    opening = importlib.import_module("artisan_tui.engine.slo.opening")
    part = importlib.import_module("artisan_tui.store.slo.part")
    first, last = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    chance = random.Random(3)
    for ledger in opening.open_ledgers(config, None, None):
        rows = [(minute, int(chance.random() < 0.001), 2, 2) for minute in range(first, last - 5)]
        store.part(part.SloStore).keep_minutes(ledger.spec.id, ledger.indicator.definition, rows)


def _probes(path: Path, ids: list[str], start: datetime, end: datetime) -> None:
    """Hours and roll-ups of all of it, samples of two days: what the writer would have left, in one go."""
    kept = json.dumps({str(bucket): 10 for bucket in range(60, 72)})
    low, high = int(start.timestamp()) * 1_000_000, int(end.timestamp()) * 1_000_000
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executemany("INSERT INTO check_ref (check_id) VALUES (?)", [(each,) for each in ids])
        for (ref,) in database.execute("SELECT id FROM check_ref").fetchall():
            database.executemany(
                "INSERT INTO check_hour VALUES (?, ?, 119, 0, 1, 0, ?)",
                [(ref, at, kept) for at in range(low // _HOUR * _HOUR, high // _HOUR * _HOUR, _HOUR)],
            )
            database.executemany(
                "INSERT INTO check_roll_up VALUES (?, ?, 10, 0, 0, 0, 20000, 30000, 250000, 10, NULL, NULL)",
                [(ref, at) for at in range(low // _FIVE * _FIVE, high, _FIVE)],
            )
            database.executemany(
                "INSERT INTO check_sample VALUES (?, ?, 'up', 'ok', 25000, NULL)",
                [(ref, at + ref) for at in range(high - 2 * 24 * _HOUR, high, 30_000_000)],
            )
        database.commit()
