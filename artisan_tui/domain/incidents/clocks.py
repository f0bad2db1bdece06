"""When something about an incident is due. What was done changes the incident, so nothing is due twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.incidents.incident import CANCELLED, Incident
from artisan_tui.domain.incidents.policy import multiple

#: This long after it was resolved, its alerts are asked about again.
RECHECK_AFTER = timedelta(minutes=5)
#: Within this long a resolved incident goes on when its alert fires again.
FLAPPING_WITHIN = timedelta(minutes=30)
#: Within this long a closed incident can be reopened.
REOPEN_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Due:
    """``kind`` is "rung", "remind", "unacknowledge", "update", "snooze", "recheck" or "postmortem"."""

    kind: str
    at: datetime
    rung: int = 0
    #: Since when it has been waiting; None where it waits for a moment, not for some time to pass.
    since: datetime | None = None


def due(incident: Incident) -> tuple[Due, ...]:
    """Everything that is to come, one of each kind, soonest first. Nothing for a cancelled one or a part of another."""
    if incident.merged_into or incident.status == CANCELLED:
        return ()
    found = [*_paging(incident), *_update(incident), *_after(incident)]
    return tuple(sorted(found, key=lambda each: (each.at, each.kind)))


def acknowledge_due(incident: Incident) -> datetime | None:
    """Until when somebody has to have it, before the second rung is paged; None when it waits for nobody."""
    if not incident.triggered or incident.paging_since is None:
        return None
    return _later(incident.paging_since, incident.acknowledge_within)


def update_due(incident: Incident) -> datetime | None:
    """When the next update is due, None for none. It does not move while the update is only reminded of."""
    cadence = incident.policy.updates.get(incident.severity)
    if not incident.active or cadence is None or incident.updated_at is None:
        return None
    return _later(incident.updated_at, cadence)


def rung_due(incident: Incident, rung: int) -> datetime | None:
    """When ``rung`` of this round is paged, None when it is not a rung or nobody is paged now."""
    if not incident.triggered or incident.paging_since is None or not 1 <= rung <= len(incident.policy.ladder):
        return None
    return _later(incident.paging_since, multiple(rung) * incident.acknowledge_within)


def _paging(incident: Incident) -> list[Due]:
    if not incident.active:
        return []
    if incident.snoozed_until is not None:
        return [Due("snooze", incident.snoozed_until)]
    if incident.paging_since is not None:
        at = rung_due(incident, incident.rung + 1)
        return [] if at is None else [Due("rung", at, incident.rung + 1, incident.paging_since)]
    if incident.work_at is None:
        return []
    decay = incident.policy.decay_seconds(incident.severity)
    work = incident.work_at
    ends = Due("unacknowledge", _later(work, decay), since=work)
    if incident.work_reminded:
        return [ends]
    return [Due("remind", _later(work, decay / 2), since=work), ends]


def _update(incident: Incident) -> list[Due]:
    if update_due(incident) is None or incident.snoozed_until is not None or not incident.acknowledged:
        return []  # while nobody has it, somebody is paged, who need not be reminded as well
    cadence = incident.policy.updates[incident.severity]
    since, reminded = incident.updated_at, incident.update_reminded_at
    if since is None or (reminded is not None and reminded > since):
        since = reminded
    return [] if since is None else [Due("update", _later(since, cadence), since=since)]


def _after(incident: Incident) -> list[Due]:
    found = []
    if incident.status == "resolved" and incident.alerts and not incident.rechecked:
        resolved = incident.resolved_recorded_at
        found += [] if resolved is None else [Due("recheck", resolved + RECHECK_AFTER)]
    postmortem = incident.postmortem
    if postmortem.pending and postmortem.due is not None and not postmortem.reminded:
        found.append(Due("postmortem", postmortem.due))
    return found


def _later(at: datetime, seconds: float) -> datetime:
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)  # never
