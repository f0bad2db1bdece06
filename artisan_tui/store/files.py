"""The store's file and folder: made private, and refused where another user could change them.

The database file itself is never opened here once it exists: closing any descriptor of it
would drop the locks that SQLite holds on it in this process (POSIX locks belong to processes).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sqlite3
import stat
from pathlib import Path

from artisan_tui.store.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
    StoreRemote,
    StoreUnsafe,
)

MOUNTS = Path("/proc/self/mounts")
#: Where locks or shared memory do not reach every writer, so that WAL corrupts.
REMOTE = re.compile(
    r"nfs\d*|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|coda|gfs2?|lustre|beegfs|gpfs|orangefs"
    r"|fuse\.(sshfs|s3fs|glusterfs|ceph|rclone|davfs2?|gcsfuse|goofys|curlftpfs|juicefs)|davfs|fuse\.smb.*"
)


def prepare(path: Path, *, read_only: bool) -> None:
    """Make sure that ``path`` may be opened: a private file in a folder of this user, on a local disk.

    Makes the folder (0700) and a database without tables (0600) unless ``read_only``. Raises StoreError,
    StoreCorrupt for remains of a store that SQLite would take for a new one: it deletes the -wal
    beside an empty file, and replays it into a new file.
    """
    folder = path.parent
    try:
        _refuse_remote(path)
        if not read_only and not os.path.lexists(folder):
            _make_folder(folder)
        inspect(path)
        if not os.path.lexists(path):
            _refuse_remains(path)
            if read_only:
                raise StoreMissing.of(path, "nothing is stored yet; start once without --read-only")
            _make_file(path)
        if not read_only:
            _refuse_empty(path)
            _make_private(path)
    except FileExistsError:
        inspect(path)  # another artisan-tui made it in between
    except OSError as error:
        raise explained(path, error) from error


def inspect(path: Path) -> None:
    """Raise StoreError if ``path`` or its folder is of another user, a symbolic link, writable by all, or remote.

    A file that is not there yet is fine. OSError when the folder cannot be read.
    """
    _refuse_remote(path)
    try:
        _inspect(path.parent, folder=True)
    except FileNotFoundError:
        raise StoreMissing.of(path, "the folder does not exist") from None
    for name in belonging(path):
        try:
            _inspect(name, folder=False)
        except FileNotFoundError:
            continue


def identity(path: str) -> tuple[int, int] | None:
    """(device, inode), to notice that the file was moved away; None when it is gone."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def file_system(folder: Path, mounts: Path | None = None) -> str:
    """The type of the file system ``folder`` is on, as the kernel calls it; "" where that is not known."""
    return _kind_at(os.path.realpath(folder), mounts)


def _refuse_remote(path: Path) -> None:
    # First as it is spelled: resolving links asks the file server, and one that is gone never answers.
    for where in (os.path.abspath, os.path.realpath):
        kind = _kind_at(where(path.parent))
        if REMOTE.fullmatch(kind):
            raise StoreRemote.of(path, kind)


def _kind_at(place: str, mounts: Path | None = None) -> str:
    try:
        lines = (mounts or MOUNTS).read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    found, length = "", -1
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= length:  # a later mount on the same point covers the earlier
            found, length = fields[2], len(point)
    return found


def belonging(path: Path) -> tuple[Path, Path, Path]:
    """The file, its -wal and its -shm, whether they are there or not."""
    return path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_file(path: Path) -> None:
    """A database without tables, complete or not there at all: an empty file is always one that lost its content."""
    fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(fresh)
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_blank())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            os.rename(fresh, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
    sync_folder(path.parent)


def _blank() -> bytes:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("VACUUM")  # writes the first page
        return connection.serialize()


def _refuse_remains(path: Path) -> None:
    for name in belonging(path)[1:]:
        # The file is looked for once more: another first start makes its -wal only when its file is there.
        if os.path.lexists(name) and not os.path.lexists(path):
            raise StoreCorrupt.of(path, f"the file is missing, but {name.name} still exists")


def _refuse_empty(path: Path) -> None:
    if os.stat(path).st_size == 0:
        raise StoreCorrupt.of(path, "the file is empty")


def _make_folder(folder: Path) -> None:
    """Below the home folder parents are made too; elsewhere a missing one is a typo or an unmounted disk.

    The folder that $XDG_STATE_HOME names is made, too, with the rights that the XDG specification asks for.
    """
    parent = folder.parent
    if folder.parts[0].startswith("~"):
        raise StoreMissing.of(folder, "the home directory is unknown; set a folder with --state")
    if not parent.exists():
        home = Path(os.path.expanduser("~"))
        named = str(parent) == os.environ.get("XDG_STATE_HOME", "").rstrip("/") and parent.parent.is_dir()
        if not named and not (home.is_absolute() and home.is_dir() and parent.is_relative_to(home)):
            raise StoreMissing.of(folder, f"the folder {parent} does not exist; create it, or mount its disk")
        for missing in reversed([p for p in (parent, *parent.parents) if not p.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _inspect(path: Path, *, folder: bool) -> None:
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise StoreUnsafe.of(path, "it is a symbolic link; set the real path with --state")
    if not (stat.S_ISDIR if folder else stat.S_ISREG)(found.st_mode):
        raise StoreUnsafe.of(path, f"it is not a {'folder' if folder else 'plain file'}; move it away")
    if found.st_uid != os.geteuid():
        raise StoreUnsafe.of(
            path,
            (
                f"it is owned by user {found.st_uid} and you are {os.geteuid()}; run as its owner or use another "
                "folder with --state"
            ),
        )
    if found.st_mode & stat.S_IWOTH:
        raise StoreUnsafe.of(path, f"every user can write it; fix it with: chmod o-w {path}")


def _make_private(path: Path) -> None:
    for name in belonging(path):
        try:
            if stat.S_IMODE(os.lstat(name).st_mode) & 0o077:
                os.chmod(name, 0o600)
        except FileNotFoundError:
            continue


def explained(path: Path, error: OSError) -> StoreError:
    """What the system's ``error`` means for the store at ``path``."""
    detail = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull.of(path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreReadOnly.of(path, detail)
    return StoreError.of(path, detail)
