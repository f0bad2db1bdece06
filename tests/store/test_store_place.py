"""Where the store may be, and that nobody else can read or change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.state import State
from artisan_tui.store import files
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.errors import StoreError, StoreMissing, StoreReadOnly, StoreRemote, StoreUnsafe
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

OPEN = """
import os, sys
from pathlib import Path
os.umask(0)
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
try:
    Store.open(StorePlace(Path(sys.argv[1])), read_only=sys.argv[2] == "ro")
    print("opened")
except StoreError as error:
    print(type(error).__name__, error)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("url", "path", "label"),
    [
        (None, Path("/s/artisan.db"), "/s/artisan.db"),
        ("sqlite:////var/x.db", Path("/var/x.db"), "/var/x.db"),
        ("sqlite+pysqlite:///x.db?timeout=1", Path("x.db"), "x.db"),
        ("sqlite://", None, "sqlite://"),
        ("sqlite:///:memory:", None, "sqlite:///:memory:"),
        ("postgresql://ops:s3cret@db:5432/artisan", None, "postgresql://ops:***@db:5432/artisan"),
        ("postgresql+psycopg://ops@db/artisan", None, "postgresql+psycopg://ops@db/artisan"),
    ],
)
def test_places(url: str | None, path: Path | None, label: str) -> None:
    place = StorePlace(Path("/s"), url)
    assert place.sqlite_path == path
    assert place.label == label
    assert place.sqlalchemy_url == (url or "sqlite:////s/artisan.db")


def test_everything_made_is_private_whatever_the_umask(python: Any, tmp_path: Path) -> None:
    out, err = python(OPEN + "input()\n", tmp_path / "state", "rw").communicate("\n", timeout=30)
    assert out == "opened\n", err
    with Store.open(StorePlace(tmp_path / "state")):
        found = {path.name: mode(path) for path in (tmp_path / "state").iterdir()}
    assert found == {"artisan.db": 0o600, "artisan.db-wal": 0o600, "artisan.db-shm": 0o600}
    assert mode(tmp_path / "state") == 0o700


def test_a_file_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    place = StorePlace(tmp_path)
    Store.open(place).close()
    (tmp_path / "artisan.db").chmod(0o644)
    Store.open(place).close()
    assert mode(tmp_path / "artisan.db") == 0o600


def test_a_url_may_name_another_file(tmp_path: Path) -> None:
    place = StorePlace(tmp_path / "unused", f"sqlite:///{tmp_path}/other/team.db")
    Store.open(place).close()
    assert mode(tmp_path / "other/team.db") == 0o600
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "#1", "우리 팀", "a%20b"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    Store.open(StorePlace(tmp_path / name)).close()
    assert [path.name for path in (tmp_path / name).iterdir()] == ["artisan.db"]
    assert Store.open(StorePlace(tmp_path / name), read_only=True).journal.page() == ()


def test_a_missing_parent_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match=f"{tmp_path}/typo does not exist"):
        Store.open(StorePlace(tmp_path / "typo" / "state"))
    assert not (tmp_path / "typo").exists()


def test_the_folder_that_xdg_names_is_made_and_nothing_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", f"{named}/")
    with Store.open(StorePlace(named / "artisan-tui")):
        pass
    assert stat.S_IMODE(named.stat().st_mode) == 0o700
    gone = tmp_path / "disk" / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(gone))
    with pytest.raises(StoreMissing, match=f"{gone} does not exist"):
        Store.open(StorePlace(gone / "artisan-tui"))


def test_below_home_parents_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Store.open(StorePlace(tmp_path / ".local/state/artisan-tui")).close()
    assert mode(tmp_path / ".local") == mode(tmp_path / ".local/state") == 0o700


def world_writable_file(folder: Path) -> None:
    (folder / "artisan.db").chmod(0o602)


def world_writable_folder(folder: Path) -> None:
    folder.chmod(0o777)


def world_writable_wal(folder: Path) -> None:
    (folder / "artisan.db-wal").touch()
    (folder / "artisan.db-wal").chmod(0o606)


def linked_file(folder: Path) -> None:
    (folder / "artisan.db").rename(folder / "real.db")
    (folder / "artisan.db").symlink_to(folder / "real.db")


def dangling_file(folder: Path) -> None:
    (folder / "artisan.db").unlink()
    (folder / "artisan.db").symlink_to(folder / "not-there")


def linked_folder(folder: Path) -> None:
    folder.rename(folder.with_name("real"))
    folder.symlink_to(folder.with_name("real"))


