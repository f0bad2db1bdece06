"""Messages from the engine's thread to the screen."""

from __future__ import annotations

from textual.message import Message

from artisan_tui.engine.snapshot import Snapshot


class SnapshotArrived(Message):
    """A newer snapshot. Of a burst only the last is handled."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotArrived)


class EngineFailed(Message):
    """The engine ended with this error; the screen ends with it and says so."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
