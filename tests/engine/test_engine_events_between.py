"""What happened in a stretch of time, found in a long journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from artisan_tui.domain.event import Entry
from artisan_tui.engine.session.history import events_between
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def note(minute: float, text: str = "") -> Entry:
    return Entry(AT + minute * MINUTE, "j.park", "note", "", {"text": text or str(minute)})


def texts(store: Store, since: float, until: float) -> list[object]:
    return [event.body["text"] for event in events_between(store, AT + since * MINUTE, AT + until * MINUTE)]


def test_a_stretch_is_found_half_open_wherever_it_lies(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path)) as store:
        assert texts(store, 0, 10) == []
        for first in range(0, 2000, 100):
            store.append([note(n) for n in range(first, first + 100)], at=AT + (first + 100) * MINUTE)
        assert texts(store, 0, 3) == ["0", "1", "2"]
        assert texts(store, 1234, 1237) == ["1234", "1235", "1236"]
        assert texts(store, 1998, 5000) == ["1998", "1999"]
        assert len(texts(store, 0, 5000)) == 2000
        assert texts(store, -50, 0) == []
        assert texts(store, 3000, 4000) == []


def test_what_was_written_down_late_is_found_where_it_happened(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path)) as store:
        store.append([note(0)], at=AT)
        store.append([note(100)], at=AT + 100 * MINUTE)
        store.append([note(50, "remembered")], at=AT + 120 * MINUTE)
        assert texts(store, 40, 60) == ["remembered"]
        assert texts(store, 0, 101) == ["0", "remembered", "100"]
