"""Which slices of a snapshot are others than those of an earlier snapshot."""

from __future__ import annotations

from typing import Literal

from artisan_tui.engine.snapshot import Snapshot

Slice = Literal["session_status", "checks", "journal", "faults", "slos", "alerts"]


def differs(before: Snapshot, after: Snapshot, name: Slice) -> bool:
    """Whether this slice changed between two snapshots."""
    return bool(getattr(before.versions, name) != getattr(after.versions, name))


class Shown:
    """Remembers the snapshot that a screen drew last."""

    def __init__(self) -> None:
        self._last: Snapshot | None = None

    def changed(self, snapshot: Snapshot, name: Slice) -> bool:
        """Whether this slice is another one than that drawn last; true before anything was drawn."""
        return self._last is None or differs(self._last, snapshot, name)

    def drew(self, snapshot: Snapshot) -> None:
        self._last = snapshot
