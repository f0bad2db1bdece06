"""The journal on PostgreSQL is append-only, and what was changed behind its guards is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from artisan_tui.domain.event import chain_hash
from artisan_tui.store import errors
from artisan_tui.store.dialect import guards
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgresql_store import START

pytestmark = pytest.mark.xdist_group("store-postgresql")
ROW = "(seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes, prev_hash, hash)"
COPY = "SELECT {seq}, occurred_at, recorded_at, 'mallory', kind, subject, body, supersedes, prev_hash, hash FROM event"
UNGUARD = ("DROP TRIGGER event_only_next ON event", "DROP TRIGGER event_no_truncate ON event")
REGUARD = tuple(statement for statement in guards("postgresql").values() if statement.startswith("CREATE TRIGGER"))


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
