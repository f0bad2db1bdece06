"""Episodes from journal events: alerts from raised to resolved, outages of checks, overrides of the gate.

Events are read in the order of their time. Events in an unknown format, as from another version, are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.domain.alerts.events import AlertBody, AlertRaised, AlertReopened, AlertResolved
from artisan_tui.domain.checks.events import CheckStateChanged
from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable

#: Kinds of events about artisan-tui itself, which do not explain a failure of a service.
_OURS = ("session.", "config.", "notice.")


@dataclass(frozen=True, slots=True)
class BadEpisode:
    """An alert or an outage. ``since`` is None when it began before the events, ``until`` is None while it lasts.

    - ``subject`` is the id of the SLO or check.
    - ``severity`` is "page", "ticket", or "" for a check.
    - ``again`` counts how often an alert was reopened.
    - ``detail`` is the detail of a check.

    All text is printable.
    """

    subject: str
    name: str
    severity: str
    since: datetime | None
    until: datetime | None = None
    again: int = 0
    detail: str = ""

    def within(self, since: datetime, until: datetime) -> timedelta:
        """Its duration inside ``[since, until)``."""
        first = since if self.since is None else max(self.since, since)
        last = until if self.until is None else min(self.until, until)
        return max(last - first, timedelta(0))


@dataclass(frozen=True, slots=True)
class OverridePeriod:
    """An override of the deployment gate by ``actor``, from ``at`` until ``until``."""

    actor: str
    reason: str
    at: datetime
    until: datetime


def effective_events(events: Iterable[Event], since: datetime, until: datetime) -> list[Event]:
    """The events in ``[since, until)`` by time, with corrections instead of the events that they supersede."""
    listed = list(events)
    superseded = {event.supersedes for event in listed}
    found = (e for e in listed if e.seq not in superseded and since <= e.occurred_at < until)
    return sorted(found, key=lambda event: (event.occurred_at, event.seq))


def alerts(events: Sequence[Event]) -> list[BadEpisode]:
    """Alerts in the order in which they were raised. A reopened alert is the same episode."""
    out: dict[int, BadEpisode] = {}
    latest: dict[str, int] = {}
    for event in events:
        body = _read(event)
        if not isinstance(body, AlertBody):
            continue
        key = body.key or event.subject
        if isinstance(body, AlertRaised) or key not in latest:
            latest[key] = len(out)
            begun = event.occurred_at if isinstance(body, AlertRaised | AlertReopened) else None
            out[latest[key]] = _alert(event, body, begun)
            known = out[latest[key]]
        else:
            known = out[latest[key]]
            severity = known.severity if known.severity == "page" else printable(body.severity, 20)
            back = isinstance(body, AlertReopened)
            known = replace(known, severity=severity, again=known.again + back, until=None if back else known.until)
        out[latest[key]] = replace(known, until=event.occurred_at) if isinstance(body, AlertResolved) else known
    return list(out.values())


def _alert(event: Event, body: AlertBody, since: datetime | None) -> BadEpisode:
    subject = printable(event.subject, 80)
    return BadEpisode(subject, printable(body.name, 80) or subject, printable(body.severity, 20), since)


def outages(events: Sequence[Event]) -> list[BadEpisode]:
    """The outages of checks, in the order in which they began."""
    out: list[BadEpisode] = []
    open_at: dict[str, int] = {}
    for event in events:
        body = _read(event)
        if not isinstance(body, CheckStateChanged):
            continue
        down = body.to == State.DOWN
        at = open_at.get(event.subject)
        if at is None and (down or body.before == State.DOWN):
            subject = printable(event.subject, 120)
            detail = printable(body.detail, 200) if down else ""
            open_at[event.subject] = at = len(out)
            out.append(BadEpisode(subject, subject, "", event.occurred_at if down else None, detail=detail))
        if at is not None and not down:
            out[at] = replace(out[at], until=event.occurred_at)
            del open_at[event.subject]
    return out


def overrides(events: Sequence[Event]) -> list[OverridePeriod]:
    """Overrides of the gate, in order. A new override ends the one before."""
    out: list[OverridePeriod] = []
    for event in events:
        body = _read(event)
        if out and isinstance(body, DeploymentsOverridden | OverrideEnded) and event.occurred_at < out[-1].until:
            out[-1] = replace(out[-1], until=event.occurred_at)
        if isinstance(body, DeploymentsOverridden):
            reason = printable(body.reason, 300)
            out.append(OverridePeriod(printable(event.actor, 60), reason, event.occurred_at, body.until))
    return out


def around(events: Sequence[Event], since: datetime, until: datetime, most: int) -> list[Event]:
    """The first ``most`` events in ``[since, until)`` that can explain a failure of a service."""
    found = (e for e in events if since <= e.occurred_at < until and not e.kind.startswith(_OURS))
    return [event for event, _ in zip(found, range(most), strict=False)]


def _read(event: Event) -> Body | None:
    try:
        return read_body(event)
    except BodyError:
        return None
