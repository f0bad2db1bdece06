"""The record of a live drill: what came from outside, at which tick, on the disk before it takes effect.

Everything else follows from the scenario, the seed and these lines. It has ticks and no time of any clock. The last line
of a process that was killed may be cut off; it says nothing then.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
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
        text = path.read_bytes() if path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        self.before: tuple[Mapping[str, Any], ...] = tuple(_lines(path, whole))
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if len(whole) != len(text):
            os.ftruncate(self._descriptor, len(whole))

    def write(self, tick: int, kind: str, name: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Append a line and wait until it is on the disk. Raises OSError."""
        line: dict[str, Any] = {"tick": tick, "kind": kind}
        line |= {key: value for key, value in (("name", name), ("data", data)) if value}
        left = memoryview((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
        while left:
            left = left[os.write(self._descriptor, left) :]
        os.fsync(self._descriptor)

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
