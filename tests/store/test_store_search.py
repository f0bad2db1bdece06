"""The index of words: Latin and Korean, in the middle of a text, within one subject, behind and in front of new events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.event import Entry
from artisan_tui.domain.search_tokens import folded, index_tokens, query_tokens
from artisan_tui.store.search import BATCH, SearchStore
from artisan_tui.store.store import Store

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
def test_what_is_read_one_by_one_and_what_the_index_knows_are_one_list(
    store: Store, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    monkeypatch.setattr("artisan_tui.store.search._NEAR", 7)
    entries = [note(f"memory {n}" if n % 3 else "disk", "INC-1" if n % 2 else "INC-2") for n in range(60)]
    filled(store, *entries)
    store.append([note("memory again", "INC-1")], at=AT)
    wanted = [
        each.body["text"]
        for each in reversed(entries)
        if each.body["text"] != "disk" and each.subject != "INC-2" * bool(subject)
    ]
    index, found, before = store.part(SearchStore), list[object](), None
    while True:
        piece = index.find(["mem"], subject=subject, before=before, limit=4)
        found += [event.body["text"] for event in piece.events]
        if piece.whole:
            break
        before = piece.events[-1].seq
    assert found == ["memory again", *wanted]
