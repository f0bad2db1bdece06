"""Whether a file has changed since it was read: certificates and credentials are renewed while the board is open."""

from __future__ import annotations

import os
from collections.abc import Iterable

#: Times of change in nanoseconds, size and inode; None for a file that cannot be seen. A secret that Kubernetes mounts
#: changes by its link, and a copy may keep the time of its content.
Stamp = tuple[int, int, int, int] | None


def stamps_of(paths: Iterable[str]) -> tuple[Stamp, ...]:
    """The stamps of ``paths``, links followed. Take them before the files are read."""
    return tuple(_stamp(path) for path in paths)


def _stamp(path: str) -> Stamp:
    try:
        about = os.stat(path)
    except (OSError, ValueError):
        return None
    return about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino
