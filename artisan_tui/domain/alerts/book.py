"""The alerts that artisan-tui raises itself: one per condition, raised once, resolved when the condition ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

#: An alert that returns within this time after it was resolved is reopened, not raised anew.
COOL_DOWN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AlertCondition:
    """A condition that holds now. ``labels`` identify it, ``severity`` is "page" or "ticket"."""

    source: str
    labels: Mapping[str, str]
    severity: str
    summary: str = ""

    @property
    def key(self) -> str:
        """A hash of the source and the labels. The order of the labels does not matter."""
        text = json.dumps([self.source, sorted(self.labels.items())], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Alert:
    """``since`` is when it was first raised. ``resolved_at`` is None while it fires. ``reopened`` counts how often it returned."""

    key: str
    source: str
    labels: Mapping[str, str]
    severity: str
    summary: str
    since: datetime
    resolved_at: datetime | None = None
    reopened: int = 0

    @property
    def firing(self) -> bool:
        return self.resolved_at is None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one alert. ``kind`` is "raised", "reopened", "changed" (another severity) or "resolved"."""

    kind: str
    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertBook:
    """All alerts that fire, and those resolved less than `COOL_DOWN` ago, by key."""

    alerts: Mapping[str, Alert] = field(default_factory=dict)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Pages before tickets, then by age, oldest first."""
        rank = {"page": 0, "ticket": 1}
        return tuple(
            sorted(
                (a for a in self.alerts.values() if a.firing), key=lambda a: (rank.get(a.severity, 2), a.since, a.key)
            )
        )

    def observe(
        self, source: str, conditions: Iterable[AlertCondition], now: datetime
    ) -> tuple[AlertBook, tuple[Change, ...]]:
        """The book and its changes after ``source`` reported all its ``conditions`` at ``now``.

        An alert of this source that is not among them is resolved.
        """
        found = {condition.key: condition for condition in conditions}
        alerts = dict(self.alerts)
        changes: list[Change] = []
        for key, condition in found.items():
            known = alerts.get(key)
            if known is None or (known.resolved_at is not None and now - known.resolved_at >= COOL_DOWN):
                new = Alert(key, source, dict(condition.labels), condition.severity, condition.summary, now)
                changes.append(Change("raised", new))
            elif not known.firing:
                new = replace(
                    known,
                    resolved_at=None,
                    reopened=known.reopened + 1,
                    severity=condition.severity,
                    summary=condition.summary,
                )
                changes.append(Change("reopened", new))
            else:
                new = replace(known, severity=condition.severity, summary=condition.summary)
                if new.severity != known.severity:
                    changes.append(Change("changed", new))
            alerts[key] = new
        for key, known in list(alerts.items()):
            if known.source == source and known.firing and key not in found:
                alerts[key] = replace(known, resolved_at=now)
                changes.append(Change("resolved", alerts[key]))
            elif known.resolved_at is not None and now - known.resolved_at >= COOL_DOWN:
                del alerts[key]
        return AlertBook(alerts), tuple(changes)
