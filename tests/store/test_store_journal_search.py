"""The journal, filtered: what is found page by page, in both directions, is what the filter allows of everything."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.store import journal_search
from artisan_tui.store.journal_search import search
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")

KINDS = (
    "check.state",
    "check.muted",
    "checked",
    "note",
    "session.start",
    "config.loaded",
    "maintenance.declared",
    "new.er",
)
ACTORS = ("artisan", "J.Park", "park", "김지수", "a_b", "a%b")
SUBJECTS = ("api.health", "api", "apix.health", "api.health.x", "db.ping", "a_i.x", "")


def everything(store: Store) -> list[Event]:
    return list(store.journal.page(100_000))


def older(store: Store, where: JournalFilter, accept: Any = None, limit: int = 7) -> list[Event]:
    found: list[Event] = []
    before = None
    for _ in range(10_000):
        piece = search(store, where, accept, limit, before=before)
        assert len(piece.events) <= limit
        found += piece.events
        if piece.whole:
            return found
        assert before is None or piece.reached < before
        before = piece.reached
    raise AssertionError("it does not end")


def newer(store: Store, where: JournalFilter, accept: Any = None, limit: int = 7) -> list[Event]:
    found: list[Event] = []
    after = 0
    for _ in range(10_000):
        piece = search(store, where, accept, limit, after=after)
        found += piece.events
        if piece.whole:
            return found
        assert piece.reached > after
        after = piece.reached
    raise AssertionError("it does not end")


@pytest.fixture
def mixed(store: Store, at: Any, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Hundreds of entries of every kind, some of them written down late; pieces so small that many are needed."""
    monkeypatch.setattr(journal_search, "STRETCH", 50)
    monkeypatch.setattr(journal_search, "CANDIDATES", 9)
    chance = random.Random(3)
    for minute in range(300 if store.dialect.name == "sqlite" else 100):
        entries = []
        for _ in range(3):
            kind = chance.choice(KINDS)
            body: dict[str, object] = {"text": chance.choice(("CUDA out of memory", "ok", "복구"))}
            if kind == "maintenance.declared":
                body = {"covers": chance.choice(([], ["api"], ["api.health"], ["db"])), "reason": "disks"}
            happened = at + timedelta(minutes=minute - chance.choice((0, 0, 0, 30)))
            entries.append(Entry(happened, chance.choice(ACTORS), kind, chance.choice(SUBJECTS), body))
        store.append(entries, at=at + timedelta(minutes=minute))
    return store


FILTERS: dict[str, Callable[[Any], JournalFilter]] = {
    "nothing": lambda at: JournalFilter(),
    "folded": lambda at: JournalFilter(routine=False),
    "a kind": lambda at: JournalFilter(kinds=("note",)),
    "kinds by what they begin with": lambda at: JournalFilter(kinds=("check", "new.")),
    "a kind that is not there": lambda at: JournalFilter(kinds=("alert",)),
    "a person": lambda at: JournalFilter(persons=("park",)),
    "persons in another script, and with signs of LIKE": lambda at: JournalFilter(persons=("지수", "a_b", "a%")),
    "a service": lambda at: JournalFilter(services=("api",)),
    "a check": lambda at: JournalFilter(services=("api.health",)),
    "a name with a sign of LIKE": lambda at: JournalFilter(services=("a_i",)),
    "a time": lambda at: JournalFilter(since=at + timedelta(minutes=40), until=at + timedelta(minutes=77)),
    "a time that is over": lambda at: JournalFilter(until=at - timedelta(days=9)),
    "a time to come": lambda at: JournalFilter(since=at + timedelta(days=9)),
    "everything at once": lambda at: JournalFilter(
        persons=("park",),
        services=("api",),
        kinds=("check", "maintenance"),
        since=at + timedelta(minutes=9),
        routine=False,
    ),
}


def test_pages_are_what_the_filter_allows_of_everything(mixed: Store, at: Any) -> None:
    for name, make in FILTERS.items():
        where = make(at)
        wanted = [event for event in everything(mixed) if where.allows(event)]
        assert older(mixed, where) == wanted, name
        assert newer(mixed, where) == wanted[::-1], name
        cuda = [event for event in wanted if "CUDA" in str(event.body)]
        assert older(mixed, where, lambda event: "CUDA" in str(event.body)) == cuda, name
        assert newer(mixed, where, lambda event: "CUDA" in str(event.body), limit=5) == cuda[::-1], name
        assert name.startswith(("a kind that is not", "a time that is over", "a time to come")) == (not wanted), name


def test_a_service_is_its_checks_and_the_windows_that_cover_it(mixed: Store) -> None:
    found = older(mixed, JournalFilter(services=("api",)))
    assert {event.subject for event in found if not event.kind.startswith("maintenance.")} == {
        "api", "api.health", "api.health.x",
    }  # fmt: skip
    covered = {
        tuple(event.body["covers"]) for event in found if "covers" in event.body and not event.subject.startswith("api")
    }  # type: ignore[arg-type]  # written as lists
    assert covered == {(), ("api",), ("api.health",)}


def test_an_empty_journal_is_searched(store: Store) -> None:
    for where in (JournalFilter(), JournalFilter(kinds=("note",)), JournalFilter(routine=False)):
        assert older(store, where) == []
        assert newer(store, where) == []


def test_a_search_reads_a_bounded_stretch_and_goes_on_from_there(store: Store, at: Any) -> None:
    store.append([Entry(at, "rare", "note")], at=at)
    for _ in range(6):
        store.append([Entry(at, "artisan", "check.state", "a.b")] * 2000, at=at)
    piece = search(store, JournalFilter(persons=("rare",)), None, 10)
    assert (piece.events, piece.reached, piece.whole) == ((), 12_001 - journal_search.STRETCH + 1, False)
    # A kind is found by its index wherever it is.
    piece = search(store, JournalFilter(kinds=("note",)), None, 10)
    assert [event.seq for event in piece.events] == [1]
    assert piece.whole
