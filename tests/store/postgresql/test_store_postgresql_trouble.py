"""The store on PostgreSQL with many processes, locks, and servers that stop or refuse."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from artisan_tui.domain.state import State
from artisan_tui.store import dialect, errors
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import PASSWORD, Postgres, postgres_server
from support.postgresql_store import START, sample_at
from support.servers import until
from support.stopwatch import Stopwatch

pytestmark = pytest.mark.xdist_group("store-postgresql")
APPEND = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from artisan_tui.domain.event import Entry
from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.state import State
from artisan_tui.store.place import StorePlace
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.store import Store

url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
at = datetime(2026, 11, 21, tzinfo=UTC)
sys.stdin.readline()  # all start at once
store = Store.open(StorePlace(Path("/nowhere"), url))
for number in range(count):
    (event,) = store.append([Entry(at, name, "note", body={"number": number})], at=at)
    store.part(CheckStore).record([CheckSample("shared", at + timedelta(microseconds=number), State.UP, "ok", 0.001)])
    print(event.seq, flush=True)
store.close()
"""


def started(python: Any, place: StorePlace, count: int, names: str) -> list[Any]:
    processes = [python(APPEND, place.url, name, count) for name in names]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return processes


def test_many_processes_append_at_once(python: Any, place: StorePlace) -> None:
    # The tables are not there yet: they also race to make them.
    processes = started(python, place, 60, "abcd")
    said: dict[str, list[int]] = {}
    for name, process in zip("abcd", processes, strict=True):
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        said[name] = [int(line) for line in out.split()]
    with Store.open(place) as store:
        events = store.journal.page(1000)
        assert len(events) == 240
        assert store.verify().sound
        for name, seqs in said.items():
            mine = [event for event in reversed(events) if event.actor == name]
            assert [event.body["number"] for event in mine] == list(range(60))
            assert [event.seq for event in mine] == seqs
        at = events[0].occurred_at
        assert len(store.part(CheckStore).samples("shared", at)) == 60
        assert store.part(CheckStore).roll_ups("shared", at)[0].total == 60


def test_what_was_appended_survives_kill_9_of_us(python: Any, place: StorePlace) -> None:
    with ExitStack() as stack:
        (process,) = started(python, place, 1_000_000, "k")
        stack.enter_context(process)
        written = 0
        for _ in range(40):
            written = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        for line in process.stdout.read().splitlines(keepends=True):
            written = int(line) if line.endswith("\n") else written
        process.wait(timeout=10)
    with Store.open(place) as store:
        assert store.verify().sound
        assert written <= store.verify().events <= written + 1


@contextmanager
def holding(server: Postgres, database: str, lock: str) -> Iterator[None]:
    with psycopg.connect(server.url(database)) as other:
        other.execute(lock)
        yield


def test_locked(
    server: Postgres, database: str, place: StorePlace, entries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.3)
    begin = tuple(line.replace("5s", "300ms") for line in dialect.BEGIN_WRITING["postgresql"])
    monkeypatch.setitem(dialect.BEGIN_WRITING, "postgresql", begin)
    with Store.open(place) as store:
        for number, lock in enumerate(
            (f"SELECT pg_advisory_xact_lock({dialect._ADVISORY})", "LOCK TABLE event IN EXCLUSIVE MODE")
        ):
            with holding(server, database, lock):
                clock = Stopwatch()
                with pytest.raises(errors.StoreLocked) as refused:
                    store.append([entries(1)], at=START)
                assert clock.seconds < 2
                assert "fuser" not in str(refused.value)
                assert len(store.journal.page()) == number  # reading goes on
            assert store.append([entries(1)], at=START)
            assert store.verify().sound


