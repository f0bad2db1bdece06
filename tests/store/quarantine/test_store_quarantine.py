"""A store that cannot be gone on with is kept whole, and the break is in the record."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.store.errors import (
    StoreCorrupt,
    StoreError,
    StoreMoved,
    StoreTampered,
)
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import recover
from artisan_tui.store.store import Store
from support.store_damage import HOLD, NOW, deleted, path_of, wal_of


def checkpointed(place: StorePlace) -> Path:
    """The file, with everything in it and nothing in its -wal."""
    with closing(sqlite3.connect(path_of(place))) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path_of(place)


def middle(place: StorePlace) -> None:
    path = checkpointed(place)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


def all_of_it(place: StorePlace) -> None:
    path = checkpointed(place)
    path.write_bytes(b"\xa5" * path.stat().st_size)


def emptied(place: StorePlace) -> None:
    os.truncate(checkpointed(place), 0)


def shortened(place: StorePlace) -> None:
    os.truncate(checkpointed(place), 4096)


def garbage_wal(place: StorePlace) -> None:
    path_of(place).write_bytes(path_of(place).read_bytes())  # the index of the -wal no longer fits
    wal_of(place).write_bytes(os.urandom(wal_of(place).stat().st_size))


def folder_deleted(place: StorePlace) -> None:
    shutil.rmtree(place.state_dir)


def tampered(place: StorePlace) -> None:
    with closing(sqlite3.connect(path_of(place), isolation_level=None)) as raw:
        raw.execute("UPDATE meta SET value = replace(value, ':', ':f') WHERE key = 'journal'")


def trouble(store: Store, entries: Any, at: datetime) -> StoreError:
    """What writing and reading run into; a cache may hide damage from the first few."""
    for number in range(20):
        try:
            store.append([entries(number)], at=at)
            store.journal.page()
        except StoreError as error:
            return error
    raise AssertionError("nothing was noticed")


def entries_of(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        count: int = raw.execute("SELECT COUNT(*) FROM event").fetchone()[0]
    return count


@pytest.mark.parametrize("happen", [middle, all_of_it, emptied, shortened, garbage_wal])
def test_a_live_store_that_is_damaged_is_kept_and_followed(
    used: Store, place: StorePlace, entries: Any, at: datetime, happen: Callable[[StorePlace], None]
) -> None:
    last = used.journal.page(1)[0]
    happen(place)
    error = trouble(used, entries, at)
    assert isinstance(error, StoreCorrupt)
    names = ("artisan.db", "artisan.db-wal", "artisan.db-shm")
    before = {name: (place.state_dir / name).stat().st_ino for name in names}
    content = path_of(place).read_bytes(), wal_of(place).read_bytes()
    found = recover(place, error, NOW, (last.seq, last.hash))
    assert found is not None
    aside = place.state_dir / "artisan.db.quarantine-20261121T150405Z"
    with Store.open(place) as store:
        (first, second) = store.append([found.entry, entries(1)], at=at)
        used.close()  # after the new one is open: closing the old one must not touch it
        store.append([entries(2)], at=at)
        assert store.verify().sound
    # Whole: the same three files, byte for byte.
    assert {name: Path(str(aside) + name.removeprefix("artisan.db")).stat().st_ino for name in names} == before
    assert (aside.read_bytes(), Path(f"{aside}-wal").read_bytes()) == content
    assert entries_of(path_of(place)) == 3
    assert (first.seq, first.kind, first.actor, first.subject) == (1, "store.replaced", "artisan", "artisan.db")
    assert first.body == {
        "v": 1,
        "why": "damaged",
        "detail": error.detail,
        "was": str(aside),
        "last_seq": last.seq,
        "last_hash": last.hash,
    }
    assert second.seq == 2
    assert str(aside) in found.notice
    assert "damaged" in found.notice
    assert {stat.S_IMODE(file.stat().st_mode) for file in place.state_dir.iterdir()} == {0o600}


def test_a_journal_that_was_tampered_with_is_evidence(
    used: Store, place: StorePlace, entries: Any, at: datetime
) -> None:
    tampered(place)
    error = trouble(used, entries, at)
    assert isinstance(error, StoreTampered)
    found = recover(place, error, NOW, (0, ""))
    assert found is not None
    assert (found.entry.body["why"], found.entry.body["last_seq"]) == ("tampered", None)
    assert "evidence" in found.notice
    used.close()
    assert entries_of(Path(str(found.entry.body["was"]))) == 1200
    with Store.open(place) as store:
        assert store.append([found.entry], at=at)[0].seq == 1


@pytest.mark.parametrize("happen", [deleted, folder_deleted])
def test_a_live_store_that_is_deleted_is_followed_by_a_new_one(
    used: Store, place: StorePlace, entries: Any, at: datetime, happen: Callable[[StorePlace], None]
) -> None:
    happen(place)
    error = trouble(used, entries, at)
    assert isinstance(error, StoreMoved)
    found = recover(place, error, NOW, (1200, "f" * 64))
    assert found is not None
    used.close()
    with Store.open(place) as store:
        assert store.append([found.entry, entries(1)], at=at)[1].seq == 2
        assert store.verify().sound
    assert found.entry.body["why"] == "deleted"
    assert "deleted" in found.notice
    if happen is deleted:
        # Its -wal would have been replayed into the new file: what is in it is kept under another name.
        aside = Path(f"{found.entry.body['was']}-wal")
        assert aside.stat().st_size > 0
        assert str(aside) in found.notice
    else:
        assert found.entry.body["was"] == "deleted"


def test_a_backup_that_is_put_there_is_gone_on_with(used: Store, place: StorePlace, entries: Any, at: datetime) -> None:
    backup = place.state_dir / "backup"
    with closing(sqlite3.connect(path_of(place))) as raw:
        raw.execute(f"VACUUM INTO '{backup}'")
    backup.chmod(0o600)
    used.append([entries(1)] * 50, at=at)
    backup.rename(path_of(place))
    error = trouble(used, entries, at)
    found = recover(place, error, NOW, (1250, "f" * 64))
    assert found is not None
    assert (found.entry.body["why"], "was replaced by another file" in found.notice) == ("exchanged", True)
    used.close()
    with Store.open(place) as store:
        # Not the old -wal over the new file.
        assert store.append([found.entry], at=at)[0].seq == 1201
        assert store.verify().sound
    assert Path(f"{found.entry.body['was']}-wal").stat().st_size > 0


def test_a_second_session_leaves_what_the_first_began(
    used: Store, place: StorePlace, entries: Any, at: datetime, python: Any
) -> None:
    deleted(place)
    error = trouble(used, entries, at)
    assert recover(place, error, NOW, (0, "")) is not None
    with python(HOLD, place.state_dir, "rw") as first:
        assert first.stdout.readline() == "open\n"
        before = {file.name: file.stat().st_ino for file in place.state_dir.iterdir()}
        assert {"artisan.db", "artisan.db-wal"} <= before.keys()
        again = recover(place, error, NOW, (5, "f" * 64))
        assert again is not None
        assert (again.entry.body["why"], again.entry.body["was"]) == ("exchanged", "exchanged")
        assert {file.name: file.stat().st_ino for file in place.state_dir.iterdir()} == before
        first.stdin.close()
        assert first.wait(30) == 0


def test_a_file_that_is_put_there_with_its_own_wal_keeps_it(
    used: Store, place: StorePlace, entries: Any, at: datetime
) -> None:
    other = StorePlace(place.state_dir.with_name("other"))
    with Store.open(other) as source:
        source.append([entries(1)] * 7, at=at)
        for name in ("artisan.db", "artisan.db-wal"):
            (place.state_dir / name).unlink()
            shutil.copy(other.state_dir / name, place.state_dir)
            (place.state_dir / name).chmod(0o600)
    found = recover(place, trouble(used, entries, at), NOW, (0, ""))
    assert found is not None
    used.close()
    with Store.open(place) as store:
        assert store.append([found.entry], at=at)[0].seq == 8
        assert store.verify().sound
