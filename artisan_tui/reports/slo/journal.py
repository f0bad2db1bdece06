"""What the journal says about a stretch of time: alerts from raised to resolved, checks that were down, overrides.

Events are read in the order in which they happened; what another version or another hand wrote differently is left
out rather than marked_estimated at.
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

#: What only our own sessions did: nothing that a service was hurt by.
_OURS = ("session.", "config.", "notice.")


@dataclass(frozen=True, slots=True)
class BadEpisode:
    """Something that was wrong from ``since`` (None: since before what was read) up to ``until`` (None: still is).

    ``subject`` is the SLO or the check it is about; ``severity`` "page", "ticket" or, for a check, "". ``again`` is how
    often an alert came back, ``detail`` what a check said. Text is printable.
    """

    subject: str
    name: str
    severity: str
    since: datetime | None
    until: datetime | None = None
    again: int = 0
    detail: str = ""

    def within(self, since: datetime, until: datetime) -> timedelta:
        """How much of ``[since, until)`` it took."""
        first = since if self.since is None else max(self.since, since)
        last = until if self.until is None else min(self.until, until)
        return max(last - first, timedelta(0))


@dataclass(frozen=True, slots=True)
class OverridePeriod:
    """``actor`` let deployments through in spite of the budgets from ``at`` ``until`` then, or until somebody ended it."""

    actor: str
    reason: str
    at: datetime
    until: datetime


def effective_events(events: Iterable[Event], since: datetime, until: datetime) -> list[Event]:
    """What happened in ``[since, until)`` and still holds: corrections, not what they supersede."""
    listed = list(events)
    superseded = {event.supersedes for event in listed}
    found = (e for e in listed if e.seq not in superseded and since <= e.occurred_at < until)
    return sorted(found, key=lambda event: (event.occurred_at, event.seq))


def alerts(events: Sequence[Event]) -> list[BadEpisode]:
    """Alerts in the order in which they were raised; one that came back is the same one."""
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
    """Times that checks were down, in the order in which they began."""
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
    """Overrides of the gate, in order; one ends when the next is given."""
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
    """The first ``most`` events in ``[since, until)`` that may explain what happened then."""
    found = (e for e in events if since <= e.occurred_at < until and not e.kind.startswith(_OURS))
    return [event for event, _ in zip(found, range(most), strict=False)]


def _read(event: Event) -> Body | None:
    try:
        return read_body(event)
    except BodyError:
        return None
