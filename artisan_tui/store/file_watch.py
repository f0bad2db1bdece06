"""Whether the files of an open SQLite store are still whole: somebody else may cut them short or take them away.

SQLite does not look. It goes on in a -wal that was cut short, and copies zeros over the store at the next checkpoint;
it goes on in a file that has no name any more. Everything here is read without opening a file: closing any descriptor
of one would drop the locks that SQLite holds on it in this process.

The -wal is looked at before and after every commit, so not by stat: since Linux 6.13 (multigrain timestamps) each write
after a stat gives the file a new time, which is journaled by ext4 and made a commit a quarter slower.
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path

from artisan_tui.store import files
from artisan_tui.store.errors import StoreCorrupt, StoreMoved

#: SQLite's index of the -wal, at the start of the -shm, twice: see walformat.html, "The WAL-Index Header".
_HEADER = struct.Struct("=3I2BH2I")
_FRAME_HEADER, _WAL_HEADER = 24, 32
#: Linux.
_NAMES_TOLD = os.path.isdir("/proc/self/fd")


class FileWatch:
    """Of one store, from its opening. Used in the store's thread, where SQLite's descriptors stay open meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        names = files.belonging(path)
        self._name, self._wal, self._shm = map(os.fspath, names)
        self._identity = files.identity(self._name)
        self._wal_identity: tuple[int, int] | None = None
        self._size = 0
        #: SQLite's descriptor of the -wal and its name as the kernel says it; -1 where that is not known.
        self._wal_descriptor, self._wal_link, self._wal_named = -1, "", ""
        #: SQLite's descriptor of the -shm, and which file that was.
        self._descriptor, self._shm_identity = -1, (0, 0)

    def check(self) -> None:
        """Raises StoreMoved when the file is gone or another, StoreCorrupt when a part of it is missing."""
        size = self._size_of_file()
        self._check_wal()
        self._check_sizes(size)

    def glance(self) -> None:
        """What a commit could do harm to: the file is another, or a part was cut short. `confirm` has to follow the commit.

        That the -wal is gone or another is left to `confirm`: nothing is written over then.
        """
        self._check_sizes(self._size_of_file(), sure=False)

    def confirm(self) -> None:
        """What a commit just wrote can be found by its name. What follows on a `glance`, in half the time of `check`.

        Of the sizes only the file's: the commit has just written to the end of the -wal, so that it reaches there.
        """
        size = self._size_of_file()
        self._check_wal()
        if size < self._size:
            self._check_sizes(size)

    def _size_of_file(self) -> int:
        found = _status(self._name)
        if found is None or (found.st_dev, found.st_ino) != self._identity:
            # SQLite would go on in a file that has no name any more, or another one.
            raise StoreMoved.of(self._path)
        return found.st_size

    def _check_wal(self) -> None:
        """Raises StoreCorrupt when the -wal was taken away or replaced."""
        if self._wal_descriptor >= 0:
            with contextlib.suppress(OSError):
                # Of a file that lost its name, the kernel says another one: "... (deleted)".
                if os.readlink(self._wal_link) == self._wal_named:
                    return
        self._look_at_wal()

    def _look_at_wal(self) -> int | None:
        """Bytes of the -wal by its name, None before there is one. Raises StoreCorrupt when it was taken away or replaced."""
        self._wal_descriptor = -1
        found = _status(self._wal)
        if found is None:
            if self._wal_identity is not None:
                raise StoreCorrupt.of(self._path, f"{Path(self._wal).name} was deleted while in use")
            return None
        identity = found.st_dev, found.st_ino
        if self._wal_identity is None:
            self._wal_identity = identity
        elif self._wal_identity != identity:
            raise StoreCorrupt.of(self._path, f"{Path(self._wal).name} was replaced while in use")
        self._hold_wal(identity)
        return found.st_size

    def _hold_wal(self, identity: tuple[int, int]) -> None:
        """Find SQLite's descriptor of the -wal, where the kernel tells the names of descriptors."""
        descriptor = _descriptor_of(identity) if _NAMES_TOLD else -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                self._wal_link = f"/proc/self/fd/{descriptor}"
                self._wal_named = os.readlink(self._wal_link)
                self._wal_descriptor = descriptor

    def _check_sizes(self, size: int, *, sure: bool = True) -> None:
        before, index = self._size, self._index(sure=sure)
        self._size = size
        if index is None:
            return
        page, frames, pages = index
        if size < before and size < pages * page:  # a VACUUM makes the file as small as its pages, not smaller
            self._size = before
            raise StoreCorrupt.of(self._path, f"the file was cut short while in use, from {before} to {size} bytes")
        if not frames or self._wal_identity is None:
            return
        wanted = _WAL_HEADER + frames * (page + _FRAME_HEADER)
        if self._reaches(wanted):
            return
        there = self._look_at_wal() or 0
        # Once more: a checkpoint of another session may have emptied it between the two readings.
        if there < wanted and self._index(sure=True) == index:
            raise StoreCorrupt.of(
                self._path, f"{Path(self._wal).name} was cut short while in use, from {wanted} to {there} bytes"
            )

    def _reaches(self, wanted: int) -> bool:
        """Whether the -wal is known to have so many bytes. Nothing but a read: the descriptor may be another file's now."""
        if self._wal_descriptor < 0:
            return False
        try:
            return len(os.pread(self._wal_descriptor, 1, wanted - 1)) == 1
        except OSError:
            return False

    def _index(self, *, sure: bool) -> tuple[int, int, int] | None:
        """(bytes of a page, frames in the -wal, pages of the store) as SQLite has them now; None where that is not known.

        Without ``sure``, the descriptor is taken to be that file's still.
        """
        if self._descriptor < 0 or (sure and not self._still_there()):
            shm = _status(self._shm)
            if shm is None:
                return None
            self._shm_identity = (shm.st_dev, shm.st_ino)
            self._descriptor = _descriptor_of(self._shm_identity)
            if self._descriptor < 0:
                return None
        try:
            data = os.pread(self._descriptor, 2 * 48, 0)
        except OSError:
            return None
        if len(data) < 96 or data[:48] != data[48:]:
            return None  # it is being written
        _version, _unused, _change, ready, _big, page, frames, pages = _HEADER.unpack_from(data)
        return (65536 if page == 1 else page, frames, pages) if ready and page else None

    def _still_there(self) -> bool:
        """Whether the descriptor is still that file's, and the file still has its name: its number may be another's."""
        try:
            found = os.fstat(self._descriptor)
        except OSError:
            return False
        return found.st_nlink > 0 and (found.st_dev, found.st_ino) == self._shm_identity


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)
    except OSError:
        return None


def _identity_of(descriptor: int) -> tuple[int, int] | None:
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _descriptor_of(wanted: tuple[int, int]) -> int:
    """SQLite's own descriptor of a file, -1 where there is none."""
    try:
        names = os.listdir("/dev/fd")
    except OSError:
        return -1
    return next((int(name) for name in names if name.isdecimal() and _identity_of(int(name)) == wanted), -1)
