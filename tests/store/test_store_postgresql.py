"""The store on a real PostgreSQL, where a team with several bastions keeps it: the same guarantees as on SQLite."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus, RollUp
from artisan_tui.domain.event import chain_hash
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.state import State
from artisan_tui.store import connections, dialect, errors, schema
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.dialect import guards
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import PASSWORD, Postgres, postgres_server
from support.servers import until
from support.stopwatch import Stopwatch

START = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
ROW = "(seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes, prev_hash, hash)"
COPY = "SELECT {seq}, occurred_at, recorded_at, 'mallory', kind, subject, body, supersedes, prev_hash, hash FROM event"
UNGUARD = ("DROP TRIGGER event_only_next ON event", "DROP TRIGGER event_no_truncate ON event")
REGUARD = tuple(statement for statement in guards("postgresql").values() if statement.startswith("CREATE TRIGGER"))
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def database(server: Postgres) -> str:
    """A new, empty one."""
    name = f"artisan_{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def place(server: Postgres, database: str, tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "state", server.url(database, driver="postgresql+psycopg"))


@pytest.fixture
def raw(server: Postgres, database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs SQL behind the store's back, as anybody with psql could."""

    def run(*statements: str, values: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(server.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


def sample_at(
    seconds: float, verdict: State = State.UP, latency: float | None = None, check: str = "api"
) -> CheckSample:
    return CheckSample(check, START + timedelta(seconds=seconds), verdict, "ok", latency, "41.50")


# -- opening ----------------------------------------------------------------------------


def test_a_url_without_a_driver_takes_psycopg(server: Postgres, database: str, tmp_path: Path, entries: Any) -> None:
    with Store.open(StorePlace(tmp_path, server.url(database))) as store:
        assert store.append([entries(1)], at=START)[0].seq == 1
    assert not list(tmp_path.iterdir())


def test_without_the_driver_the_mend_is_said(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from pathlib import Path\nfrom artisan_tui.store.place import StorePlace\n"
        "from artisan_tui.store.store import Store\n"
        "try: Store.open(StorePlace(Path('/s'), 'postgresql://u@h/d'))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("StoreError")
    assert 'pip install "artisan-tui[postgres]"' in done.stdout


def test_the_tables_are_what_the_models_say(place: StorePlace, raw: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from artisan_tui.store.model import Model

    with Store.open(place) as store:
        assert store.verify().sound
        assert store.verify().guards
    with connections.connect(place, read_only=True).connect() as connection:
        own = {"include_name": lambda name, kind, parent: kind != "table" or name != "search_word"}
        assert compare_metadata(MigrationContext.configure(connection, opts=own), Model.metadata) == []
    assert raw("SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    with Store.open(place) as again:
        assert again.verify().events == 0


def test_read_only(place: StorePlace, entries: Any) -> None:
    with pytest.raises(errors.StoreMissing, match="without --read-only"):
        Store.open(place, read_only=True)
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    with Store.open(place, read_only=True) as store:
        assert [event.seq for event in store.journal.page()] == [1]
        with pytest.raises(errors.StoreReadOnly):
            store.append([entries(2)], at=START)
        with pytest.raises(errors.StoreReadOnly):
            store.part(CheckStore).record([sample_at(0)])


def test_an_account_that_may_only_read(server: Postgres, database: str, place: StorePlace, entries: Any) -> None:
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ford", database)
    url = server.url(database, user=f"ford:{PASSWORD}")
    with Store.open(place._replace(url=url)) as store:
        assert len(store.journal.page()) == 1
        with pytest.raises(errors.StoreReadOnly) as refused:
            store.append([entries(2)], at=START)
    assert PASSWORD not in str(refused.value)


def test_what_is_not_ours_and_what_is_newer(server: Postgres, place: StorePlace, raw: Any, entries: Any) -> None:
    raw("CREATE TABLE invoices (id int)")
    with pytest.raises(errors.StoreForeign, match="invoices"):
        Store.open(place)
    raw("DROP TABLE invoices")
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    raw("UPDATE alembic_version SET version_num = '9999'")
    with Store.open(place) as store:
        assert store.newer
        assert len(store.journal.page()) == 1
        with pytest.raises(errors.StoreNewer):
            store.append([entries(2)], at=START)


# -- the journal --------------------------------------------------------------------------


@pytest.fixture
def filled(place: StorePlace, entries: Any) -> Iterator[Store]:
    """Five events, one at a time."""
    with Store.open(place) as store:
        for number in range(1, 6):
            store.append([entries(number)], at=START + timedelta(seconds=number))
        yield store


def test_events_come_back_and_hold(filled: Store, entries: Any) -> None:
    found = filled.verify()
    assert found.sound
    assert found.events == 5
    assert [event.seq for event in filled.journal.page()] == [5, 4, 3, 2, 1]
    assert [event.seq for event in filled.journal.page(2, before=4)] == [3, 2]
    assert [event.seq for event in filled.journal.page(after=3)] == [5, 4]
    assert [event.seq for event in filled.journal.page(kind="check.state", subject="api.health")] == [5, 3, 1]
    assert filled.journal.page(1)[0].body == {"number": 5, "text": "복구"}
    hostile = replace(entries(6), actor="a\0b\ud800", body={"nul": "\0", "percent": "%s %(x)s", "quote": "'\\"})
    (event,) = filled.append([hostile], at=START)
    assert filled.journal.page(1)[0].body == hostile.body
    assert filled.journal.page(1)[0].hash == event.hash
    assert filled.verify().sound


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'mallory' WHERE seq = 3",
        "DELETE FROM event WHERE seq = 5",
        "DELETE FROM event",
        "TRUNCATE event",
        f"INSERT INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET actor = 'm'",
        f"INSERT INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 3 ON CONFLICT DO NOTHING",
        f"INSERT INTO event {ROW} {COPY.format(seq='7')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='6')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='0')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='NULL::bigint')} WHERE seq = 5",
        "MERGE INTO event USING (SELECT 3 AS n) x ON event.seq = x.n WHEN MATCHED THEN UPDATE SET actor = 'm'",
    ],
)
def test_only_the_next_event_is_let_in(filled: Store, raw: Any, statement: str) -> None:
    with pytest.raises(psycopg.Error, match="append-only"):
        raw(statement)
    found = filled.verify()
    assert found.sound
    assert found.events == 5
    assert {event.actor for event in filled.journal.page()} == {"j.park"}


@pytest.mark.parametrize(
    ("damage", "seq"),
    [
        ("UPDATE event SET actor = 'mallory' WHERE seq = 3", 3),
        ("UPDATE event SET body = '{' WHERE seq = 3", 3),
        ("DELETE FROM event WHERE seq = 3", 4),
        ("DELETE FROM event WHERE seq = 5", 5),
        ("DELETE FROM event", 1),
        ("UPDATE event SET seq = 0 WHERE seq = 1", 0),
    ],
)
def test_what_was_changed_behind_the_guards_is_named(
    filled: Store, raw: Any, entries: Any, damage: str, seq: int
) -> None:
    raw(*UNGUARD, damage)
    assert not filled.verify().guards
    raw(*REGUARD)
    found = filled.verify()
    assert found.guards
    assert found.broken is not None
    assert found.broken.seq == seq
    if "seq = 5" in damage:
        with pytest.raises(errors.StoreTampered, match="evidence"):
            filled.append([entries(6)], at=START)


def test_an_altered_or_disabled_guard_is_seen(filled: Store, raw: Any) -> None:
    raw("ALTER TABLE event DISABLE TRIGGER event_only_next")
    assert not filled.verify().guards
    raw("ALTER TABLE event ENABLE TRIGGER event_only_next")
    assert filled.verify().guards
    hollow = "CREATE OR REPLACE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END $$"
    raw(hollow)
    assert not filled.verify().guards
    raw(guards("postgresql")["event_guard"].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    assert filled.verify().guards
    raw(UNGUARD[0], "CREATE TRIGGER event_only_next BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_guard()")
    assert not filled.verify().guards


def test_an_event_added_by_somebody_who_knows_the_rule_is_seen(filled: Store, raw: Any) -> None:
    ((head,),) = raw("SELECT hash FROM event WHERE seq = 5")
    values = (head, 6, "2026-11-21T00:00:00.000000Z", "2026-11-21T00:00:00.000000Z", "mallory", "k", "", "{}", None)
    row = (*values[1:], head, chain_hash(*values))
    raw("INSERT INTO event VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", values=row)
    found = filled.verify()
    assert found.broken is not None
    assert found.broken.seq == 6


# -- checks -----------------------------------------------------------------------------------


def test_samples_roll_ups_and_statuses(place: StorePlace) -> None:
    with Store.open(place) as store:
        samples = (
            sample_at(0.000001, State.DOWN),
            sample_at(10, latency=0.142),
            replace(sample_at(20), value=None, reason="한"),
        )
        store.part(CheckStore).record(samples)
        assert store.part(CheckStore).samples("api", START) == samples
        store.part(CheckStore).record(samples)  # changes nothing
        store.part(CheckStore).record(
            [sample_at(30, latency=0.1), sample_at(40, State.UNKNOWN), sample_at(301, State.DEGRADED, 0.3)]
        )
        first, second = store.part(CheckStore).roll_ups("api", START)
        assert first == RollUp("api", START, 3, 0, 1, 1, 0.1, 0.142, 0.242, 2, 41.5, 41.5)
        assert second == RollUp("api", START + timedelta(minutes=5), 0, 1, 0, 0, 0.3, 0.3, 0.3, 1, 41.5, 41.5)
        health = replace(initial_health(START), state=State.DOWN, detail="a\0b", stale=True, seen_at=START)
        check_statuses = [
            CheckStatus("api", "API", "http", health, 0.142, "0.1", 30.0, 5.0, '{"a": 1}'),
            CheckStatus("db", "데이터베이스", "postgres", initial_health(START), None, None, 60.0, 4.5),
        ]
        store.part(CheckStore).record([], check_statuses)
        store.part(CheckStore).record([], check_statuses)
        found = store.part(CheckStore).statuses()
        assert [each.check_id for each in found] == ["api", "db"]
        assert found[1] == check_statuses[1]
        assert found[0] == replace(check_statuses[0], health=replace(health, detail="a�b"))


def test_many_at_once_and_pruning(place: StorePlace) -> None:
    with Store.open(place) as store:
        names = [f"service-{number}.health" for number in range(600)]
        began = time.perf_counter()
        store.part(CheckStore).record([sample_at(0, latency=0.1, check=name) for name in names])
        store.part(CheckStore).record([sample_at(10, latency=0.2, check=name) for name in names])
        assert time.perf_counter() - began < 10
        store.part(CheckStore).record([sample_at(3 * 86400, check=names[0])])
        assert store.prune(START + timedelta(days=3)) == 1200
        assert store.part(CheckStore).samples(names[0], START) == (sample_at(3 * 86400, check=names[0]),)
        assert len(store.part(CheckStore).roll_ups(names[1], START)) == 1
        assert store.prune(START + timedelta(days=91)) == 1201
        assert store.prune(START + timedelta(days=91)) == 0


def test_the_lease(place: StorePlace, entries: Any) -> None:
    with Store.open(place) as one, Store.open(place) as other:
        seen = one.leases.read()
        assert other.leases.read() == seen
        mine = one.leases.claim(seen, Holder("one", "j.park"))
        assert mine is not None
        assert other.leases.claim(seen, Holder("other", "s.lee")) is None
        one.append([entries(1)], at=START, fence=mine.fence)
        one.part(CheckStore).record([sample_at(0)], fence=mine.fence)
        assert other.leases.read().beat == mine.beat + 2
        other.leases.speak(mine.beat, "all")
        assert one.leases.read().asked == "all"
        taken = other.leases.claim(other.leases.read(), Holder("other", "s.lee"))
        assert taken is not None
        with pytest.raises(errors.LeaseLost):
            one.append([entries(2)], at=START, fence=mine.fence)
        assert len(other.journal.page()) == 1
        assert other.pulse()[0] == 1
        other.leases.release(taken.fence)
        assert one.leases.read().holder is None


# -- several at once ------------------------------------------------------------------------------

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


# -- a server that goes and comes ---------------------------------------------------------------


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


def test_words_are_found(place: StorePlace) -> None:
    from artisan_tui.domain.event import Entry
    from artisan_tui.store.search import SearchStore

    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    said = ("결제장애를 복구했습니다 (CUDA out of memory)", "memory is fine", 'a\' OR "b" \\ :* & !')
    with Store.open(place) as store:
        search = store.part(SearchStore)
        store.append([Entry(at, "alice", "note", f"INC-{n}", {"text": text}) for n, text in enumerate(said)], at=at)
        assert search.catch_up() == search.catch_up() == 0
        assert [event.seq for event in search.find(["memory"]).events] == [2, 1]
        assert [event.seq for event in search.find(["장애"]).events] == [1]
        assert [event.seq for event in search.find(["memory"], subject="INC-1").events] == [2]
        assert [event.seq for event in search.find(["a'", "\\"]).events] == [3]
        assert search.find(["emory"]).events == ()
        assert store.verify().sound


def test_words_are_found_across_blocks_newest_first(place: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of four events, so that stretches are halved and joined; beginnings, kinds, times and pages as on SQLite."""
    from artisan_tui.domain.event import Entry
    from artisan_tui.domain.journal_filter import JournalFilter
    from artisan_tui.store.search import SearchStore

    monkeypatch.setattr("artisan_tui.store.dialect_search.BLOCK", 4)
    monkeypatch.setattr("artisan_tui.store.search._CANDIDATES", 10)
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    said = [f"memory {n}" if n % 3 else "결제장애 disk" for n in range(60)]
    kinds = ("note", "incident.noted")
    with Store.open(place) as store:
        search = store.part(SearchStore)
        store.append(
            [Entry(at, "alice", kinds[n % 2], f"INC-{n % 2}", {"text": text}) for n, text in enumerate(said)], at=at
        )
        assert search.catch_up() == 0

        def seqs(*words: str, **asked: Any) -> list[int]:
            found, before = list[int](), None
            while True:
                piece = search.find(words, before=before, limit=7, **asked)
                found += [event.seq for event in piece.events]
                if piece.whole:
                    return found
                before = piece.reached

        assert seqs("mem") == [n + 1 for n in reversed(range(60)) if n % 3]
        assert seqs("제장애") == [n + 1 for n in reversed(range(60)) if n % 3 == 0]
        assert seqs("mem", subject="INC-1") == [n + 1 for n in reversed(range(60)) if n % 3 and n % 2]
        assert seqs("mem", where=JournalFilter(kinds=("incident",))) == seqs("mem", subject="INC-1")
        assert seqs("mem", "disk") == seqs("mem", where=JournalFilter(since=at + timedelta(1))) == []
        assert seqs("memory", "4") == [50, 48, 47, 45, 44, 42, 41, 5]
