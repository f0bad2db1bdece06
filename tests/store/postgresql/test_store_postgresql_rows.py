"""Samples, roll-ups, the lease, and words that are searched for, on PostgreSQL."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckStatus, RollUp
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.state import State
from artisan_tui.store import errors
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgresql_store import START, sample_at

pytestmark = pytest.mark.xdist_group("store-postgresql")


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
