"""Checks whose pages are suspended for a while, as the journal says."""

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
    """A fold of the journal: the last event about a check counts. A mute ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (CheckMuted.KIND, CheckUnmuted.KIND)

    def __init__(self) -> None:
        self._mutes: dict[str, Mute] = {}

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._mutes = {}

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed what is muted."""
        before = dict(self._mutes)
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, CheckUnmuted):
                self._mutes.pop(entry.subject, None)
            elif isinstance(body, CheckMuted):
                reason = printable(body.reason, 300)
                self._mutes[entry.subject] = Mute(body.until, reason, printable(entry.actor, 60))
        return self._mutes != before

    def mute(self, check_id: str, now: datetime) -> Mute | None:
        """The mute of a check that is in force at ``now``."""
        mute = self._mutes.get(check_id)
        return mute if mute is not None and now < mute.until else None
