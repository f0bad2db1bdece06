"""The journal cannot be changed by accident, and not unseen on purpose."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import pytest

from artisan_tui.domain.event import chain_hash
from artisan_tui.store.dialect import guards
from artisan_tui.store.errors import StoreCorrupt, StoreTampered
from artisan_tui.store.store import Store

ROW = "(seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes, prev_hash, hash)"
COPY = "SELECT {seq}, occurred_at, recorded_at, 'mallory', kind, subject, body, supersedes, prev_hash, hash FROM event"
UNGUARD = [f"DROP TRIGGER {name}" for name in guards("sqlite")]
REGUARD = list(guards("sqlite").values())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'mallory' WHERE seq = 3",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 3",
        "DELETE FROM event WHERE seq = 5",
        "DELETE FROM event",
        f"INSERT OR REPLACE INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 3",
        f"REPLACE INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 5",
        f"INSERT OR IGNORE INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 3",
        f"INSERT INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET actor = 'm'",
        f"INSERT INTO event {ROW} {COPY.format(seq='7')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='NULL')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='6')} WHERE seq = 5",
        f"INSERT INTO event {ROW} {COPY.format(seq='0')} WHERE seq = 5",
    ],
)
def test_only_the_next_event_is_let_in(filled: Store, raw: Any, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw(statement)
    found = filled.verify()
    assert found.sound
    assert found.events == 5
    assert {e.actor for e in filled.journal.page()} == {"j.park"}


def test_the_guards_refuse_even_with_recursive_triggers_off(filled: Store, raw: Any) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw("PRAGMA recursive_triggers=OFF", f"REPLACE INTO event {ROW} {COPY.format(seq='seq')} WHERE seq = 5")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "'mallory'"),
        ("kind", "'note'"),
        ("subject", "''"),
        ("body", "'{}'"),
        ("body", "x'00ff'"),
        ("body", "CAST(x'ff' AS TEXT)"),
        ("occurred_at", "'2026-11-21T09:42:04.123456Z'"),
        ("recorded_at", "recorded_at || ' '"),
        ("supersedes", "1"),
        ("supersedes", "1.5"),
        ("hash", "prev_hash"),
    ],
)
def test_an_edited_event_is_named(filled: Store, raw: Any, column: str, value: str) -> None:
    raw(*UNGUARD, f"UPDATE event SET {column} = {value} WHERE seq = 3")
    found = filled.verify()
    assert found.broken is not None
    assert found.broken.seq == 3
    assert not found.guards
    assert found.events == 2


def test_an_edit_is_named_though_the_guards_are_put_back(filled: Store, raw: Any) -> None:
    raw(*UNGUARD, "UPDATE event SET actor = 'mallory' WHERE seq = 3", *REGUARD)
    found = filled.verify()
    assert found.guards
    assert found.broken is not None
    assert found.broken.seq == 3
    assert not found.sound


@pytest.mark.parametrize(
    ("damage", "seq"),
    [
        ("DELETE FROM event WHERE seq = 3", 4),
        ("DELETE FROM event WHERE seq = 1", 2),
        ("DELETE FROM event WHERE seq >= 4", 4),
        ("DELETE FROM event WHERE seq = 5", 5),
        ("DELETE FROM event", 1),
        ("UPDATE event SET seq = 0 WHERE seq = 1", 0),
        ("UPDATE event SET prev_hash = hash WHERE seq = 2", 2),
    ],
)
def test_missing_and_moved_events_are_named(filled: Store, raw: Any, damage: str, seq: int) -> None:
    raw(*UNGUARD, damage, *REGUARD)
    found = filled.verify()
    assert found.broken is not None
    assert found.broken.seq == seq


def test_an_end_rewritten_by_somebody_who_knows_the_rule_is_seen(filled: Store, raw: Any) -> None:
    head = raw("SELECT prev_hash FROM event WHERE seq = 5")[0][0]
    values = (head, 5, "2026-11-21T00:00:00.000000Z", "2026-11-21T00:00:00.000000Z", "mallory", "k", "", "{}", None)
    forged = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    raw(*UNGUARD, "DELETE FROM event WHERE seq = 5", forged, values=(*values[1:], head, chain_hash(*values)))
    found = filled.verify()
    assert found.broken is not None
    assert found.broken.seq == 5


def test_an_event_added_behind_our_back_is_seen(filled: Store, raw: Any) -> None:
    head = raw("SELECT hash FROM event WHERE seq = 5")[0][0]
    values = (head, 6, "2026-11-21T00:00:00.000000Z", "2026-11-21T00:00:00.000000Z", "mallory", "k", "", "{}", None)
    raw("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values=(*values[1:], head, chain_hash(*values)))
    found = filled.verify()
    assert found.broken is not None
    assert found.broken.seq == 6


def test_a_journal_whose_end_was_cut_off_is_not_built_on(filled: Store, raw: Any, entries: Any, at: datetime) -> None:
    raw(*UNGUARD, "DELETE FROM event WHERE seq = 5", *REGUARD)
    with pytest.raises(StoreTampered, match="evidence"):
        filled.append([entries(6)], at=at)
    assert filled.verify().broken is not None
    assert [e.seq for e in filled.journal.page()] == [4, 3, 2, 1]


def test_a_journal_without_its_head_is_not_built_on(filled: Store, raw: Any, entries: Any, at: datetime) -> None:
    raw("DELETE FROM meta")
    with pytest.raises(StoreTampered, match="the end of the journal is not recorded"):
        filled.append([entries(6)], at=at)
    with pytest.raises(StoreTampered, match="the end of the journal is not recorded"):
        filled.verify()


def test_an_altered_guard_is_seen(filled: Store, raw: Any) -> None:
    raw("DROP TRIGGER event_no_update", "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT 1; END")
    found = filled.verify()
    assert not found.guards
    assert found.broken is None
    assert not found.sound


def test_an_unreadable_event_is_named_when_read(filled: Store, raw: Any) -> None:
    raw(*UNGUARD, "UPDATE event SET body = '{' WHERE seq = 3")
    with pytest.raises(StoreCorrupt, match="event 3"):
        filled.journal.page()
    assert [e.seq for e in filled.journal.page(2)] == [5, 4]


def test_text_that_is_not_utf8_is_an_error_for_a_person(filled: Store, raw: Any) -> None:
    raw(*UNGUARD, "UPDATE event SET body = CAST(x'ff' AS TEXT) WHERE seq = 3")
    with pytest.raises(StoreCorrupt):
        filled.journal.page()
    assert filled.verify().events == 2
    assert len(filled.journal.page(2)) == 2
