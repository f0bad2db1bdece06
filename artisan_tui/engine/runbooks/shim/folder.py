"""The folder of an attempt: what was asked for, what began, what was printed, how it ended.

``request.json`` is written before the shim is started, ``start.json`` before the program is executed, ``exit.json`` when it
has ended. Each is written whole or not at all. ``lock`` is held by the shim and everything that it started.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

REQUEST: Final = "request.json"
START: Final = "start.json"
EXIT: Final = "exit.json"
#: Written for an attempt that was not started, so that it never is.
SEAL: Final = "sealed.json"
LOCK: Final = "lock"
#: What was printed: the first part, then two parts in turn, of which the older is overwritten.
LOG: Final = "out.log"
TAILS: Final = ("out.1", "out.2")
#: Set aside for `EXIT`, so that a full disk does not lose how a step ended.
RESERVE: Final = "exit.reserve"
_RESERVED: Final = 64 * 1024
_LARGEST: Final = 4 * 1024 * 1024


def write_json(folder: Path, name: str, value: Mapping[str, Any]) -> None:
    """Write the file whole, and make it and its name durable. OSError when it cannot be."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")
    aside = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(descriptor, text)
        os.fsync(descriptor)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    os.replace(aside, folder / name)
    sync_folder(folder)


def reserve(folder: Path) -> None:
    """Take the room that `write_exit` will need. OSError when there is none: then nothing should be started."""
    descriptor = os.open(folder / RESERVE, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _write_all(descriptor, b" " * _RESERVED)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_exit(folder: Path, value: Mapping[str, Any]) -> None:
    """`write_json` of `EXIT` into the room that was reserved."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")
    descriptor = os.open(folder / RESERVE, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _write_all(descriptor, text[:_RESERVED])
        os.ftruncate(descriptor, min(len(text), _RESERVED))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(folder / RESERVE, folder / EXIT)
    sync_folder(folder)


def read_json(folder: Path, name: str) -> dict[str, Any] | None:
    """The file, None when it is not there. ValueError when it is not what was written."""
    try:
        with (folder / name).open("rb") as file:
            held = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    value = json.loads(held)
    if isinstance(value, dict):
        return value
    raise ValueError(f"{name} is not an object")


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def take_lock(folder: Path) -> int | None:
    """A descriptor that holds the lock, None while somebody else does. Whoever inherits it holds it too."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return None
        raise
    return descriptor


def is_locked(folder: Path) -> bool:
    """Whether a process of the attempt lives."""
    if not (folder / LOCK).exists():
        return False
    descriptor = take_lock(folder)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
