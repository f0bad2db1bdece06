"""What can go wrong with a disk and a file, for real: told in a sentence, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.event import Entry
from artisan_tui.domain.state import State
from artisan_tui.store import dialect
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.errors import (
    StoreCorrupt,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreLocked,
    StoreMoved,
    StoreReadOnly,
)
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store


def driver(store: Store) -> Any:
    assert store._writer is not None
    return store._writer.connection.driver_connection


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.05)


def rubbish(path: Path) -> None:
    path.write_bytes(b"this is not a database at all" * 500)


def header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 16)


def schema_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 2000)


def cut(path: Path) -> None:
    os.truncate(path, 4096)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("damage", [rubbish, header, schema_page, cut])
def test_a_damaged_file_is_told_and_left_alone(
    filled: Store, place: StorePlace, damage: Callable[[Path], None], read_only: bool
) -> None:
    filled.close()
    path = place.state_dir / "artisan.db"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt) as told:
        Store.open(place, read_only=read_only)
    assert str(path) in str(told.value)
    assert "backup" in str(told.value)
    assert path.read_bytes() == before


def test_damage_met_later_is_told_too(store: Store, place: StorePlace, entries: Any, at: datetime) -> None:
    store.append([entries(n) for n in range(200)], at=at)
    store.close()
    path = place.state_dir / "artisan.db"
    with closing(sqlite3.connect(path)) as raw:
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with Store.open(place) as again:
        with pytest.raises(StoreCorrupt):
            again.journal.page()
        with pytest.raises(StoreCorrupt):
            again.append([entries(1)], at=at)
        with pytest.raises(StoreCorrupt):
            again.verify()


def test_a_damaged_index_is_found_by_verification(filled: Store, place: StorePlace) -> None:
    filled.close()
    path = place.state_dir / "artisan.db"
    with closing(sqlite3.connect(path)) as raw:
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event_by_kind'").fetchone()
    data = path.read_bytes()
    page = data[(root - 1) * 4096 : root * 4096]
    path.write_bytes(data.replace(page, page.replace(b"check.state", b"chuck.state")))
    with Store.open(place) as store:
        found = store.verify()
        assert found.broken is None
        assert "index" in found.integrity
        assert not found.sound


def test_the_database_of_another_program_is_left_alone(place: StorePlace) -> None:
    place.state_dir.mkdir(0o700)
    path = place.state_dir / "artisan.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE recipe (id)")
    with pytest.raises(StoreForeign, match="recipe"):
        Store.open(place)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("recipe",)]


def test_writers_wait_five_seconds() -> None:
    assert dialect.BUSY_SECONDS == 5.0


def test_a_lock_held_by_another_program_is_told_and_passes(
    hasty: None, place: StorePlace, entries: Any, at: datetime
) -> None:
    with Store.open(place) as store:
        assert driver(store).execute("PRAGMA busy_timeout").fetchone() == (50,)
        with closing(sqlite3.connect(place.state_dir / "artisan.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with pytest.raises(StoreLocked, match="another program has locked"):
                    store.append([entries(1)], at=at)
                with pytest.raises(StoreLocked):
                    store.part(CheckStore).record([CheckSample("api", at, State.UP, "ok")])
            assert store.journal.page() == ()  # readers do not wait
        (event,) = store.append([entries(1)], at=at)
        assert event.seq == 1
        assert store.verify().sound


def test_a_lock_while_opening_is_told(hasty: None, place: StorePlace) -> None:
    Store.open(place).close()
    with closing(sqlite3.connect(place.state_dir / "artisan.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreLocked):
            Store.open(place)


def test_a_full_disk_loses_nothing_and_passes(filled: Store, raw: Any, at: datetime) -> None:
    pages = driver(filled).execute("PRAGMA page_count").fetchone()[0]
    driver(filled).execute(f"PRAGMA max_page_count={pages}")
    big = Entry(at, "j.park", "note", body={"text": "x" * 100_000})
    for _ in range(3):
        with pytest.raises(StoreFull, match="free some space"):
            filled.append([big], at=at)
    with pytest.raises(StoreFull):
        filled.part(CheckStore).record(
            [CheckSample(f"check-{n}", at, State.UP, "ok", 0.1, "9" * 100) for n in range(5000)]
        )
    assert not driver(filled).in_transaction
    assert len(filled.journal.page()) == 5
    assert raw("SELECT COUNT(*) FROM check_ref") == [(0,)]
    driver(filled).execute("PRAGMA max_page_count=1000000")
    (event,) = filled.append([big], at=at)
    filled.part(CheckStore).record([CheckSample("check-1", at, State.UP, "ok")])
    assert event.seq == 6
    assert filled.verify().sound


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(mount)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no tmpfs may be mounted here: {made.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_full_file_system_loses_nothing_and_passes(small_disk: Path, at: datetime) -> None:
    place, written = StorePlace(small_disk / "state"), 0
    with Store.open(place) as store:
        entry = Entry(at, "j.park", "note", body={"text": "x" * 5_000})
        with contextlib.suppress(StoreFull):
            for _ in range(1000):
                store.append([entry], at=at)
                written += 1
        assert 10 < written < 1000
        with pytest.raises(StoreFull):
            store.append([entry], at=at)
        assert len(store.journal.page(1000)) == written
        assert store.verify().sound
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    with Store.open(place) as store:
        assert len(store.journal.page(1000)) == written
        (event,) = store.append([entry], at=at)
        assert event.seq == written + 1
        assert store.verify().sound


def test_no_room_to_make_a_store(small_disk: Path) -> None:
    with (small_disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(b"x" * 4096):
            pass
    with pytest.raises(StoreFull):
        Store.open(StorePlace(small_disk / "state"))


def test_a_read_only_file_system_is_told(small_disk: Path, entries: Any, at: datetime) -> None:
    place = StorePlace(small_disk / "state")
    with Store.open(place) as store:
        store.append([entries(1)], at=at)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreReadOnly):
        Store.open(place)
    with pytest.raises(StoreReadOnly):
        Store.open(StorePlace(small_disk / "new"))


def gone(folder: Path) -> None:
    (folder / "artisan.db").unlink()


def replaced(folder: Path) -> None:
    shutil.copy(folder / "artisan.db", folder / "copy")
    (folder / "copy").rename(folder / "artisan.db")


def moved(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize("happen", [gone, replaced, moved])
def test_a_store_that_is_taken_away_is_noticed(
    filled: Store, place: StorePlace, entries: Any, at: datetime, happen: Callable[[Path], None]
) -> None:
    happen(place.state_dir)
    with pytest.raises(StoreMoved, match="moved or deleted"):
        filled.append([entries(6)], at=at)


def test_a_table_that_is_taken_away_is_an_error_for_a_person(filled: Store, raw: Any) -> None:
    raw("DROP TABLE event")
    with pytest.raises(StoreError, match="its tables are not those of this artisan-tui"):
        filled.journal.page()


def test_closing_twice_is_fine(store: Store) -> None:
    store.close()
    store.close()


def test_a_rollback_that_fails_hides_nothing_and_the_store_goes_on(
    store: Store, entries: Any, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first error says what is wrong. What is left of the transaction must not stop the next one."""

    def fails(connection: Any) -> None:
        raise sqlite3.OperationalError("cannot roll back")

    def write() -> None:
        with store.writing() as transaction:
            transaction.append([entries(1)], at)
            transaction.connection.exec_driver_sql("SELECT 1")
            raise KeyError("the first error")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.dialect), "do_rollback", lambda dialect, connection: fails(connection))
        with pytest.raises(KeyError, match="the first error"):
            write()
    (event,) = store.append([entries(1)], at=at)
    assert event.seq == 1
    assert store.verify().sound
