"""What the error budgets tell the journal: alerts raised and resolved, and a status that changed. Each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.alerts.book import Alert, AlertBook, AlertCondition, Change
from artisan_tui.domain.alerts.events import (
    AlertBody,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSeverityChanged,
)
from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Pair, Severity
from artisan_tui.domain.slo.events import BudgetStatusChanged
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.identity import OBSERVER

SOURCE = "slo"
_FIRED = {"raised": AlertRaised, "reopened": AlertReopened, "changed": AlertSeverityChanged}


class BurnAlerts:
    """The alerts that fire and the statuses last told, as the journal has them."""

    KINDS: ClassVar[tuple[str, ...]] = ("alert.", BudgetStatusChanged.KIND)

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
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, BudgetStatusChanged):
                self._statuses[entry.subject] = body.to
            elif isinstance(body, AlertBody) and body.key:
                self.book = AlertBook({**self.book.alerts, body.key: _alert_of(entry, body, self.book)})
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
                body = BudgetStatusChanged(
                    name=each.evaluation.slo.name,
                    before=before or "",
                    to=status.value,
                    remaining=None if remaining is None else f"{float(remaining):.6g}",
                )
                entries.append(body.entry(now, OBSERVER, each.id))
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
    return _body(change, slo_status, now).entry(now, OBSERVER, change.alert.labels.get("slo", ""))


def _body(change: Change, slo_status: SloStatus | None, now: datetime) -> AlertBody:
    alert = change.alert
    key, source, labels, severity, name = alert.key, alert.source, alert.labels, alert.severity, alert.summary
    if change.kind == "resolved":
        lasted = round((now - alert.since).total_seconds())
        return AlertResolved(key=key, source=source, labels=labels, severity=severity, name=name, lasted=lasted)
    long, short, factor = None, None, None
    if slo_status is not None:
        pair = next(p for p in slo_status.evaluation.firing if p.severity.value == alert.severity)
        long, short, factor = pair.long, pair.short, f"{float(pair.factor):.6g}"
    return _FIRED[change.kind](
        key=key, source=source, labels=labels, severity=severity, name=name, long=long, short=short, factor=factor
    )


def _alert_of(entry: Entry, body: AlertBody, book: AlertBook) -> Alert:
    known = book.alerts.get(body.key)
    opened = isinstance(body, AlertRaised) or known is None
    return Alert(
        body.key,
        body.source,
        body.labels,
        body.severity,
        printable(body.name, 200),
        entry.occurred_at if opened or known is None else known.since,
        entry.occurred_at if isinstance(body, AlertResolved) else None,
        0 if opened or known is None else known.reopened + isinstance(body, AlertReopened),
    )
