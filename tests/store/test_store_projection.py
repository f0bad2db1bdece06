"""Tables made from events: kept with the journal, compared with it and made again, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.engine.audit import AuditError, rebuild_tables, verify_journal
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.store import connections, parts
from artisan_tui.store.errors import StoreError
from artisan_tui.store.part import Part
from artisan_tui.store.place import StorePlace
from artisan_tui.store.projection import Difference
from artisan_tui.store.store import Store
from support.notes_part import CREATE, NotesStore, registered

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
Execute = Callable[..., list[tuple[Any, ...]]]


#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")


@pytest.fixture
def execute(place: StorePlace) -> Iterator[Execute]:
    """Runs SQL behind the store's back."""
    engine = connections.connect(place, read_only=False)

    def run(statement: str) -> list[tuple[Any, ...]]:
        with connections.writer(engine) as connection, connections.writing(connection):
            done = connection.exec_driver_sql(statement)
            return [tuple(row) for row in done] if done.returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def notes(place: StorePlace, execute: Execute, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose parts include `NotesStore`; three notes were written before it had them."""
    with Store.open(place) as before:
        before.append([note("j.park"), note("s.lee"), note("j.park"), note("j.park", kind="check.state")], at=AT)
    execute(CREATE)
    monkeypatch.setattr(parts, "registered", registered)
    with Store.open(place) as store:
        yield store


def note(actor: str, text: object = "?", kind: str = "note") -> Entry:
    return Entry(AT, actor, kind, "", {"text": text})


def test_events_from_before_it_was_declared_are_in_it(notes: Store, place: StorePlace, execute: Execute) -> None:
    assert notes.part(NotesStore).counts() == {"j.park": 2, "s.lee": 1}
    assert execute("SELECT value FROM meta WHERE key = 'projection.notes'") == [("1",)]
    execute("UPDATE notes_of SET notes = 9")
    Store.open(place).close()
    assert notes.part(NotesStore).counts() == {"j.park": 9, "s.lee": 9}  # it is built once, not at every start


def test_it_follows_the_journal_in_the_same_transaction(notes: Store) -> None:
    notes.append([note("s.lee"), note("m.kim"), note("m.kim", kind="notes.read"), note("m.kim", kind="NOTE")], at=AT)
    assert notes.part(NotesStore).counts() == {"j.park": 2, "s.lee": 2, "m.kim": 2}

    def fail() -> None:
        with notes.writing() as transaction:
            transaction.append([note("s.lee")], AT)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert notes.part(NotesStore).counts()["s.lee"] == 2
    assert notes.journal.count() == 8
    assert notes.projections.compare() == []
    assert notes.verify().sound


def test_it_is_given_events_as_the_journal_will_give_them_back(notes: Store) -> None:
    odd = [{"b": (1, 2)}, {3: "key"}, "half \ud83d", "nul \0", 1.0]
    notes.append([note(f"actor\ud83d {number}", text) for number, text in enumerate(odd)], at=AT)
    assert notes.projections.compare() == []


def test_damaged_rows_are_named_and_a_rebuild_mends_them(
    notes: Store, place: StorePlace, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute("UPDATE notes_of SET notes = 7 WHERE actor = 'j.park'")
    execute("DELETE FROM notes_of WHERE actor = 's.lee'")
    execute("INSERT INTO notes_of VALUES ('nobody', 1, 'x')")
    words = repr("?")
    assert notes.projections.compare() == [
        Difference("notes", "notes_of", ("j.park",), (7, words), (2, words)),
        Difference("notes", "notes_of", ("nobody",), (1, "x"), None),
        Difference("notes", "notes_of", ("s.lee",), None, (1, words)),
    ]
    found = notes.verify()
    assert (found.sound, found.projections, found.broken) == (False, ("notes",), None)
    with Store.open(place, read_only=True) as viewer:
        assert len(viewer.projections.compare()) == 3
        with pytest.raises(StoreError, match="read-only"):
            viewer.projections.rebuild()
    audit = verify_journal(GlobalOptions(state=place.state_dir)) if place.url is None else None
    if audit is not None:
        assert not audit.holds
        assert audit.document["problems"] == ["the tables of notes differ from the journal"]
        assert "hash chain valid" in audit.sentence  # the journal itself is not to be doubted
        assert "audit rebuild" in audit.sentence
        with pytest.raises(AuditError, match="read-only"):
            rebuild_tables(GlobalOptions(state=place.state_dir, read_only=True))
        rebuilt = rebuild_tables(GlobalOptions(state=place.state_dir)).removeprefix("tables rebuilt from the journal: ")
        assert "notes" in rebuilt.split(", ")
        assert verify_journal(GlobalOptions(state=place.state_dir)).holds
    notes.projections.rebuild()
    assert notes.projections.compare() == []
    assert notes.verify().sound
    assert notes.part(NotesStore).counts() == {"j.park": 2, "s.lee": 1}


def test_another_version_is_built_when_a_writer_opens_the_store(
    notes: Store, place: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = NotesStore.projections

    def twice(connection: Any, event: Any) -> None:
        first.apply(connection, event)
        first.apply(connection, event)

    monkeypatch.setattr(NotesStore, "projections", (replace(first, apply=twice, version=2),))
    with Store.open(place, read_only=True) as viewer:
        assert viewer.verify().sound  # not compared: what another version built is no damage
        assert viewer.part(NotesStore).counts() == {"j.park": 2, "s.lee": 1}
    with Store.open(place) as store:
        assert store.part(NotesStore).counts() == {"j.park": 4, "s.lee": 2}
        assert store.verify().sound


def test_many_pages_of_events_are_replayed(notes: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.store.journal._PAGE", 3)
    notes.append([note(f"actor {number % 4}") for number in range(20)], at=AT + timedelta(seconds=1))
    assert notes.projections.compare() == []
    notes.projections.rebuild()
    assert notes.projections.compare() == []


KILLED = """
import sys, signal
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from artisan_tui.domain.event import Entry
from artisan_tui.store import parts
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support import notes_part
parts.registered = notes_part.registered
store = Store.open(StorePlace(Path(sys.argv[1]), sys.argv[2] or None))
at = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
store.append([Entry(at, "m.kim", "note")], at=at)
with store.writing() as transaction:
    transaction.append([Entry(at, "m.kim", "note")], at)
    print("written, not committed", flush=True)
    signal.pause()
"""


def test_killed_before_the_commit_neither_event_nor_row_is_there(notes: Store, place: StorePlace, python: Any) -> None:
    process = python(KILLED, place.state_dir, place.url or "", Path(__file__).parents[1])
    try:
        assert process.stdout.readline() == "written, not committed\n", process.stderr.read()
    finally:
        process.kill()
        process.communicate(timeout=30)
    assert notes.append([note("m.kim")], at=AT)[0].seq == 6
    assert notes.part(NotesStore).counts() == {"j.park": 2, "s.lee": 1, "m.kim": 2}
    assert notes.projections.compare() == []
    assert notes.verify().sound


def test_a_part_that_nobody_declares_is_a_defect_that_says_so(tmp_path: Path) -> None:
    class Undeclared(Part):
        pass

    with Store.open(StorePlace(tmp_path / "state")) as store, pytest.raises(LookupError, match="Undeclared is no part"):
        store.part(Undeclared)
