"""What is read ahead changes no past moment, and is not read again by the first one."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.engine.checks.past_uptime import past_uptimes
from artisan_tui.engine.checks.slice import UptimeSlice
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.past.ahead import ReadAhead
from artisan_tui.engine.past.snapshots import PastSnapshot, PastSnapshots
from artisan_tui.store.checks.then import checks_then
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from engine.test_engine_past import simulate
from support.past_world import Recorded, differences

BERLIN = ZoneInfo("Europe/Berlin")
_HOUR = 3_600_000_000


def test_a_moment_after_reading_ahead_is_the_same_and_reads_no_budget_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(recorded: Recorded) -> None:
        engine = recorded.engine
        moment = recorded.snapshots[-1].at - timedelta(minutes=6)
        plain = await PastSnapshots(engine).at(moment)
        asked: list[str] = []

        def listen(store: Store, heard: Any) -> None:
            with store.reading() as connection:
                cast(sqlite3.Connection, connection.connection.dbapi_connection).set_trace_callback(heard)

        async def hours_read() -> int:
            asked.clear()
            await engine.ask(lambda store: listen(store, asked.append))
            past = await PastSnapshot(moment).run(engine)
            await engine.ask(lambda store: listen(store, None))
            assert not differences(plain, past)
            return sum("slo_hour" in text or "check_hour" in text for text in asked)

        parts = await ReadAhead().run(engine)
        assert parts > 8, "one part at least for each wing"
        after = await hours_read()
        engine.past = PastSnapshots(engine)
        without = await hours_read()
        # What is left is the day under way, which grows.
        assert after < without / 2, (after, without)

    simulate(monkeypatch, tmp_path, check)


def _then(store: Store, now: datetime, at: datetime, kept: dict[str, Any]) -> Any:
    windows = SimpleNamespace(history=lambda since, until: [])
    states = SimpleNamespace(get=lambda kind: windows if kind is MaintenanceWindows else None)
    return SimpleNamespace(store=store, now=SimpleNamespace(at=now), at=at, zone=BERLIN, kept=kept, states=states)


def _uptimes(store: Store, now: datetime, at: datetime, kept: dict[str, Any], ids: list[str]) -> UptimeSlice:
    with checks_then(store) as stored:
        return past_uptimes(_then(store, now, at, kept), stored, ids, None)


def test_days_that_went_by_are_added_to_those_that_were_read(tmp_path: Path) -> None:
    """Over midnights, a change to summer time and an hour that was written late: the same as when all is read at once."""
    place, chance = StorePlace(tmp_path), random.Random(7)
    start = datetime(2026, 3, 20, 0, 0, tzinfo=UTC)
    with Store.open(place) as store, sqlite3.connect(place.sqlite_path) as database:
        database.execute("INSERT INTO check_ref (check_id) VALUES ('a.b'), ('c.d')")
        late = int(datetime(2026, 3, 27, 22, 0, tzinfo=UTC).timestamp()) * 1_000_000
        for ref, check in database.execute("SELECT id, check_id FROM check_ref").fetchall():
            for hour in range(24 * (14 if check == "a.b" else 5)):
                at = int(start.timestamp()) * 1_000_000 + hour * _HOUR
                if at != late:
                    row = (ref, at, chance.randint(0, 100), 0, chance.randint(0, 9), 0, Latencies.of([0.1]).pack())
                    database.execute("INSERT INTO check_hour VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        database.commit()
        kept: dict[str, Any] = {}
        ids = ["a.b"]
        for day in range(7, 14):
            now = start + timedelta(days=day, minutes=chance.uniform(10, 1400))
            if day == 8:
                database.execute("INSERT INTO check_hour SELECT 1, ?, 50, 0, 50, 0, ''", (late,))
                database.commit()
            if day == 10:
                ids = ["a.b", "c.d"]
            for back in (0.5, 3, 6):
                at = now - timedelta(days=back)
                assert _uptimes(store, now, at, kept, ids) == _uptimes(store, now, at, {}, ids), (day, back)


def test_latencies_that_cannot_be_read_count_nothing_in_a_total() -> None:
    one, other = Latencies.of([0.1, 0.2, 0.2]), Latencies.of([0.2, 3.0])
    assert Latencies.total([one.pack(), "", other.pack()]) == one + other
    for broken in ("{", '{"x": 1}', "[1]", "7", "{},{}", "null"):
        assert Latencies.total([one.pack(), broken, other.pack()]) == one + other, broken
