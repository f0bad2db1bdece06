"""The journal: what is appended is there, sealed, in order, and can be paged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import GENESIS, Entry, Event, canonical, seal, stamp
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")


def test_events_are_sealed_as_the_domain_seals_them(store: Store, entries: Any, at: datetime) -> None:
    events = store.append([entries(1), entries(2)], at=at)
    first = seal(entries(1), 1, at, GENESIS)
    assert events == (first, seal(entries(2), 2, at, first.hash))
    assert store.journal.page() == tuple(reversed(events))


def test_the_chain_goes_on_in_the_next_session(place: StorePlace, entries: Any, at: datetime) -> None:
    with Store.open(place) as store:
        (first,) = store.append([entries(1)], at=at)
    with Store.open(place) as store:
        (second,) = store.append([entries(2)], at=at)
        found = store.verify()
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert found.sound
    assert (found.events, found.head, found.broken) == (2, second.hash, None)
    assert found.guards
    assert found.integrity == "ok"


def test_an_empty_journal_is_sound(store: Store) -> None:
    found = store.verify()
    assert found.sound
    assert (found.events, found.head) == (0, GENESIS)


def test_a_page_is_newest_first_and_goes_on_before_the_last_seen(filled: Store) -> None:
    assert [e.seq for e in filled.journal.page(2)] == [5, 4]
    assert [e.seq for e in filled.journal.page(2, before=4)] == [3, 2]
    assert [e.seq for e in filled.journal.page(2, before=2)] == [1]
    assert filled.journal.page(2, before=1) == ()


def test_events_by_kind_and_subject(filled: Store) -> None:
    assert [e.seq for e in filled.journal.page(kind="check.state")] == [5, 3, 1]
    assert [e.seq for e in filled.journal.page(subject="INC-1", before=4)] == [2]
    assert filled.journal.page(kind="check.state", subject="INC-1") == ()


def test_a_correction_supersedes(store: Store, entries: Any, at: datetime) -> None:
    (first,) = store.append([entries(1)], at=at)
    store.append([replace(entries(1), supersedes=first.seq)], at=at)
    assert [e.supersedes for e in store.journal.page()] == [1, None]


def test_moments_are_kept_to_the_microsecond_and_told_in_utc(store: Store, at: datetime) -> None:
    seoul = timezone(timedelta(hours=9))
    store.append([Entry(at.astimezone(seoul), "a", "k")], at=at)
    (event,) = store.journal.page()
    assert (event.occurred_at, event.occurred_at.tzinfo, event.recorded_at) == (at, UTC, at)


def test_any_text_is_written_down(store: Store, at: datetime) -> None:
    odd = {"korean": "긴급 복구 🙂", "lone": "a\ud800b", "nul": "a\0b", "line": "a\nb\u2028"}
    store.append([Entry(at, "j\ud800\0park", "note\0", "ü", odd)], at=at)
    (event,) = store.journal.page()
    assert event.actor == "j\ufffd\ufffdpark"
    assert event.kind == "note\ufffd"
    assert event.body == odd | {"lone": "a\ufffdb"}
    assert store.verify().sound


def test_what_cannot_be_an_event_is_refused_whole(store: Store, entries: Any, at: datetime) -> None:
    for bad in ({"x": float("nan")}, {"x": object()}):
        with pytest.raises((ValueError, TypeError)):
            store.append([entries(1), Entry(at, "a", "k", body=bad)], at=at)
    with pytest.raises(ValueError, match="zone"):
        store.append([entries(1), Entry(at.replace(tzinfo=None), "a", "k")], at=at)
    assert store.journal.page() == ()
    (event,) = store.append([entries(1)], at=at)
    assert event.seq == 1


def test_events_and_statuses_are_written_together_or_not_at_all(store: Store, entries: Any, at: datetime) -> None:
    check_status = CheckStatus("api.health", "API", "http", initial_health(at))

    def write(entry: Entry, status: CheckStatus) -> None:
        with store.writing() as transaction:
            store.part(CheckStore).put_statuses(transaction, [status])
            transaction.append([entry], at)

    with pytest.raises(TypeError):
        write(Entry(at, "a", "k", body={"x": object()}), check_status)
    assert store.part(CheckStore).statuses() == ()
    write(entries(1), check_status)
    assert store.part(CheckStore).statuses() == (check_status,)
    store.part(CheckStore).record([], [replace(check_status, service_name="The API")])
    assert [s.service_name for s in store.part(CheckStore).statuses()] == ["The API"]
    assert len(store.journal.page()) == 1


def test_nothing_to_append_writes_nothing(store: Store, at: datetime) -> None:
    assert store.append([], at=at) == ()


def test_verification_reads_in_pages(store: Store, entries: Any, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.store.journal._PAGE", 3)
    store.append([entries(n) for n in range(1, 11)], at=at)
    assert store.verify().events == 10


def test_the_row_is_the_text_that_was_hashed(store: Store, raw: Any, at: datetime) -> None:
    body = {"b": 1, "a": [1.5, None, "ä"]}
    store.append([Entry(at, "a", "k", "s", body)], at=at)
    assert raw("SELECT occurred_at, recorded_at, body FROM event") == [(stamp(at), stamp(at), canonical(body))]
    assert isinstance(store.journal.page()[0], Event)