def test_a_writer_that_vanishes_in_the_middle_does_not_keep_the_lock(
    place: StorePlace, entries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine lost the network: no packet says so to the server."""
    begin = tuple(line.replace("'15s'", "'200ms'") for line in dialect.BEGIN_WRITING["postgresql"])
    assert begin != dialect.BEGIN_WRITING["postgresql"]
    monkeypatch.setitem(dialect.BEGIN_WRITING, "postgresql", begin)

    def vanish(store: Store, other: Store) -> None:
        with store.writing() as transaction:
            transaction.append([entries(1)], START)
            # Nothing more comes from here; the server lets the next one in.
            assert other.append([entries(2)], at=START)[0].seq == 1

    with Store.open(place) as store, Store.open(place) as other:
        with pytest.raises(errors.StoreUnreachable):
            vanish(store, other)
        assert store.append([entries(3)], at=START)[0].seq == 2


def test_stopped_and_back(entries: Any, tmp_path: Path) -> None:
    with postgres_server() as server:
        place = StorePlace(tmp_path, server.url(user=f"ford:{PASSWORD}"))
        server.sql("GRANT ALL ON SCHEMA public TO ford")
        with Store.open(place) as store, Store.open(place, read_only=True) as reader:
            for how in (signal.SIGINT, signal.SIGKILL):
                (event,) = store.append([entries(1)], at=START)
                server.stop(how)
                for act in (
                    lambda: store.append([entries(2)], at=START),
                    lambda: store.part(CheckStore).record([sample_at(0)]),
                    store.journal.page,
                    store.verify,
                    store.leases.read,
                    reader.journal.page,
                ):
                    for _ in range(2):
                        with pytest.raises(errors.StoreUnreachable) as refused:
                            act()
                        assert str(refused.value).startswith("the store postgresql://ford:***@")
                        assert "check that the database is running" in str(refused.value)
                        assert PASSWORD not in str(refused.value)
                        assert "\n" not in str(refused.value)
                with pytest.raises(errors.StoreUnreachable):
                    Store.open(place)
                server.start()
                # It is not opened again: the same store goes on.
                (after,) = store.append([entries(2)], at=START)
                assert after.seq == event.seq + 1
                store.part(CheckStore).record([sample_at(0), sample_at(1)])
                assert len(reader.journal.page()) == after.seq
                assert store.verify().sound


def test_our_session_is_ended_in_the_middle_of_a_transaction(server: Postgres, place: StorePlace, entries: Any) -> None:
    """As an administrator or a failover does: nothing half is written, and the next try succeeds."""
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
        kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'artisan_%'"

        def cut_off() -> None:
            with store.writing() as transaction:
                transaction.append([entries(2)], START)
                assert int(server.sql(kill)) >= 1
                transaction.append([entries(3)], START)

        with pytest.raises(errors.StoreUnreachable):
            cut_off()
        assert [event.seq for event in store.append([entries(4)], at=START)] == [2]
        assert store.verify().sound


def test_a_failing_body_writes_nothing_and_the_store_goes_on(place: StorePlace, entries: Any) -> None:
    with Store.open(place) as store:
        with pytest.raises(TypeError):
            store.append([entries(1), replace(entries(2), body={"x": object()})], at=START)
        assert store.journal.page() == ()
        assert store.append([entries(1)], at=START)[0].seq == 1
        with pytest.raises(ValueError, match="a state, not"):
            store.part(CheckStore).record([sample_at(0), sample_at(1, State.MAINTENANCE)])
        assert store.part(CheckStore).samples("api", START) == ()
        assert store.verify().sound


def test_wrong_password_no_database_no_server(server: Postgres, tmp_path: Path) -> None:
    for url in (
        server.url(user="ford:wrong-one"),
        server.url("nothing_here"),
        "postgresql://u:wrong-one@127.0.0.1:1/d",
        "postgresql://u:wrong-one@nonexistent.invalid/d",
    ):
        with pytest.raises(errors.StoreUnreachable) as refused:
            Store.open(StorePlace(tmp_path, url))
        assert "wrong-one" not in str(refused.value)
        assert "\n" not in str(refused.value)
    with pytest.raises(errors.StoreError):
        Store.open(StorePlace(tmp_path, "postgresql://u@127.0.0.1:notaport/d"))


def test_a_server_that_answers_nobody_does_not_hold_us_for_ever(entries: Any, tmp_path: Path) -> None:
    with postgres_server() as server:
        with server.frozen():
            began = time.monotonic()
            with pytest.raises(errors.StoreUnreachable):
                Store.open(StorePlace(tmp_path, server.url()))
            assert time.monotonic() - began < 15
        with Store.open(StorePlace(tmp_path, server.url())) as store:
            assert store.append([entries(1)], at=START)


def test_no_session_is_left_behind(server: Postgres, database: str, place: StorePlace) -> None:
    with Store.open(place) as store:
        store.verify()
    sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
    until(lambda: server.sql(sessions) == "0", 5, "the sessions' end")
