"""Checks whose pages are suspended for a while, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import Mute
from artisan_tui.engine.journal_states import until_of

MUTED, UNMUTED = "check.muted", "check.unmuted"


class Mutes:
    """A fold of the journal: the last event about a check counts. A mute ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (MUTED, UNMUTED)

    def __init__(self) -> None:
        self._mutes: dict[str, Mute] = {}

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._mutes = {}

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed what is muted."""
        before = dict(self._mutes)
        for entry in entries:
            if entry.kind == UNMUTED:
                self._mutes.pop(entry.subject, None)
            elif (until := until_of(entry)) is not None:
                reason = printable(str(entry.body.get("reason", "")), 300)
                self._mutes[entry.subject] = Mute(until, reason, printable(entry.actor, 60))
        return self._mutes != before

    def mute(self, check_id: str, now: datetime) -> Mute | None:
        """The mute of a check that is in force at ``now``."""
        mute = self._mutes.get(check_id)
        return mute if mute is not None and now < mute.until else None
