"""What speaks for a runbook, told from the events of checks, alerts and budgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from artisan_tui.domain.alerts.events import AlertFired, AlertOver, AlertRaised, AlertReopened, AlertResolved, AlertSeen
from artisan_tui.domain.checks.events import CheckCauseCorrected, CheckStateChanged
from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks.suggestions import Cause
from artisan_tui.domain.slo.events import BudgetStatusChanged

_GOOD_BUDGET = "healthy"


def causes_of(events: Iterable[Event], runbook_label: str = "runbook") -> list[Cause]:
    """The causes that these events begin and end, oldest first. ``runbook_label`` is where an alert names a runbook."""
    found: list[Cause] = []
    for event in events:
        try:
            body = read_body(event)
        except BodyError:
            continue
        read = _READERS.get(type(body))
        if read is not None:
            found += [each for each in (read(event, body, runbook_label),) if each is not None]
    return found


def _check(event: Event, body: Body, label: str) -> Cause | None:
    assert isinstance(body, CheckStateChanged)
    if body.to == "maintenance" or body.root_cause or body.past_cause:
        return Cause(f"check:{event.subject}", False)  # it does not fail by itself
    if body.held or body.to not in ("up", "down", "degraded"):
        return None
    return Cause(
        f"check:{event.subject}", body.to != "up", evidence_of(event.subject, body.to, body.detail, body.count)
    )


def evidence_of(subject: str, to: str, detail: str, count: int = 0) -> str:
    """Such as "llm.qwen is down: HTTP 503 (3 in a row)"."""
    return f"{subject} is {to}" + (f": {detail}" if detail else "") + (f" ({count} in a row)" if count else "")


def _corrected(event: Event, body: Body, label: str) -> Cause | None:
    """It is still down: because of something else, or by itself after all."""
    assert isinstance(body, CheckCauseCorrected)
    return Cause(f"check:{event.subject}", body.to is None, evidence_of(event.subject, "down", body.detail))


def _seen(event: Event, body: Body, label: str) -> Cause | None:
    assert isinstance(body, AlertSeen)
    said = body.annotations.get("summary") or body.annotations.get("description") or ""
    evidence = f"alert {body.name} fires" + (f": {said}" if said else "")
    return Cause(f"alert:{body.name}", True, evidence, body.labels.get(label) or body.annotations.get(label) or "")


def _over(event: Event, body: Body, label: str) -> Cause | None:
    assert isinstance(body, AlertOver)
    return Cause(f"alert:{body.name}", False)


def _fired(event: Event, body: Body, label: str) -> Cause | None:
    assert isinstance(body, AlertFired)
    evidence = f"alert {body.name or event.subject} fires ({body.severity})"
    return Cause(f"slo:{event.subject}", True, evidence)


def _resolved(event: Event, body: Body, label: str) -> Cause | None:
    return Cause(f"slo:{event.subject}", False)


def _budget(event: Event, body: Body, label: str) -> Cause | None:
    assert isinstance(body, BudgetStatusChanged)
    if body.to == "unknown":
        return None
    return Cause(f"slo:{event.subject}", body.to != _GOOD_BUDGET, f"the error budget of {event.subject} is {body.to}")


_READERS: dict[type[Body], Callable[[Event, Body, str], Cause | None]] = {
    CheckStateChanged: _check,
    CheckCauseCorrected: _corrected,
    AlertSeen: _seen,
    AlertOver: _over,
    AlertRaised: _fired,
    AlertReopened: _fired,
    AlertResolved: _resolved,
    BudgetStatusChanged: _budget,
}
