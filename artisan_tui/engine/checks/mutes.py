"""Checks that page nobody for a while, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import Mute


class Mutes:
    """A fold of the journal: applying an event twice changes nothing. A mute ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (CheckMuted.KIND, CheckUnmuted.KIND)

    def __init__(self) -> None:
        self._mutes: dict[str, Mute] = {}
        self._done: set[object] = set()

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._mutes, self._done = {}, set()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed what is muted."""
        changed = False
        for entry in entries:
            mark = (entry.kind, entry.subject, entry.occurred_at)
            if mark in self._done:
                continue
            self._done.add(mark)
            changed = self._apply(entry) or changed
        return changed

    def _apply(self, entry: Entry) -> bool:
        try:
            body = read_body(entry)
        except BodyError:
            return False  # written by another version, or by another hand
        if isinstance(body, CheckUnmuted):
            return self._mutes.pop(entry.subject, None) is not None
        if not isinstance(body, CheckMuted):
            return False
        self._mutes[entry.subject] = Mute(body.until, printable(body.reason, 300), printable(entry.actor, 60))
        return True

    def mute(self, check_id: str, now: datetime) -> Mute | None:
        """The mute of a check that is in force at ``now``."""
        mute = self._mutes.get(check_id)
        return mute if mute is not None and now < mute.until else None
