"""What is not moved into quarantine: files of others, links, full disks; and what is seen at the start."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from datetime import datetime
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
    StoreUnreachable,
    StoreUnsafe,
)
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import MOST, PATIENCE, Patience, quarantine, recover
from artisan_tui.store.store import Store
from support.store_damage import HOLD, NOW, deleted, path_of, wal_of

DAMAGE = StoreCorrupt.of("x", "malformed")


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
    with pytest.raises(StoreUnsafe, match="owned by user 65534"):
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
