"""The index of words: Latin and Korean, in the middle of a text, within one subject, behind and in front of new events."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.search_tokens import LONGEST, folded, index_tokens, query_tokens
from artisan_tui.store.dialect_search import SEARCH, search_add, search_matches
from artisan_tui.store.search import BATCH, SearchStore
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def note(text: str, subject: str = "", actor: str = "alice") -> Entry:
    return Entry(AT, actor, "note", subject, {"text": text})


def texts(store: Store, *words: str, subject: str = "") -> list[object]:
    return [event.body["text"] for event in store.part(SearchStore).find(words, subject=subject).events]


def filled(store: Store, *entries: Entry) -> Store:
    store.append(entries, at=AT)
    while store.part(SearchStore).catch_up():
        pass
    return store


def test_words_are_found_by_their_beginning_newest_first(store: Store) -> None:
    filled(
        store,
        note("CUDA out of memory: model unloaded"),
        note("memory is fine"),
        note("disk of db-1 is full"),
        note("nothing"),
    )
    assert texts(store, "memory") == ["memory is fine", "CUDA out of memory: model unloaded"]
    assert texts(store, "MEM", "cuda") == ["CUDA out of memory: model unloaded"]
    assert texts(store, "memory:") == ["CUDA out of memory: model unloaded"]
    assert texts(store, "db-1") == ["disk of db-1 is full"]
    assert texts(store, "emory") == []
    assert texts(store, "alice", "nothing") == ["nothing"]
    assert texts(store) == texts(store, " ", "...") == []


@pytest.mark.parametrize("word", ["장애", "애가", "복구했", "레디스", "큐", "LLM모델"])
def test_korean_is_found_in_the_middle_of_a_word(store: Store, word: str) -> None:
    text = "결제장애가 있었고 레디스를 복구했습니다. 큐는 비었다 LLM모델도"
    filled(store, note(text), note("결제는 정상"), note("Redis"))
    assert texts(store, word) == [text]
    assert texts(store, "장애복구") == []


def test_composed_and_decomposed_letters_are_the_same(store: Store) -> None:
    import unicodedata

    filled(store, note(unicodedata.normalize("NFD", "결제장애 Café")), note("ＦＵＬＬ width"))
    assert len(texts(store, "장애")) == len(texts(store, "café")) == len(texts(store, "full")) == 1


def test_a_subject_bounds_the_search_and_is_found_itself(store: Store) -> None:
    one, two = "INC-20261121-093012", "INC-20261121-093012-2"
    filled(store, note("qwen is down", one), note("qwen again", two), note("qwen outside"))
    assert texts(store, "qwen", subject=one) == ["qwen is down"]
    assert texts(store, "qwen", subject=two) == ["qwen again"]
    assert texts(store, one, subject="") == ["qwen again", "qwen is down"]


def test_hostile_words_are_words(store: Store) -> None:
    filled(store, note("a' OR '1'='1' -- \" NEAR(x) AND * : & | ! <->"), note("plain"))
    for word in ("'", '"', "*", "OR '1'", "a' & !b:*", ") OR (", "NEAR(", "\x00", "-x", "^a", "words : x"):
        assert isinstance(texts(store, word), list)
    assert len(texts(store, "near", "or")) == 1


def test_what_is_new_is_found_before_it_is_indexed(store: Store) -> None:
    search = store.part(SearchStore)
    filled(store, note("word of before"))
    store.append([note(f"word{n}") for n in range(BATCH + 10)], at=AT)
    assert search.behind() == BATCH + 10
    assert texts(store, f"word{BATCH + 9}") == [f"word{BATCH + 9}"]
    assert texts(store, "word", "before") == ["word of before"]
    assert search.catch_up() == 10
    assert search.catch_up() == search.behind() == 0
    assert texts(store, f"word{BATCH + 9}") == [f"word{BATCH + 9}"]
    assert search.catch_up() == 0


@pytest.mark.parametrize("indexed", [True, False])
def test_pages_follow_each_other_without_a_gap(store: Store, indexed: bool) -> None:
    search = store.part(SearchStore)
    store.append([note(f"word{n}") for n in range(20)], at=AT)
    while indexed and search.catch_up():
        pass
    seen: list[int] = []
    before = None
    while True:
        page = search.find(["word"], before=before, limit=6)
        seen += [event.seq for event in page.events]
        if page.whole:
            break
        before = seen[-1]
    assert seen == list(range(20, 0, -1))


def test_the_journal_stays_sound_beside_it(store: Store) -> None:
    filled(store, note("one"), note("two"))
    assert store.verify().sound


@given(st.text(max_size=60), st.integers(0, 60), st.integers(1, 20))
def test_every_word_of_a_text_is_among_its_tokens(text: str, start: int, length: int) -> None:
    """A piece between blanks, as a person types it, is found by prefixes of the text's own tokens."""
    words = folded(text).split()
    tokens = index_tokens([text])
    for word in words:
        for asked in query_tokens(word):
            assert any(token.startswith(asked) for token in tokens)


