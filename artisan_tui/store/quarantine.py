"""What is done when the store can no longer be used: it is moved aside whole, and a new one is created.

The policy, and why:

* Damaged or tampered with (StoreCorrupt): the file, its -wal and its -shm are moved aside under one
  name in the same folder and a new store is created. Nothing is repaired or deleted: the old file
  is evidence, and its owner may know more than this program. A hash chain that is not valid is handled
  the same way: to refuse would let whoever changed one byte stop the record of an incident.
* Deleted, moved or replaced while in use (StoreMoved): the file that is there now is used, or a new store is
  created. The -wal that is left belongs to the file that is gone: SQLite would replay it into the next
  one, so it is moved aside as well.
* A running session waits for `PATIENCE`: somebody may be restoring a backup. At the start there is no wait,
  because an incident that is not recorded is worse than a record in two files.
* The new store's first event is `StoreReplaced`: what became of the old one, why, and the last event that
  this session knows of it, with its hash. So the gap in the record is itself recorded, and the old
  file can be compared with it. The screen shows a notice until it is acknowledged.
* What another program may still be using is left alone: another program's database, a file that is
  locked, a full disk, a network drive, PostgreSQL.

POSIX locks belong to processes: looking for other processes drops the locks that SQLite holds on
these files in this one. A `Store` still open on them must not be used after this, only closed; that
neither checkpoints nor deletes anything, because SQLite sees that its file has another name.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from artisan_tui.domain.event import Entry
from artisan_tui.domain.session.events import StoreReplaced
from artisan_tui.store import files
from artisan_tui.store.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreDisk,
    StoreError,
    StoreMoved,
    StoreTampered,
)
from artisan_tui.store.place import StorePlace

#: The actor of `StoreReplaced`: this program, not the person who watches.
_OBSERVER = "artisan"
#: Seconds that a running session waits for its store to be put back.
PATIENCE = 10.0
#: Stores moved aside in one folder after which no more are: something is wrong with the disk.
MOST = 20
#: The bytes SQLite locks: its shared range in the file, and one byte of the -shm (see its os_unix.c).
_SHARED, _SHARED_BYTES = 0x40000002, 510
_DEAD_MAN = 128


@dataclass(frozen=True, slots=True)
class Recovery:
    """``entry`` is the first of the store that is opened next, ``notice`` is for the screen."""

    entry: Entry
    notice: str


@dataclass(slots=True)
class Patience:
    """How long the store has been unusable, on a monotonic clock. A write that succeeds resets it: `calm`."""

    since: float | None = None

    def over(self, now: float) -> bool:
        """Whether it was long enough to create a new store; the first call starts the count."""
        if self.since is None:
            self.since = now
        return now - self.since >= PATIENCE

    def calm(self) -> None:
        self.since = None


def recoverable(error: StoreError) -> bool:
    """Whether ``error`` is mended by a new store."""
    return isinstance(error, StoreCorrupt | StoreMoved)


def recover(place: StorePlace, error: StoreError, at: datetime, known: tuple[int, str]) -> Recovery | None:
    """Move away what is in the way of a new store after ``error``; None when a new store would not mend it.

    ``known`` is the seq and hash of the last event this session knows, (0, "") for none. Raises
    StoreError when it cannot be done now: another program has the file open, or the folder cannot
    be written. Then close the store that is still open, and try again later.
    """
    path = place.sqlite_path
    if path is None or not recoverable(error):
        return None
    aside: Path | None
    if isinstance(error, StoreCorrupt):
        aside = quarantine(place, error, at)
        why = "tampered" if isinstance(error, StoreTampered) else "damaged"
        there = False
    else:
        there = os.path.lexists(path)
        aside = _leftovers(path, at, there)
        why = "exchanged" if there else "deleted"
    seq, head = known
    body = StoreReplaced(
        why=why,
        detail=error.detail,
        was=str(aside) if aside else why,
        last_seq=seq or None,
        last_hash=head if seq else None,
    )
    return Recovery(body.entry(at, _OBSERVER, path.name), _notice(path, why, error.detail, aside))


def quarantine(place: StorePlace, why: StoreError, at: datetime) -> Path:
    """Move the damaged SQLite store aside with its -wal and -shm; returns where its file is now.

    Never overwrites; everything stays in the same folder, readable by its owner only. Raises
    StoreError, and nothing is moved, for any ``why`` but a StoreCorrupt and for a store that
    is not a file; StoreBusy while another process has it open; StoreUnsafe, StoreReadOnly.
    """
    path = place.sqlite_path
    if path is None or not isinstance(why, StoreCorrupt):
        raise StoreError.of(place.label, f"only a damaged file can be moved aside, not this one: {why}")
    with _explained(path):
        files.inspect(path)
        with _nobody_else(path):
            return _move_aside(path, files.belonging(path), at)


def _leftovers(path: Path, at: datetime, there: bool) -> Path | None:
    """Move aside the -wal and -shm of a file that is gone; their name without the ending, None if there are none."""
    with _explained(path):
        if not path.parent.is_dir():
            return None
        files.inspect(path)
        left = [name for name in files.belonging(path)[1:] if os.path.lexists(name)]
        if there:
            # They may belong to the file that is there now: ours only if this process still has them open.
            left = [name for name in left if _open_here(name)]
        if not left:
            return None
        with _nobody_else(path):
            return _move_aside(path, left, at)


def _move_aside(path: Path, names: list[Path] | tuple[Path, ...], at: datetime) -> Path:
    """The file first: a kill in between must not leave it without its -wal, which it would then open without."""
    aside = _free_name(path, at)
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_IMODE(os.lstat(name).st_mode) & 0o077:
                os.chmod(name, 0o600)
            os.rename(name, aside.with_name(aside.name + name.name.removeprefix(path.name)))
    files.sync_folder(path.parent)
    return aside


def _free_name(path: Path, at: datetime) -> Path:
    stem = f"{path.name}.quarantine-"
    earlier = [
        name for name in os.listdir(path.parent) if name.startswith(stem) and not name.endswith(("-wal", "-shm"))
    ]
    if len(earlier) >= MOST:
        detail = f"it was moved aside {len(earlier)} times already, see {path.parent / stem}*"
        raise StoreDisk.of(path, detail)
    base = f"{stem}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in itertools.count(1):
        aside = path.with_name(base if number == 1 else f"{base}-{number}")
        if not any(os.path.lexists(name) for name in files.belonging(aside)):
            return aside
    raise AssertionError("unreachable")


@contextlib.contextmanager
def _nobody_else(path: Path) -> Iterator[None]:
    """Hold every lock on the files at ``path``. StoreBusy when another process has one."""
    _file, _wal, shm = files.belonging(path)
    with contextlib.ExitStack() as held:
        for name, start, length in ((path, _SHARED, _SHARED_BYTES), (shm, _DEAD_MAN, 1)):
            try:
                descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            held.callback(os.close, descriptor)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
            except (BlockingIOError, PermissionError):
                raise StoreBusy.of(path) from None
        yield


def _open_here(path: Path) -> bool:
    """Whether this process has this very file open."""
    wanted = files.identity(os.fspath(path))
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError, ValueError):
            found = os.fstat(int(name))
            if (found.st_dev, found.st_ino) == wanted:
                return True
    return False


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise files.explained(path, error) from error


def _notice(path: Path, why: str, detail: str, aside: Path | None) -> str:
    created = "a new store was created"
    if why == "damaged":
        return f"the store {path} was damaged ({detail}); {created}; the old one is kept as {aside}"
    if why == "tampered":
        return (
            f"the journal in {path} failed verification ({detail}); {created}; the old one is kept as evidence as "
            f"{aside}: find out who changed it"
        )
    if why == "exchanged":
        return f"the store {path} was replaced by another file while in use; this session now uses the new file"
    left = f"; the remaining data is in {aside}-wal" if aside else ""
    return f"the store {path} was deleted or moved while in use; {created}{left}: keep the old one in a safe place"