def folder_for_file(folder: Path) -> None:
    (folder / "artisan.db").unlink()
    (folder / "artisan.db").mkdir()


def pipe_for_file(folder: Path) -> None:
    (folder / "artisan.db").unlink()
    os.mkfifo(folder / "artisan.db", 0o600)


def file_for_folder(folder: Path) -> None:
    (folder / "artisan.db").unlink()
    folder.rmdir()
    folder.touch()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (world_writable_file, "chmod o-w"),
        (world_writable_folder, "chmod o-w"),
        (world_writable_wal, "chmod o-w"),
        (linked_file, "symbolic link"),
        (dangling_file, "symbolic link"),
        (linked_folder, "symbolic link"),
        (folder_for_file, "not a plain file"),
        (pipe_for_file, "not a plain file"),
        (file_for_folder, "not a folder"),
    ],
)
def test_what_is_not_safe_is_refused(tmp_path: Path, spoil: Any, told: str, read_only: bool) -> None:
    place = StorePlace(tmp_path / "state")
    Store.open(place).close()
    spoil(place.state_dir)
    with pytest.raises(StoreUnsafe, match=told):
        Store.open(place, read_only=read_only)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", ["", "artisan.db"])
def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    place = StorePlace(tmp_path / "state")
    Store.open(place).close()
    os.chown(place.state_dir / name, 65534, 65534)
    with pytest.raises(StoreUnsafe, match="owned by user 65534 and you are 0"):
        Store.open(place)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "lustre"])
def test_network_file_systems_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nfiler:/home {tmp_path}/state {kind} rw 0 0\n")
    monkeypatch.setattr(files, "MOUNTS", mounts)
    Store.open(StorePlace(tmp_path / "local")).close()
    with pytest.raises(StoreRemote, match=f"network file system \\({kind}\\)"):
        Store.open(StorePlace(tmp_path / "state"))


def test_the_file_system_is_that_of_the_deepest_and_latest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\nfiler:/srv /srv nfs4 rw 0 0\n/dev/vdb /srv/my\\040disk xfs rw 0 0\n"
        "systemd-1 /auto autofs rw 0 0\n/dev/vdc /auto btrfs rw 0 0\nnonsense\n"
    )
    for folder, kind in {
        "/srv/x": "nfs4",
        "/srv/my disk": "xfs",
        "/srv/my disk/deep": "xfs",
        "/srvx": "ext4",
        "/": "ext4",
        "/auto/state": "btrfs",
    }.items():
        assert files.file_system(Path(folder), mounts) == kind
    assert files.file_system(Path("/"), tmp_path / "no-proc-here") == ""


@pytest.mark.skipif(not files.MOUNTS.exists(), reason="no /proc/self/mounts on this system")
def test_this_machine_names_its_file_systems() -> None:
    assert files.file_system(Path("/proc/self")) == "proc"


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.os, "open", denied)
    with pytest.raises(StoreReadOnly, match=r"Permission denied.*--state"):
        Store.open(StorePlace(tmp_path))


def test_only_a_file_remembers(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="memory"):
        Store.open(StorePlace(tmp_path, "sqlite://"))


@pytest.mark.parametrize(
    ("url", "told"), [("nonsense", "not a database URL"), ("postgresql+asyncpg://db/x", "install asyncpg")]
)
def test_an_unusable_url_is_explained(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        Store.open(StorePlace(tmp_path, url))


def test_read_only_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="nothing is stored yet"):
        Store.open(StorePlace(tmp_path), read_only=True)
    with pytest.raises(StoreMissing):
        Store.open(StorePlace(tmp_path / "none"), read_only=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "artisan.db").touch(0o600)
    with pytest.raises(StoreMissing, match="nothing is stored yet"):
        Store.open(StorePlace(tmp_path), read_only=True)


def test_read_only_reads_and_writes_nothing(filled: Store, place: StorePlace, entries: Any, at: Any) -> None:
    with Store.open(place, read_only=True) as viewer:
        assert viewer.read_only
        assert not viewer.newer
        assert viewer.journal.page() == filled.journal.page()
        assert viewer.verify().sound
        with pytest.raises(StoreReadOnly, match="open read-only"):
            viewer.append([entries(6)], at=at)
        with pytest.raises(StoreReadOnly):
            viewer.part(CheckStore).record([CheckSample("api", at, State.UP, "ok")])
        filled.append([entries(6)], at=at)
        assert len(viewer.journal.page()) == 6
