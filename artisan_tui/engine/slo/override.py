"""Deployments allowed for a while despite the error budgets, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.slo.gate import Override
from artisan_tui.domain.text.printable import printable


class Overrides:
    """A fold of the journal. The override ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (DeploymentsOverridden.KIND, OverrideEnded.KIND)

    def __init__(self) -> None:
        self._override: Override | None = None
        self._done: set[object] = set()

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._override, self._done = None, set()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed the override."""
        changed = False
        for entry in entries:
            mark = (entry.kind, entry.occurred_at)
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
        if isinstance(body, OverrideEnded):
            ended, self._override = self._override, None
            return ended is not None
        if not isinstance(body, DeploymentsOverridden):
            return False
        self._override = Override(printable(entry.actor, 60), printable(body.reason, 300), body.until)
        return True

    def override(self, now: datetime) -> Override | None:
        """The override in force at ``now``."""
        found = self._override
        return found if found is not None and now < found.until else None
