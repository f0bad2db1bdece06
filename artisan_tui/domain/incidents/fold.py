"""What the events of an incident add up to. It takes what is written as it is: `acts` decide what may be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents import fold_parts
from artisan_tui.domain.incidents import fold_states as states
from artisan_tui.domain.incidents.incident import (
    MOST_RECENT,
    Incident,
    RecentChange,
)
from artisan_tui.domain.incidents.ticking import ticked_by_act
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body

Fold = Callable[[Incident, Any, Event], Incident]


def apply(incident: Incident | None, event: Event) -> Incident | None:
    """The incident after ``event``, which has its id as the subject. An event that cannot be read changes nothing."""
    try:
        body = read_body(event)
    except BodyError:
        return incident
    if incident is None:
        return states.declared(body, event) if isinstance(body, kinds.IncidentDeclared) and event.subject else None
    fold = _FOLDS.get(type(body))
    if fold is None:
        return incident  # declared twice, or another wing's kind
    new = ticked_by_act(incident, fold(incident, body, event), body, event)
    new = replace(new, events=new.events + 1, last_seq=event.seq)
    if type(body) in _QUIET:
        return new
    recent = RecentChange(new.version + 1, event.kind, event.actor, event.recorded_at, _what(body))
    return replace(new, version=new.version + 1, recent=(*new.recent, recent)[-MOST_RECENT:])


def fold(events: Iterable[Event]) -> Incident | None:
    """The incident that ``events``, oldest first, add up to."""
    incident: Incident | None = None
    for event in events:
        incident = apply(incident, event)
    return incident


def _what(body: Body) -> str:
    """The one word of a change that a person needs to be told."""
    if isinstance(body, kinds.IncidentStatusChanged):
        return body.after
    if isinstance(body, kinds.IncidentSeverityChanged):
        return f"Sev{body.after}"
    if isinstance(body, kinds.IncidentMerged):
        return body.into
    if isinstance(body, kinds.IncidentAcknowledged):
        return body.person
    if isinstance(body, kinds.IncidentRungReached):
        return str(body.rung)
    if isinstance(body, kinds.IncidentRoleOffered | kinds.IncidentRoleTaken):
        return f"{body.role} {body.person}"
    return ""


#: What another person's decision does not rest on: it changes no version.
_QUIET = frozenset(
    {
        kinds.IncidentNoted,
        kinds.IncidentInformed,
        kinds.IncidentReminded,
        kinds.IncidentRechecked,
        kinds.IncidentCorrected,
        kinds.IncidentChecklistTicked,
        kinds.IncidentActionItemPut,
        kinds.IncidentNobodyOnCall,
        kinds.IncidentRunLinked,
    }
)
_FOLDS: Mapping[type[Body], Fold] = {
    kinds.IncidentAcknowledged: states.acknowledged,
    kinds.IncidentUnacknowledged: states.unacknowledged,
    kinds.IncidentNoted: states.noted,
    kinds.IncidentStatusChanged: states.status,
    kinds.IncidentSeverityChanged: states.severity,
    kinds.IncidentRoleOffered: states.role,
    kinds.IncidentRoleTaken: states.role,
    kinds.IncidentRoleGivenUp: states.role,
    kinds.IncidentSnoozed: states.snoozed,
    kinds.IncidentSnoozeEnded: states.snooze_ended,
    kinds.IncidentMerged: states.merged,
    kinds.IncidentUnmerged: states.unmerged,
    kinds.IncidentAbsorbed: fold_parts.absorbed,
    kinds.IncidentReleased: fold_parts.released,
    kinds.IncidentCauseFound: states.cause,
    kinds.IncidentResolved: states.resolved,
    kinds.IncidentClosed: states.closed,
    kinds.IncidentCancelled: states.cancelled,
    kinds.IncidentReopened: states.reopened,
    kinds.IncidentAlertAttached: fold_parts.attached,
    kinds.IncidentAlertDetached: fold_parts.detached,
    kinds.IncidentCorrected: states.corrected,
    kinds.IncidentInformed: states.informed,
    kinds.IncidentRunLinked: states.run,
    kinds.IncidentPostmortemChanged: fold_parts.postmortem,
    kinds.IncidentActionItemPut: fold_parts.item,
    kinds.IncidentChecklistTicked: fold_parts.ticked,
    kinds.IncidentRungReached: states.rung,
    kinds.IncidentNobodyOnCall: states.nobody,
    kinds.IncidentReminded: states.reminded,
    kinds.IncidentRechecked: states.rechecked,
}


def elapsed(since: datetime | None, until: datetime | None) -> timedelta | None:
    """Never less than nothing: a clock may have been set back. None when one of them is not known."""
    return None if since is None or until is None else max(until - since, timedelta())
