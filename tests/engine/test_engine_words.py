"""The index of words follows a running session, and a question finds what was just said."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.engine.access import Session
from artisan_tui.engine.audit import find_words
from artisan_tui.engine.host import EngineHost
from artisan_tui.engine.launch import GlobalOptions, Options
from artisan_tui.engine.session import words
from artisan_tui.engine.session.words import WordsQuery
from artisan_tui.engine.wing import Core
from artisan_tui.store.place import StorePlace
from support.servers import until

TEXT = '[[service]]\nid = "here"\n[[service.check]]\nid = "memory"\nkind = "memory"\n'


@dataclass(frozen=True)
class Behind:
    """A query for the events that are not indexed yet."""

    async def run(self, core: Core) -> int:
        from artisan_tui.store.search import SearchStore

        return await core.ask(lambda store: store.part(SearchStore).behind()) or 0


def test_what_was_said_is_found_at_once_and_indexed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "REST", 0.05)
    config = tmp_path / "artisan.toml"
    config.write_text(TEXT)
    shown = threading.Event()
    failed: list[BaseException] = []
    options = Options(config, StorePlace(tmp_path / "state"), Session("j.park"))
    host = EngineHost(options, lambda snapshot: shown.set(), failed.append)
    host.start()
    try:
        until(lambda: host.submit("journal.note", {"text": "결제장애 확인"}).result(10).ok, what="the note")
        query = WordsQuery(("장애",))

        def found() -> bool:
            try:
                return len(host.ask(query).result(10).events) == 1
            except LookupError:
                return False  # the store is not open yet

        until(found, what="the note among what is found")
        until(lambda: host.ask(Behind()).result(10) == 0, what="the index")
        assert [event.body["text"] for event in host.ask(query).result(10).events] == ["결제장애 확인"]
    finally:
        host.stop(5)
    assert not failed
    found = find_words(GlobalOptions(config=config, state=tmp_path / "state"), ["확인"], "", JournalFilter(), 10)
    assert [event.actor for event in found] == ["j.park"]
