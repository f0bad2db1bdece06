"""What the error budgets tell the journal: alerts raised and resolved, and a status that changed. Each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.alerts.book import Alert, AlertBook, AlertCondition, Change
from artisan_tui.domain.event import Entry
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Pair, Severity
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.identity import OBSERVER

RAISED, REOPENED, CHANGED, RESOLVED = "alert.raised", "alert.reopened", "alert.changed", "alert.resolved"
STATUS = "slo.status"
SOURCE = "slo"
_KIND_OF = {"raised": RAISED, "reopened": REOPENED, "changed": CHANGED, "resolved": RESOLVED}


class BurnAlerts:
    """The alerts that fire and the statuses last told, as the journal has them."""

    KINDS: ClassVar[tuple[str, ...]] = (RAISED, REOPENED, CHANGED, RESOLVED, STATUS)

    def __init__(self) -> None:
        self.book = AlertBook()
        self._statuses: dict[str, str] = {}
        #: What is in the book already: this session's own entries come back from the journal.
        self._done: set[object] = set()

    def forget(self) -> None:
        """Drop what the journal said: another one is read."""
        self.book = AlertBook()
        self._statuses, self._done = {}, set()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed an alert."""
        before = self.book
        for entry in entries:
            if _mark(entry) in self._done:
                continue
            self._done.add(_mark(entry))
            if entry.kind == STATUS:
                self._statuses[entry.subject] = str(entry.body.get("to", ""))
            else:
                alert = _alert_of(entry, self.book)
                if alert is not None:
                    self.book = AlertBook({**self.book.alerts, alert.key: alert})
        return self.book != before

    def held(self, slo_id: str, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
        """What fired when this was last written down: until its windows are known, it goes on."""
        severity = next((a.severity for a in self.book.firing if a.labels.get("slo") == slo_id), None)
        if severity is None:
            return ()
        return tuple(pair for pair in pairs if pair.severity is Severity(severity))

    def hear(self, slo_statuses: Sequence[SloStatus], now: datetime) -> list[Entry]:
        """What there is to write down about these, the whole of them."""
        conditions = [found for each in slo_statuses if (found := _condition(each)) is not None]
        self.book, changes = self.book.observe(SOURCE, conditions, now)
        by_id = {each.id: each for each in slo_statuses}
        entries = [_entry(change, by_id.get(change.alert.labels.get("slo", "")), now) for change in changes]
        for each in slo_statuses:
            status = each.evaluation.status
            before = self._statuses.get(each.id)
            if status is BudgetStatus.UNKNOWN or each.progress is not None or before == status.value:
                continue
            self._statuses[each.id] = status.value
            if before is not None or status is not BudgetStatus.HEALTHY:
                remaining = each.evaluation.budget.remaining
                body = {
                    "name": each.evaluation.slo.name,
                    "from": before or "",
                    "to": status.value,
                    "remaining": None if remaining is None else f"{float(remaining):.6g}",
                }
                entries.append(Entry(now, OBSERVER, STATUS, each.id, body))
        self._done.update(map(_mark, entries))
        return entries


def _mark(entry: Entry) -> tuple[object, ...]:
    return entry.kind, entry.subject, entry.occurred_at


def _condition(slo_status: SloStatus) -> AlertCondition | None:
    severity = slo_status.evaluation.severity
    if severity is None:
        return None
    return AlertCondition(SOURCE, {"slo": slo_status.id}, severity.value, slo_status.evaluation.slo.name)


def _entry(change: Change, slo_status: SloStatus | None, now: datetime) -> Entry:
    alert = change.alert
    body: dict[str, object] = {
        "key": alert.key,
        "source": alert.source,
        "labels": dict(alert.labels),
        "severity": alert.severity,
        "name": alert.summary,
    }
    if slo_status is not None and change.kind != "resolved":
        pair = next(p for p in slo_status.evaluation.firing if p.severity.value == alert.severity)
        body |= {"long": pair.long, "short": pair.short, "factor": f"{float(pair.factor):.6g}"}
    if change.kind == "resolved":
        body["lasted"] = round((now - alert.since).total_seconds())
    return Entry(now, OBSERVER, _KIND_OF[change.kind], alert.labels.get("slo", ""), body)


def _alert_of(entry: Entry, book: AlertBook) -> Alert | None:
    body = entry.body
    key, labels = body.get("key"), body.get("labels")
    if not isinstance(key, str) or not isinstance(labels, Mapping):
        return None  # another version's
    known = book.alerts.get(key)
    opened = entry.kind == RAISED or known is None
    return Alert(
        key,
        str(body.get("source", "")),
        {str(name): str(value) for name, value in labels.items()},
        str(body.get("severity", "")),
        printable(str(body.get("name", "")), 200),
        entry.occurred_at if opened or known is None else known.since,
        entry.occurred_at if entry.kind == RESOLVED else None,
        0 if opened or known is None else known.reopened + (entry.kind == REOPENED),
    )
