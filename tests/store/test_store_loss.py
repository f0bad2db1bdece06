"""A journal that lost its last events: found with two rows, told once by however many sessions, saved beside the store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.domain.session.events import EventsLost, NoteWritten
from artisan_tui.domain.session.loss import Loss
from artisan_tui.engine.session.lost_events import loss_notice, save_lost
from artisan_tui.reports.event_words import event_text, said_event
from artisan_tui.reports.wording import Tone
from artisan_tui.store.journal_loss import find_loss, tell_loss
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


def write(store: Store, *texts: str) -> None:
    for text in texts:
        store.append([NoteWritten(text=text).entry(AT, "kim", "")], at=AT)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """The primary that is gone, and the standby that lacks its last two events and took two others."""
    with ExitStack() as stack:
        both = []
        for name in ("primary", "standby"):
            (tmp_path / name).mkdir()
            both.append(stack.enter_context(Store.open(StorePlace(tmp_path / name))))
            write(both[-1], "first", "second")
        write(both[0], "lost", "lost too")
        write(both[1], "3", "4", "5")
        yield both[0], both[1]


def loss_of(known: tuple[Event, ...], store: Store) -> Loss | None:
    return find_loss(store, [(known[0].seq, known[0].hash)], known)


def test_what_is_known_and_not_there_is_lost(stores: tuple[Store, Store]) -> None:
    primary, standby = stores
    known = primary.journal.page()
    assert loss_of(known, primary) is None
    assert loss_of(standby.journal.page()[2:], standby) is None, "others wrote since"
    assert find_loss(standby, [(0, "")], ()) is None, "who knows nothing lost nothing"
    loss = loss_of(known, standby)
    assert loss is not None
    assert [event.body["text"] for event in loss.events] == ["lost", "lost too"]
    assert loss.whole


def test_ten_sessions_tell_it_once_and_who_knows_more_corrects_it(stores: tuple[Store, Store]) -> None:
    primary, standby = stores
    known = primary.journal.page()
    less, more = loss_of(known[1:], standby), loss_of(known, standby)
    assert less is not None
    assert more is not None
    (first,) = tell_loss(standby, less.body("/state/a", "db1"), AT, "artisan")
    told = [
        event for _session in range(10) for event in tell_loss(standby, more.body("/state/b", "db2"), AT, "artisan")
    ]
    assert [(event.supersedes, event.body["last"], event.body["saved"]) for event in told] == [
        (first.seq, 4, "/state/b")
    ]
    assert tell_loss(standby, less.body("/state/c", "db3"), AT, "artisan") == ()
    assert standby.verify().sound


def test_another_body_of_that_kind_is_no_reason_to_be_silent(stores: tuple[Store, Store]) -> None:
    primary, standby = stores
    standby.append([NoteWritten(text="x").entry(AT, "kim", "")], at=AT)
    odd = EventsLost.KIND
    from artisan_tui.domain.event import Entry

    standby.append([Entry(AT, "kim", odd, "", {"v": 9}), Entry(AT, "kim", odd, "", {"first": "x"})], at=AT)
    loss = loss_of(primary.journal.page(), standby)
    assert loss is not None
    (told,) = tell_loss(standby, loss.body("", ""), AT, "artisan")
    text = event_text(told)
    assert "lost 2 events (seq 3 to 4)" in text
    assert "not saved" in text
    assert said_event(told).tone is Tone.BAD


def test_the_file_is_private_whole_and_never_another_s(stores: tuple[Store, Store], tmp_path: Path) -> None:
    primary, standby = stores
    loss = loss_of(primary.journal.page(), standby)
    assert loss is not None
    folder = tmp_path / "state" / "ann"
    file = save_lost(folder, loss.events)
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(line["seq"], line["hash"]) for line in lines] == [(event.seq, event.hash) for event in loss.events]
    assert save_lost(folder, loss.events) == file, "another session of this machine had the same"
    file.write_text("somebody's notes")
    other = save_lost(folder, loss.events)
    assert other != file
    assert file.read_text() == "somebody's notes"
    assert sorted(os.listdir(folder)) == sorted([file.name, other.name]), "nothing half written is left"


def test_what_the_screen_says_names_numbers_times_and_the_file(stores: tuple[Store, Store]) -> None:
    primary, standby = stores
    loss = loss_of(primary.journal.page(), standby)
    assert loss is not None
    said = loss_notice(loss, "02:58", "03:00", "/state/lost.jsonl", "")
    assert "the last 2 events (seq 3 to 4, 02:58 to 03:00)" in said
    assert "saved in /state/lost.jsonl" in said
    assert "cannot be saved in /state: No space left" in loss_notice(loss, "", "", "/state", "No space left on device")
