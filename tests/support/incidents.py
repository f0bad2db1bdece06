"""An incident's events without a store: acts are applied to a fold, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.event import GENESIS, Entry, Event, seal
from artisan_tui.domain.incidents import acts
from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.incidents.fold import apply
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.policy import IncidentPolicy

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Timeline:
    """``events`` oldest first, and the incidents that they add up to by id."""

    def __init__(self, start: datetime = NOON) -> None:
        self.now = start
        self.events: list[Event] = []
        self.incidents: dict[str, Incident] = {}

    def by(self, actor: str = "alice", person: str = "") -> By:
        return By(actor, self.now, person)

    def at(self, minutes: float) -> Timeline:
        """Set the clock to this many minutes after noon."""
        self.now = NOON + timedelta(minutes=minutes)
        return self

    def write(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            before = self.events[-1].hash if self.events else GENESIS
            event = seal(entry, len(self.events) + 1, self.now, before)
            self.events.append(event)
            changed = apply(self.incidents.get(event.subject), event)
            if changed is not None:
                self.incidents[event.subject] = changed

    def declare(self, severity: int = 2, incident_id: str = "INC-20261123-120000", **given: object) -> Incident:
        by = self.by(str(given.pop("actor", "alice")))
        policy = IncidentPolicy()
        title = str(given.pop("title", "Qwen LLM Failure"))
        self.write(acts.declare(incident_id, by, title=title, severity=severity, policy=policy, **given))  # type: ignore[arg-type]
        return self.incidents[incident_id]

    @property
    def one(self) -> Incident:
        """The incident that was declared first."""
        return next(iter(self.incidents.values()))
