"""Our own alerts as a source of the list: checks that are down, and error budgets that burn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from artisan_tui.domain.alerts.book import Alert
from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, SeenAlert, SourceKind, SourceReading
from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckView

CHECKS = "artisan:checks"
BUDGETS = "artisan:slo"


def check_labels(check_id: str) -> dict[str, str]:
    return {"alertname": "CheckDown", "check": check_id, "service": check_id.partition(".")[0], "severity": "critical"}


def down_check(check_id: str, health: Health, open_rows: Iterable[str]) -> SeenAlert | None:
    """A check that is down; one that was down and of which nothing is known now; None for any other."""
    labels = check_labels(check_id)
    if health.state is State.DOWN and not health.stale:
        said = health.detail or health.reason.value
        # "status: status 503" says one thing twice.
        why = said if said.startswith(health.reason.value) else f"{health.reason.value}: {said}"
        return SeenAlert(labels, AlertState.FIRING, health.since, {"summary": printable(f"{check_id}: {why}", 500)})
    if (health.state is State.UNKNOWN or health.stale) and fingerprint(labels) in open_rows:
        return SeenAlert(labels, AlertState.NOT_SEEN, health.since, why=("the check is unknown now",))
    return None


def checks_reading(views: Iterable[CheckView], rows: Iterable[ListedAlert], now: datetime) -> SourceReading:
    """Checks that are down, with what explains or mutes them."""
    open_rows = {row.fingerprint for row in rows if row.own and row.state is not AlertState.RESOLVED}
    found = []
    for view in views:
        seen = down_check(view.id, view.health, open_rows)
        if seen is None:
            continue
        cause = view.root_cause or view.past_cause
        if seen.state is AlertState.FIRING and cause:
            why = (f"caused by {printable(cause, 100)}",)
            seen = SeenAlert(seen.labels, AlertState.INHIBITED, seen.since, seen.annotations, why=why)
        elif seen.state is AlertState.FIRING and view.muted is not None:
            why = (f"muted by {printable(view.muted.actor, 60)}: {printable(view.muted.reason, 200)}",)
            seen = SeenAlert(seen.labels, AlertState.MUTED, seen.since, seen.annotations, why=why)
        found.append(seen)
    return SourceReading(CHECKS, SourceKind.OWN, now, "", tuple(found))


def budgets_reading(firing: Iterable[Alert], now: datetime) -> SourceReading:
    found = tuple(
        SeenAlert(
            {"alertname": "ErrorBudgetBurn", **alert.labels, "severity": alert.severity},
            AlertState.FIRING,
            alert.since,
            {"summary": printable(alert.summary, 300)},
        )
        for alert in firing
        if alert.firing
    )
    return SourceReading(BUDGETS, SourceKind.OWN, now, "", found)
