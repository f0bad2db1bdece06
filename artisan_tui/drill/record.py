"""The record of a live drill: what came from outside, at which tick, on the disk before it takes effect.

Everything else follows from the scenario, the seed and these lines. It has ticks and no time of any clock. The last line
of a process that was killed may be cut off; it says nothing then.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

# Kinds of lines.
#: How far time has come.
TICK: Final = "tick"
ACT: Final = "act"
FACILITATOR: Final = "facilitator"
#: A step of a run was carried out: found again after a kill, as evidence.
MARK: Final = "mark"
PAUSED: Final = "paused"
RESUMED: Final = "resumed"
ENDED: Final = "ended"


class RecordDamaged(Exception):
    """A line before the last cannot be read. The message names the file and the line."""


class RecordFile:
    """The record in its file. ``before`` is what it said when it was opened."""

    def __init__(self, path: Path) -> None:
        """One process has it at a time. Raises OSError where another has it."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.before = self._opened(path)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _opened(self, path: Path) -> tuple[Mapping[str, Any], ...]:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise OSError(errno.EBUSY, f"another process conducts this drill: {path}") from None
        # Read by the same descriptor: to close another one of this file would give the lock away.
        text = b"".join(iter(lambda: os.read(self._descriptor, 1 << 20), b""))
        whole = text[: text.rfind(b"\n") + 1]
        found = tuple(_lines(path, whole))
        if len(whole) != len(text):
            os.ftruncate(self._descriptor, len(whole))
        return found

    def write(self, tick: int, kind: str, name: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Append a line and wait until it is on the disk. Raises OSError; then the record is as it was."""
        line: dict[str, Any] = {"tick": tick, "kind": kind}
        line |= {key: value for key, value in (("name", name), ("data", data)) if value}
        left = memoryview((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
        before = os.fstat(self._descriptor).st_size
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError:
            # Half a line would join the next one, and what was refused would be carried out after a restart.
            with suppress(OSError):
                os.ftruncate(self._descriptor, before)
            raise

    def close(self) -> None:
        """Nothing can be written any more."""
        os.close(self._descriptor)


def _lines(path: Path, text: bytes) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found = json.loads(line)
            if not isinstance(found, dict) or not isinstance(found["tick"], int) or not isinstance(found["kind"], str):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            raise RecordDamaged(f"{path}, line {number}: this is no line of a record") from None
        yield found
