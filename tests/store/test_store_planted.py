"""What somebody put into the database that acts on the journal is named, whatever it is called and wherever it hangs."""

from __future__ import annotations

from typing import Any

import pytest

from artisan_tui.domain.event import GENESIS, chain_hash
from artisan_tui.domain.heads import Head
from artisan_tui.store.dialect import guards
from artisan_tui.store.store import Store


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON event BEGIN SELECT 1; END", "trigger spy on event"),
        ("CREATE TRIGGER eve AFTER INSERT ON event BEGIN UPDATE meta SET value = 'x'; END", "trigger eve on event"),
        ("CREATE TRIGGER on_meta AFTER UPDATE ON meta BEGIN SELECT 1; END", "trigger on_meta on meta"),
        ("CREATE TRIGGER on_lease AFTER UPDATE ON lease BEGIN DELETE FROM sample; END", "trigger on_lease on lease"),
        ("CREATE TRIGGER event_no_updates BEFORE UPDATE ON event BEGIN SELECT 1; END", "trigger event_no_updates on event"),
    ],
)  # fmt: skip
def test_f5_a_foreign_trigger_fails_verification(filled: Store, raw: Any, statement: str, named: str) -> None:
    assert filled.verify().sound
    raw(statement)
    found = filled.verify()
    assert not found.sound
    assert found.planted == (named,)
    assert found.guards


def test_f5_a_chain_hashed_anew_with_its_head_is_seen_beside_a_head_from_before(filled: Store, raw: Any) -> None:
    with filled.reading() as connection:
        before = Head(*filled.journal.head(connection))
    assert filled.verify([before, Head(0, GENESIS)]).sound
    rows = raw("SELECT seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes FROM event ORDER BY seq")
    statements, head = [f"DROP TRIGGER {name}" for name in guards("sqlite")], GENESIS
    for seq, *rest in rows:
        if seq == 3:
            rest[2] = "mallory"
        digest = chain_hash(head, seq, *rest)
        statements.append(
            f"UPDATE event SET actor = '{rest[2]}', prev_hash = '{head}', hash = '{digest}' WHERE seq = {seq}"
        )
        head = digest
    statements.append(f"UPDATE meta SET value = '{len(rows)}:{head}' WHERE key = 'journal'")
    raw(*statements, *guards("sqlite").values())
    assert filled.verify().sound, "it cannot be seen from inside"
    found = filled.verify([before])
    assert not found.sound
    assert found.strayed is not None
    assert (found.strayed.after, found.strayed.expected) == (0, before)
