"""Which slices of a snapshot are others than those of an earlier snapshot."""

from __future__ import annotations

from artisan_tui.engine.snapshot import Snapshot


def differs(before: Snapshot, after: Snapshot, kind: type) -> bool:
    """Whether the slice of that type changed between two snapshots: one that did not is the same object."""
    return before.slices.get(kind) is not after.slices.get(kind)


class Shown:
    """Remembers the snapshot that a screen drew last."""

    def __init__(self) -> None:
        self._last: Snapshot | None = None

    def changed(self, snapshot: Snapshot, kind: type) -> bool:
        """Whether the slice of that type is another one than that drawn last; true before anything was drawn."""
        return self._last is None or differs(self._last, snapshot, kind)

    def drew(self, snapshot: Snapshot) -> None:
        self._last = snapshot