@pytest.mark.parametrize("subject", ["", "INC-1"])
def test_what_is_read_one_by_one_and_what_the_index_knows_are_one_list(store: Store, subject: str) -> None:
    entries = [note(f"memory {n}" if n % 3 else "disk", "INC-1" if n % 2 else "INC-2") for n in range(60)]
    filled(store, *entries)
    store.append([note("memory again", "INC-1")], at=AT)
    wanted = [
        each.body["text"]
        for each in reversed(entries)
        if each.body["text"] != "disk" and each.subject != "INC-2" * bool(subject)
    ]
    assert paged(store, ["mem"], subject=subject) == ["memory again", *wanted]


def paged(store: Store, words: list[str], **asked: Any) -> list[object]:
    """Everything that is found, page by page."""
    index, found, before = store.part(SearchStore), list[object](), None
    while True:
        piece = index.find(words, before=before, limit=4, **asked)
        found += [event.body["text"] for event in piece.events]
        if piece.whole:
            return found
        assert before is None or piece.reached < before
        before = piece.reached


@pytest.mark.parametrize("indexed", [True, False])
def test_many_entries_that_only_look_alike_hide_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """A query looks at a bounded number of entries; one that found nothing says from where to go on."""
    monkeypatch.setattr("artisan_tui.store.search._CANDIDATES", 10)
    store.append([note("db-1 is full"), *(note(f"db 1 {n}") for n in range(35)), note("db-1 again")], at=AT)
    while indexed and store.part(SearchStore).catch_up():
        pass
    first = store.part(SearchStore).find(["db-1"], before=37)
    assert (first.events, first.whole) == ((), False)
    assert paged(store, ["db-1"]) == ["db-1 again", "db-1 is full"]


def test_a_long_word_is_told_from_one_that_begins_alike(store: Store) -> None:
    alike = "a" * (LONGEST + 3)
    filled(store, note(f"{alike}b"), note(f"{alike}c"))
    assert texts(store, f"{alike}b") == [f"{alike}b"]
    assert texts(store, alike) == [f"{alike}c", f"{alike}b"]


def test_kinds_and_times_bound_the_search(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.store.search._CANDIDATES", 4)
    hours = [AT + timedelta(hours=number) for number in range(6)]
    for number, at in enumerate(hours):
        kind = "note" if number % 2 else "incident.noted"
        store.append([Entry(at, "alice", kind, "INC-1", {"text": f"qwen {number}"})], at=at)
    late = Entry(hours[0], "alice", "note", "INC-1", {"text": "qwen written later"})
    filled(store, late)
    where = JournalFilter
    assert paged(store, ["qwen"], where=where(kinds=("note",))) == ["qwen written later", "qwen 5", "qwen 3", "qwen 1"]
    assert paged(store, ["qwen"], where=where(kinds=("incident",))) == ["qwen 4", "qwen 2", "qwen 0"]
    assert paged(store, ["qwen"], where=where(kinds=("check", "note"), since=hours[2])) == ["qwen 5", "qwen 3"]
    assert paged(store, ["qwen"], where=where(kinds=("nothing",))) == []
    assert store.part(SearchStore).find(["qwen"], where=where(until=hours[1])).whole  # nothing else is looked at
    assert paged(store, ["qwen"], where=where(until=hours[1])) == ["qwen written later", "qwen 0"]
    assert paged(store, ["qwen"], where=where(since=hours[2], until=hours[4]), subject="INC-1") == ["qwen 3", "qwen 2"]
    assert paged(store, ["qwen"], where=where(since=hours[2]), subject="INC-2") == []


def test_how_often_a_word_occurs_costs_nothing() -> None:
    """A word in each of 60,000 entries is not gathered whole: that takes 10 ms of work, and grows with every entry."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        for command in SEARCH["sqlite"]:
            connection.execute(text(command))
        half = ("odd", "even")
        search_add(connection, [(n, ("note", "결제장", "subject0a", half[n % 2], f"{n}")) for n in range(1, 60_001)])

        def work(groups: list[list[str]], found: int) -> float:
            spans = []
            for _ in range(5):
                began = time.thread_time()
                assert len(search_matches(connection, groups, 0, 50_000, 100)) == found
                spans.append(time.thread_time() - began)
            return min(spans)

        everywhere: list[list[list[str]]] = [
            [["note*"]],
            [["no*"], ["subject0a", "subject0b"]],
            [["결제*"]],
            [["1*"]],
            [["even*"], ["note*"]],
        ]
        for groups in everywhere:
            assert work(groups, 100) < 0.002, groups
        assert work([["note*"], ["absent*"]], 0) < 0.002
        assert work([["note*"], ["59999*"]], 0) < 0.002
    engine.dispose()
