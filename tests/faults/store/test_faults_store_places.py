"""A person at 03:00 whose store has no place: the board opens, watches, and says what is not written down and why."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.servers import require
from support.unusable_stores import (
    PROGRAM,
    ROOT,
    needs_root,
    path_of,
    watches_on,
    watching,
)

#: A user that no machine knows.
STRANGER = 54321


def as_stranger() -> list[str]:
    """The program as somebody who owns nothing here, and whom no password file knows."""
    before = [require("setpriv"), f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    tried = subprocess.run([*before, *PROGRAM, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"another user cannot run this Python: {tried.stderr.strip()[-200:]}")
    return [*before, *PROGRAM]


def test_a_folder_that_may_not_be_written(home: Path) -> None:
    (home / "state").chmod(0o500)
    if ROOT:
        os.chown(home / "state", STRANGER, STRANGER)
    with watching(home, command=as_stranger() if ROOT else PROGRAM) as (terminal, well):
        watches_on(terminal, well, "cannot be written (Permission denied); check its permissions or use another")
    assert list((home / "state").iterdir()) == []


@needs_root
def test_a_folder_of_another_user(home: Path) -> None:
    os.chown(home / "state", STRANGER, STRANGER)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, f"it is owned by user {STRANGER} and you are 0; run as its owner or use another")
    assert list((home / "state").iterdir()) == []


@needs_root
def test_nobody_s_home(home: Path) -> None:
    """No HOME, no entry in the password file, no --state: there is no place at all."""
    env = {"HOME": None, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None, "ARTISAN_STATE": None}
    with watching(home, command=as_stranger(), state=False, env=env) as (terminal, well):
        watches_on(terminal, well, "--state")
    assert not (home / "~").exists()


def test_a_home_that_is_not_there(home: Path) -> None:
    with watching(home, state=False, env={"HOME": str(home / "gone"), "XDG_STATE_HOME": None}) as (terminal, well):
        watches_on(terminal, well, "does not exist; create it, or mount its disk")
    assert not (home / "gone").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda home: path_of(home).symlink_to(home / "elsewhere.db"), "it is a symbolic link; set the real path"),
        (lambda home: path_of(home).mkdir(), "it is not a plain file; move it away"),
        (lambda home: os.mkfifo(path_of(home), 0o600), "it is not a plain file; move it away"),
        (lambda home: (home / "state").chmod(0o777), "every user can write it; fix it with: chmod o-w"),
    ],
    ids=["link", "folder", "pipe", "open to all"],
)
def test_a_place_that_is_not_safe(home: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(home)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, said)
    assert not (home / "elsewhere.db").exists()


@needs_root
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p"])
def test_a_network_drive(home: Path, kind: str) -> None:
    """The kernel's list of mounts, as this process sees it, says so: an NFS server is not at hand everywhere."""
    (home / "mounts").write_text(f"/dev/vda / ext4 rw 0 0\nfiler:/home {home}/state {kind} rw 0 0\n")
    inside = f'mount --bind {home}/mounts /proc/$$/mounts && exec "$@"'
    command = [require("unshare"), "-m", "sh", "-c", inside, "sh"]
    tried = subprocess.run([*command, "cat", "/proc/self/mounts"], capture_output=True, text=True, check=False)
    if kind not in tried.stdout:
        pytest.skip(f"mounts cannot be changed here: {tried.stderr.strip()}")
    with watching(home, command=[*command, *PROGRAM]) as (terminal, well):
        watches_on(terminal, well, f"is on a network file system ({kind}), where SQLite loses data")
    assert list((home / "state").iterdir()) == []


@pytest.fixture
def hung(home: Path) -> Iterator[Path]:
    """A network drive whose server is gone: whoever asks for anything on it stands still. FUSE, with nobody behind it."""
    if not ROOT:
        pytest.skip("only root can mount")
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"no FUSE here: {error}")
    folder = home / "state"
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"filer", os.fsencode(folder), b"fuse.sshfs", 6, options):
        os.close(device)
        pytest.skip(f"FUSE may not be mounted here: {os.strerror(ctypes.get_errno())}")
    yield folder
    os.close(device)  # whoever stands still goes on with an error
    libc.umount2(os.fsencode(folder), 2)


def test_a_network_drive_that_hangs_holds_nobody(home: Path, hung: Path) -> None:
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "is on a network file system (fuse.sshfs)")
