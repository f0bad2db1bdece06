"""The events that states of past moments are made from are those of the store, also after it lost some."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from artisan_tui.domain.session.events import NoteWritten
from artisan_tui.engine.past.events import KnownEvents
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


def _write(store: Store, *texts: str) -> None:
    for text in texts:
        store.append([NoteWritten(text=text).entry(AT, "kim", "")], at=AT)


def test_events_lost_in_a_failover_are_not_known_when_the_journal_has_grown_again(tmp_path: Path) -> None:
    """A promoted standby goes on from an older head, and may be ahead of the lost one when it is read."""
    (tmp_path / "primary").mkdir()
    (tmp_path / "standby").mkdir()
    with Store.open(StorePlace(tmp_path / "primary")) as primary, Store.open(StorePlace(tmp_path / "standby")) as other:
        _write(primary, "both have", "lost")
        _write(other, "both have", "written after it", "and one more")
        known = KnownEvents(["note"])
        assert known.upto(primary, 2) == tuple(reversed(primary.journal.page()))
        assert known.upto(other, 3) == tuple(reversed(other.journal.page()))


def test_as_many_events_as_were_lost_are_other_events(tmp_path: Path) -> None:
    (tmp_path / "primary").mkdir()
    (tmp_path / "standby").mkdir()
    with Store.open(StorePlace(tmp_path / "primary")) as primary, Store.open(StorePlace(tmp_path / "standby")) as other:
        _write(primary, "both have", "lost")
        _write(other, "both have", "written after it")
        known = KnownEvents(["note"])
        known.upto(primary, 2)
        assert known.upto(other, 2) == tuple(reversed(other.journal.page()))


class _AnotherWrites:
    """The store, where another session writes an event just before each page is read."""

    def __init__(self, store: Store) -> None:
        self._store, self.journal = store, self

    def reading(self) -> Any:
        return self._store.reading()

    def page(self, *given: Any, **asked: Any) -> Any:
        _write(self._store, "meanwhile")
        return self._store.journal.page(*given, **asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.journal, name)


def test_an_event_that_another_session_writes_meanwhile_is_known_once(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path)) as store:
        _write(store, "first")
        known, busy = KnownEvents(["note"]), cast("Store", _AnotherWrites(store))
        for _ in range(3):
            known.upto(busy, 1)
        count = store.journal.count()
        assert [event.seq for event in known.upto(store, count)] == list(range(1, count + 1))
