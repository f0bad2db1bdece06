"""The newest message for terminals: every session with a screen rings by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.notify.events import NotifyQueued


class Rings:
    """A journal state that changes with every notification, so that what is shown of them is read again."""

    KINDS: ClassVar[tuple[str, ...]] = ("notify.",)

    def __init__(self) -> None:
        #: The newest message for a terminal, and when it was queued.
        self.newest: tuple[datetime, NotifyQueued] | None = None

    def forget(self) -> None:
        self.newest = None

    def apply(self, entries: Iterable[Entry]) -> bool:
        for entry in entries:
            if entry.kind == NotifyQueued.KIND and entry.body.get("by") == "terminal":
                try:
                    body = NotifyQueued.read(entry)
                except BodyError:
                    continue
                if self.newest is None or entry.occurred_at >= self.newest[0]:
                    self.newest = (entry.occurred_at, body)
        return True
