"""A store that cannot be gone on with is kept whole, and the break is in the record."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.store import quarantine as policy
from artisan_tui.store.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreDisk,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreMoved,
    StoreNewer,
    StoreOlder,
    StoreReadOnly,
    StoreRemote,
    StoreTampered,
    StoreUnreachable,
    StoreUnsafe,
)
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import MOST, PATIENCE, REPLACED, Patience, quarantine, recover
from artisan_tui.store.store import Store

NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)
DAMAGE = StoreCorrupt.of("x", "malformed")

#: Opens the store as another session would, says so, and holds it until its input ends.
HOLD = """
import sys
from pathlib import Path
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
store = Store.open(StorePlace(Path(sys.argv[1])), read_only=sys.argv[2] == "ro")
store.journal.page()
print("open", flush=True)
sys.stdin.read()
"""


def path_of(place: StorePlace) -> Path:
    assert place.sqlite_path is not None
    return place.sqlite_path


def wal_of(place: StorePlace) -> Path:
    return path_of(place).with_name("artisan.db-wal")


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


def deleted(place: StorePlace) -> None:
    path_of(place).unlink()


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


@pytest.fixture
def used(place: StorePlace, entries: Any, at: datetime) -> Iterator[Store]:
    """A store in use with thirty pages of events, most of them only in its -wal."""
    with Store.open(place) as store:
        for number in range(60):
            store.append([entries(number)] * 20, at=at)
        yield store


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
    assert (first.seq, first.kind, first.actor, first.subject) == (1, REPLACED, "artisan", "artisan.db")
    assert first.body == {
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


@pytest.mark.parametrize("way", ["rw", "ro"])
def test_another_session_is_not_robbed(
    used: Store, place: StorePlace, entries: Any, at: datetime, python: Any, way: str
) -> None:
    with python(HOLD, place.state_dir, way) as other:
        assert other.stdout.readline() == "open\n"
        before = sorted(file.name for file in place.state_dir.iterdir())
        with pytest.raises(StoreBusy, match="fuser") as told:
            quarantine(place, DAMAGE, NOW)
        assert isinstance(told.value, StoreLocked)
        assert sorted(file.name for file in place.state_dir.iterdir()) == before
        other.stdin.close()
        assert other.wait(30) == 0
    assert quarantine(place, DAMAGE, NOW).exists()


@pytest.mark.parametrize("gone", [False, True])
def test_a_lock_of_another_program_is_respected(place: StorePlace, python: Any, gone: bool) -> None:
    Store.open(place).close()
    hold = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN EXCLUSIVE'); db.execute('CREATE TABLE held (x)')\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    with python(hold, path_of(place)) as other:
        assert other.stdout.readline() == "held\n"
        if gone:
            deleted(place)
            with pytest.raises(StoreBusy):
                recover(place, StoreMoved.of("x"), NOW, (0, ""))
        else:
            with pytest.raises(StoreBusy):
                quarantine(place, DAMAGE, NOW)
        other.kill()
        other.wait(30)


def test_nothing_is_overwritten(place: StorePlace) -> None:
    found = []
    for number in range(3):
        Store.open(place).close()
        (place.state_dir / "marker").write_text(str(number))
        found.append(quarantine(place, DAMAGE, NOW))
    base = place.state_dir / "artisan.db.quarantine-20261121T150405Z"
    assert found == [base, Path(f"{base}-2"), Path(f"{base}-3")]
    Store.open(place).close()
    Path(f"{base}-4-wal").touch()
    assert quarantine(place, DAMAGE, NOW) == Path(f"{base}-5")


def test_a_disk_that_spoils_every_file_is_not_filled_with_them(place: StorePlace) -> None:
    for _ in range(MOST):
        Store.open(place).close()
        quarantine(place, DAMAGE, NOW)
    Store.open(place).close()
    with pytest.raises(StoreDisk, match=f"{MOST} times"):
        quarantine(place, DAMAGE, NOW)
    assert path_of(place).exists()


def test_what_others_could_read_is_made_private(place: StorePlace) -> None:
    Store.open(place).close()
    path_of(place).chmod(0o644)
    aside = quarantine(place, DAMAGE, NOW)
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "kind",
    [
        *(StoreLocked, StoreFull, StoreReadOnly, StoreMissing, StoreUnsafe, StoreRemote, StoreForeign),
        *(StoreNewer, StoreOlder, StoreDisk, StoreUnreachable, StoreError),
    ],
)
def test_what_may_pass_or_is_another_s_is_left_alone(place: StorePlace, kind: type[StoreError]) -> None:
    Store.open(place).close()
    error = kind.of(path_of(place), "detail")
    assert recover(place, error, NOW, (0, "")) is None
    with pytest.raises(StoreError, match="only a damaged file"):
        quarantine(place, error, NOW)
    assert [file.name for file in place.state_dir.iterdir()] == ["artisan.db"]


def test_postgresql_is_left_to_its_owner(tmp_path: Path) -> None:
    place = StorePlace(tmp_path, "postgresql://ops:s3cret@db/artisan")
    assert recover(place, DAMAGE, NOW, (0, "")) is None
    with pytest.raises(StoreError, match="only a damaged file") as told:
        quarantine(place, DAMAGE, NOW)
    assert "s3cret" not in str(told.value)


def test_the_database_of_another_program_is_never_moved(place: StorePlace) -> None:
    place.state_dir.mkdir(0o700)
    with closing(sqlite3.connect(path_of(place))) as raw:
        raw.execute("CREATE TABLE recipe (id)")
    with pytest.raises(StoreForeign) as told:
        Store.open(place)
    assert recover(place, told.value, NOW, (0, "")) is None
    assert [file.name for file in place.state_dir.iterdir()] == ["artisan.db"]


def test_a_link_in_its_place_is_not_followed(used: Store, place: StorePlace, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    path_of(place).unlink()
    path_of(place).symlink_to(target)
    for error in (DAMAGE, StoreMoved.of(path_of(place))):
        with pytest.raises(StoreUnsafe, match="symbolic link"):
            recover(place, error, NOW, (0, ""))
    assert target.read_text() == "precious"
    assert path_of(place).is_symlink()


def test_a_folder_in_its_place_is_told(used: Store, place: StorePlace) -> None:
    path_of(place).unlink()
    path_of(place).mkdir()
    with pytest.raises(StoreUnsafe, match="not a plain file"):
        recover(place, StoreMoved.of(path_of(place)), NOW, (0, ""))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_file_of_another_user_is_not_moved(place: StorePlace) -> None:
    Store.open(place).close()
    os.chown(path_of(place), 65534, 65534)
    with pytest.raises(StoreUnsafe, match="is owned by user 65534"):
        quarantine(place, DAMAGE, NOW)
    assert path_of(place).exists()


def test_a_folder_that_cannot_be_written_is_told(place: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(place).close()

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(policy.os, "rename", denied)
    with pytest.raises(StoreReadOnly, match="Permission denied"):
        quarantine(place, DAMAGE, NOW)


def test_at_the_start_what_is_left_of_a_store_is_not_replayed_into_a_new_one(
    used: Store, place: StorePlace, entries: Any, at: datetime
) -> None:
    deleted(place)
    used.close()
    size = wal_of(place).stat().st_size
    assert size > 0
    with pytest.raises(StoreCorrupt, match=r"is missing, but artisan\.db-wal still exists") as told:
        Store.open(place)
    assert wal_of(place).stat().st_size == size
    found = recover(place, told.value, NOW, (0, ""))
    assert found is not None
    with Store.open(place) as store:
        assert store.append([found.entry], at=at)[0].seq == 1
    assert Path(f"{found.entry.body['was']}-wal").stat().st_size == size


def test_at_the_start_an_empty_file_is_one_that_lost_its_content(place: StorePlace, at: datetime) -> None:
    Store.open(place).close()
    os.truncate(path_of(place), 0)
    with pytest.raises(StoreCorrupt, match="the file is empty") as told:
        Store.open(place)
    assert path_of(place).stat().st_size == 0
    assert recover(place, told.value, NOW, (0, "")) is not None
    Store.open(place).close()


@pytest.mark.parametrize("when", ["os._exit(9)", "(link(*a, **k), os._exit(9))"])
def test_a_first_start_that_is_killed_leaves_no_empty_file(place: StorePlace, python: Any, when: str) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom artisan_tui.store import files\n"
        f"link = files.os.link\nfiles.os.link = lambda *a, **k: {when}\n"
        "files.prepare(Path(sys.argv[1]), read_only=False)"
    )
    assert python(code, path_of(place)).wait(30) == 9
    with Store.open(place) as store:
        assert store.journal.page() == ()


def test_patience_is_counted_from_the_first_trouble_and_ends_with_a_write() -> None:
    patience = Patience()
    assert not patience.over(100.0)
    assert not patience.over(100.0 + PATIENCE - 0.1)
    assert patience.over(100.0 + PATIENCE)
    patience.calm()
    assert not patience.over(200.0)
