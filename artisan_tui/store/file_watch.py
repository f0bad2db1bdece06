"""Whether the files of an open SQLite store are still whole: somebody else may cut them short or take them away.

SQLite does not look. It goes on in a -wal that was cut short, and copies zeros over the store at the next checkpoint;
it goes on in a file that has no name any more. Everything here is read without opening a file: closing any descriptor
of one would drop the locks that SQLite holds on it in this process.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from artisan_tui.store import files
from artisan_tui.store.errors import StoreCorrupt, StoreMoved

#: SQLite's index of the -wal, at the start of the -shm, twice: see walformat.html, "The WAL-Index Header".
_HEADER = struct.Struct("=3I2BH2I")
_FRAME_HEADER, _WAL_HEADER = 24, 32


class FileWatch:
    """Of one store, from its opening. Used in the store's thread, where SQLite's descriptors stay open meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        names = files.belonging(path)
        self._name, self._wal, self._shm = map(os.fspath, names)
        self._identity = files.identity(self._name)
        self._wal_identity: tuple[int, int] | None = None
        self._size = 0
        #: SQLite's descriptor of the -shm, and which file that was.
        self._descriptor, self._shm_identity = -1, (0, 0)

    def check(self) -> None:
        """Raises StoreMoved when the file is gone or another, StoreCorrupt when a part of it is missing."""
        found = _status(self._name)
        if found is None or (found.st_dev, found.st_ino) != self._identity:
            # SQLite would go on in a file that has no name any more, or another one.
            raise StoreMoved.of(self._path)
        wal = _status(self._wal)
        if wal is None:
            if self._wal_identity is not None:
                raise StoreCorrupt.of(self._path, f"{Path(self._wal).name} was deleted while in use")
        elif self._wal_identity is None:
            self._wal_identity = (wal.st_dev, wal.st_ino)
        elif self._wal_identity != (wal.st_dev, wal.st_ino):
            raise StoreCorrupt.of(self._path, f"{Path(self._wal).name} was replaced while in use")
        self._check_sizes(found.st_size, wal)

    def _check_sizes(self, size: int, wal: os.stat_result | None) -> None:
        before, index = self._size, self._index()
        self._size = size
        if index is None:
            return
        page, frames, pages = index
        if size < before and size < pages * page:  # a VACUUM makes the file as small as its pages, not smaller
            self._size = before
            raise StoreCorrupt.of(self._path, f"the file was cut short while in use, from {before} to {size} bytes")
        if frames and self._wal_identity is not None:
            wanted = _WAL_HEADER + frames * (page + _FRAME_HEADER)
            if wal is None or wal.st_size < wanted:
                wal = _status(self._wal)  # frames may have come between the two readings
            # Once more: a checkpoint of another session may have emptied it between the two readings.
            if (wal is None or wal.st_size < wanted) and self._index() == index:
                there = 0 if wal is None else wal.st_size
                raise StoreCorrupt.of(
                    self._path, f"{Path(self._wal).name} was cut short while in use, from {wanted} to {there} bytes"
                )

    def _index(self) -> tuple[int, int, int] | None:
        """(bytes of a page, frames in the -wal, pages of the store) as SQLite has them now; None where that is not known."""
        if self._descriptor < 0 or not self._still_there():
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
