"""Deployments allowed for a while despite the error budgets, as the journal says.

An override that has ended stays ended, also when the clock of this machine is set back: the newest time that anybody
knows of counts (an event of the journal, the clock of the metrics server), and the end is written into the journal by
whoever sees it first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.slo.gate import Override
from artisan_tui.domain.text.printable import printable

#: The clocks of two machines may differ by this much: whoever reads an override may live a little before it.
_SKEW = timedelta(minutes=5)


class Overrides:
    """A fold of the journal. The override ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (DeploymentsOverridden.KIND, OverrideEnded.KIND)

    def __init__(self) -> None:
        self._override: Override | None = None
        self._ended: datetime | None = None
        self._newest: datetime | None = None

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._override = self._ended = self._newest = None

    def passed(self, moment: datetime) -> None:
        """``moment`` is over, whatever the clock of this machine will say."""
        self._newest = moment if self._newest is None else max(moment, self._newest)

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed the override."""
        before = self._override, self._ended
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, OverrideEnded):
                if self._override is not None and self._ended is None:
                    self._ended = entry.occurred_at
            elif isinstance(body, DeploymentsOverridden):
                actor, reason = printable(entry.actor, 60), printable(body.reason, 300)
                self._override, self._ended = Override(actor, reason, body.until, entry.occurred_at), None
        return (self._override, self._ended) != before

    def override(self, now: datetime) -> Override | None:
        """The override in force, when the clock of this machine says ``now``."""
        found = self._override
        if found is None or self._ended is not None or self._over(found, now):
            return None
        return found if found.since is None or now >= found.since - _SKEW else None

    def expired(self, now: datetime) -> Override | None:
        """The override that ended by itself, while the journal does not say so."""
        found = self._override
        return found if found is not None and self._ended is None and self._over(found, now) else None

    def override_at(self, then: datetime) -> Override | None:
        """The last override, when it was in force at the time ``then`` in the past."""
        found = self._override
        if found is None or found.since is None or then < found.since:
            return None
        return found if then < min(found.until, self._ended or found.until) else None

    def shown_since(self, evaluated: datetime) -> datetime:
        """When a session looked at it last whose last round ``evaluated`` then: also when one began or was ended."""
        found = self._override
        known = (evaluated, None if found is None else found.since, self._ended)
        return max(each for each in known if each is not None)

    def _over(self, found: Override, now: datetime) -> bool:
        return max(now, self._newest or now) >= found.until
