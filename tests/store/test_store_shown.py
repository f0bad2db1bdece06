"""What was shown, kept by name and moment; and what is known of checks at a moment. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.session.events import NoteWritten
from artisan_tui.domain.shown import BRIEF_KEPT_SECONDS, LASTING_KEPT_SECONDS, ShownPiece
from artisan_tui.domain.state import State
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.checks.then import Served, checks_then
from artisan_tui.store.journal_bounds import seq_at
from artisan_tui.store.place import StorePlace
from artisan_tui.store.shown import ShownStore
from artisan_tui.store.store import Store
from support.postgres_server import postgres_server

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store.open(StorePlace(tmp_path / "state")) as opened:
            yield opened
        return
    with postgres_server() as server:
        server.sql("CREATE DATABASE shown")
        place = StorePlace(tmp_path / "state", server.url("shown", driver="postgresql+psycopg"))
        with Store.open(place) as opened:
            yield opened


def put(store: Store, *pieces: ShownPiece) -> None:
    with store.writing() as transaction:
        store.part(ShownStore).put(transaction, pieces)


def test_the_newest_piece_of_each_name_counts_and_old_ones_go(store: Store) -> None:
    shown = store.part(ShownStore)
    put(
        store,
        ShownPiece("a", START, b"one"),
        ShownPiece("a", START + 2 * MINUTE, b"\0two", lasting=False),
        ShownPiece("b", START + MINUTE, b"b", lasting=False),
    )
    put(store, ShownPiece("a", START + 2 * MINUTE, b"\0three", lasting=False), ShownPiece("c:d", START, b"c"))

    def bodies(minutes: float) -> dict[str, bytes]:
        return {name: piece.body for name, piece in shown.at(START + minutes * MINUTE).items()}

    assert bodies(-1) == {}
    assert bodies(0) == {"a": b"one", "c:d": b"c"}
    assert bodies(1.5) == {"a": b"one", "b": b"b", "c:d": b"c"}
    assert bodies(5) == {"a": b"\0three", "b": b"b", "c:d": b"c"}
    assert shown.at(START + 5 * MINUTE)["a"].at == START + 2 * MINUTE
    store.prune(START + timedelta(seconds=BRIEF_KEPT_SECONDS + 600))
    assert bodies(5) == {"a": b"one", "c:d": b"c"}
    store.prune(START + timedelta(seconds=LASTING_KEPT_SECONDS + 600))
    assert bodies(5) == {}


def test_probes_and_hours_are_those_up_to_the_moment(store: Store) -> None:
    verdicts = [State.UP] * 50 + [State.DOWN] * 10 + [State.UP] * 60
    samples = [CheckSample("api.a", START + n * MINUTE, each, "ok", 0.1) for n, each in enumerate(verdicts)]
    status = CheckStatus("api.a", "API", "http", initial_health(START))
    store.part(CheckStore).record(samples, [status])
    with checks_then(store) as then:
        at = START + 30 * MINUTE
        found = then.probes({"api.a": START, "api.none": None}, at, 5)
        assert list(found) == ["api.a"]
        assert found["api.a"].number == 30
        assert [each.at for each in found["api.a"].newest] == [START + n * MINUTE for n in range(26, 31)]
        assert len(then.heard(["api.a"], START, at)["api.a"]) == 31
        rolled = then.roll_ups(["api.a"], at, 3)["api.a"]
        assert [each.start for each in rolled] == [START + n * MINUTE for n in (20, 25, 30)]
        # Of fewer, more and another moment within the same transaction, too.
        assert [each.start for each in then.roll_ups(["api.a"], at, 2)["api.a"]] == [
            START + n * MINUTE for n in (25, 30)
        ]
        more = then.roll_ups(["api.a"], at + MINUTE, 4)["api.a"]
        assert [each.start for each in more] == [START + n * MINUTE for n in (15, 20, 25, 30)]
        earlier = then.roll_ups(["api.a", "api.none"], START + 9 * MINUTE, 4)
        assert [each.start for each in earlier["api.a"]] == [START, START + 5 * MINUTE]
        (hour,) = then.hours("api.a", START, START + 60 * MINUTE)
        assert (hour.good, hour.down) == (50, 10)
        day = (START.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
        assert then.days(["api.a"], START, START + 120 * MINUTE, timedelta(0)) == {"api.a": {day: Served(110, 10)}}
        assert then.days(["api.a"], START, START + 60 * MINUTE, timedelta(hours=20)) == {
            "api.a": {day + 1: Served(50, 10)}
        }
        assert then.first_hours(["api.a"]) == {"api.a": START}


def test_the_last_event_of_a_moment_is_the_one_written_at_it(store: Store) -> None:
    for minute in range(9):
        store.append([NoteWritten(text=str(minute)).entry(START, "kim", "")], at=START + minute * MINUTE)
    with store.reading() as connection:
        for count in (9, 4, 0):
            for minute in range(-1, 10):
                found = [
                    seq_at(connection, count, START + minute * MINUTE + timedelta(microseconds=n)) for n in (-1, 0)
                ]
                assert found == [max(0, min(count, minute)), max(0, min(count, minute + 1))], (count, minute)
