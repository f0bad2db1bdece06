"""What a step printed, on disk: the beginning and the end of it, never more than a cap.

The first half of the cap is written as it comes. What follows goes into two files in turn, each a quarter of the cap: when one
is full, the other is begun anew. So the last lines are always there, and the program is never held up by a full log.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from artisan_tui.engine.runbooks.shim.folder import LOG, TAILS

#: Bytes kept of one attempt.
CAP: Final = 10 * 1024 * 1024
#: The time of a file that is full: before that of the other one, whatever the clock says.
_FULL: Final = 0


@dataclass(frozen=True, slots=True)
class Printed:
    """``total`` bytes were printed, ``kept`` are on disk. ``lost``: some could not be written, the disk was full."""

    total: int
    kept: int
    sha256: str
    lost: bool = False


class CappedLog:
    """Writes; never raises for a disk that does not take it."""

    def __init__(self, folder: Path, cap: int = CAP) -> None:
        self._folder, self._head, self._quarter = folder, cap // 2, cap // 4
        self._total, self._lost = 0, False
        self._digest = hashlib.sha256()
        self._file = self._open(LOG)
        self._in_file = 0
        self._tail = -1
        self._sizes = [0, 0, 0]

    def write(self, data: bytes) -> None:
        """Keep ``data``, or the part of it that fits."""
        self._total += len(data)
        self._digest.update(data)
        while data:
            room = (self._head if self._tail < 0 else self._quarter) - self._in_file
            if room <= 0:
                self._turn()
                continue
            part, data = data[:room], data[room:]
            self._in_file += len(part)
            self._put(part)

    def close(self) -> Printed:
        """Make it durable, and say what there is."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = None
        return Printed(self._total, sum(self._sizes), self._digest.hexdigest(), self._lost)

    def _turn(self) -> None:
        if self._file is not None:
            # Many turns are of one tick of the kernel's clock: the times of two files that are just written are the same.
            with contextlib.suppress(OSError):
                os.utime(self._file, ns=(_FULL, _FULL))
            os.close(self._file)
        self._tail = (self._tail + 1) % 2
        self._file, self._in_file = self._open(TAILS[self._tail]), 0
        self._sizes[self._tail + 1] = 0

    def _open(self, name: str) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        try:
            return os.open(self._folder / name, flags, 0o600)
        except OSError:
            self._lost = True
            return None

    def _put(self, part: bytes) -> None:
        if self._file is None:
            return
        view = memoryview(part)
        try:
            while view:
                written = os.write(self._file, view)
                self._sizes[self._tail + 1] += written
                view = view[written:]
        except OSError:
            self._lost = True


def tail_of(folder: Path, most: int) -> bytes:
    """The last ``most`` bytes that were kept, and fewer when there are not so many."""
    found = b""
    for name in _newest_first(folder):
        try:
            with (folder / name).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - (most - len(found))))
                found = file.read() + found
        except OSError:
            continue
        if len(found) >= most:
            break
    return found[-most:]


def _newest_first(folder: Path) -> list[str]:
    """The files of a log, the one that was written last first."""

    def written(name: str) -> int:
        try:
            return os.stat(folder / name).st_mtime_ns
        except OSError:
            return 0

    # The full one of two tails is from the beginning of time.
    return [*sorted(TAILS, key=written, reverse=True), LOG]
