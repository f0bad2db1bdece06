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

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._override = None

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed the override."""
        before = self._override
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, OverrideEnded):
                self._override = None
            elif isinstance(body, DeploymentsOverridden):
                self._override = Override(printable(entry.actor, 60), printable(body.reason, 300), body.until)
        return self._override != before

    def override(self, now: datetime) -> Override | None:
        """The override in force at ``now``."""
        found = self._override
        return found if found is not None and now < found.until else None
