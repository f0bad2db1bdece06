"""How an incident's state follows from each kind of its events. `fold` has the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents import fold_parts
from artisan_tui.domain.incidents.incident import (
    ACTIVE,
    CANCELLED,
    LONGEST_TEXT,
    LONGEST_TITLE,
    STATUSES,
    Incident,
    Milestone,
    RecentChange,
)
from artisan_tui.domain.incidents.policy import LONGEST_SNOOZE, read_policy


def declared(body: kinds.IncidentDeclared, event: Event) -> Incident:
    severity = min(max(body.severity, 1), 4)
    policy = read_policy(body.policy, body.ladder)
    declared = Milestone(event.occurred_at, event.seq, event.seq)
    detected = Milestone(min(body.detected_at or event.occurred_at, event.occurred_at), event.seq, event.seq)
    incident = Incident(
        event.subject,
        body.title[:LONGEST_TITLE],
        severity,
        event.occurred_at,
        peak=severity,
        description=body.description[:LONGEST_TEXT],
        services=body.services[:50],
        source=body.source,
        mode=body.mode,
        previous=body.previous,
        declared_by=event.actor,
        recorded_at=event.recorded_at,
        policy=policy,
        milestones={"declared": declared, "detected": detected},
        events=1,
        last_seq=event.seq,
        version=1,
        updated_at=event.recorded_at,
        recent=(RecentChange(1, event.kind, event.actor, event.recorded_at),),
    )
    return paging(incident, event.recorded_at, "declared")


def paging(incident: Incident, at: datetime, by: str) -> Incident:
    """A round of paging begins: nobody has it."""
    return replace(
        incident,
        acknowledged_by="",
        work_at=None,
        work_reminded=False,
        paging_since=at,
        paged_by=by,
        rung=0,
        acknowledge_within=incident.policy.acknowledge_seconds(incident.severity),
        nobody=tuple(each for each in incident.nobody if each),
    )


def calm(incident: Incident) -> Incident:
    """Nobody is paged and nothing decays."""
    return replace(incident, paging_since=None, work_at=None, work_reminded=False, snoozed_until=None, snoozed_by="")


def has_it(incident: Incident, person: str, at: datetime) -> Incident:
    changed = replace(incident, acknowledged_by=person, paging_since=None)
    return worked(changed, at)


def worked(incident: Incident, at: datetime) -> Incident:
    """Work keeps the acknowledgement alive. The clock may have been set back: it never makes it older."""
    if not incident.acknowledged_by:
        return incident
    latest = at if incident.work_at is None else max(incident.work_at, at)
    return replace(incident, work_at=latest, work_reminded=False)


def reached(incident: Incident, milestone: str, event: Event, *, again: bool = False) -> Incident:
    """``again``: of several times the last counts, else the first."""
    if milestone in incident.milestones and not again:
        return incident
    new = Milestone(event.occurred_at, event.seq, event.seq)
    return replace(incident, milestones={**incident.milestones, milestone: new})


def acknowledged(incident: Incident, body: kinds.IncidentAcknowledged, event: Event) -> Incident:
    changed = has_it(incident, body.person or event.actor, event.recorded_at)
    changed = reached(changed, "acknowledged", event)
    if changed.status != "declared":
        return changed
    return replace(
        changed, status="acknowledged", updated_at=event.recorded_at
    )  # everybody is told that somebody has it


def unacknowledged(incident: Incident, body: kinds.IncidentUnacknowledged, event: Event) -> Incident:
    changed = paging(incident, event.recorded_at, "unacknowledged")
    return replace(changed, status="declared") if changed.status == "acknowledged" else changed


def noted(incident: Incident, body: kinds.IncidentNoted, event: Event) -> Incident:
    return worked(incident, event.recorded_at)


def status(incident: Incident, body: kinds.IncidentStatusChanged, event: Event) -> Incident:
    if body.after not in STATUSES:
        return incident
    changed = replace(incident, status=body.after, updated_at=event.recorded_at)
    if body.after in ACTIVE and body.after != "declared":
        if incident.status in ("resolved", "closed"):
            changed = replace(changed, resolved_recorded_at=None, closed_recorded_at=None, rechecked=False)
            changed = replace(changed, reopened=changed.reopened + 1)
        changed = has_it(changed, incident.acknowledged_by or body.person or event.actor, event.recorded_at)
    return reached(changed, body.after, event, again=body.after == "mitigated" and body.before != body.after)


def severity(incident: Incident, body: kinds.IncidentSeverityChanged, event: Event) -> Incident:
    after = min(max(body.after, 1), 4)
    within = incident.policy.acknowledge_seconds(after)
    if incident.paging_since is not None:
        within = min(within, incident.acknowledge_within)
    until, most = incident.snoozed_until, LONGEST_SNOOZE.get(after)
    if until is not None and most is not None:
        until = min(until, event.recorded_at + most)
    return replace(
        worked(incident, event.recorded_at),
        severity=after,
        peak=min(incident.peak, after),
        acknowledge_within=within,
        snoozed_until=until,
    )


def snoozed(incident: Incident, body: kinds.IncidentSnoozed, event: Event) -> Incident:
    return replace(incident, snoozed_until=body.until, snoozed_by=event.actor)


def snooze_ended(incident: Incident, body: kinds.IncidentSnoozeEnded, event: Event) -> Incident:
    changed = replace(incident, snoozed_until=None, snoozed_by="")
    if body.by != "time":
        return worked(changed, event.recorded_at)
    changed = paging(changed, event.recorded_at, "snooze")
    return replace(changed, status="declared") if changed.status == "acknowledged" else changed


def merged(incident: Incident, body: kinds.IncidentMerged, event: Event) -> Incident:
    return replace(incident, merged_into=body.into, snoozed_until=None, snoozed_by="")


def unmerged(incident: Incident, body: kinds.IncidentUnmerged, event: Event) -> Incident:
    changed = replace(incident, merged_into="")
    if changed.status in ACTIVE and not changed.acknowledged_by:
        return paging(changed, event.recorded_at, "unmerged")
    return worked(changed, event.recorded_at)


def resolved(incident: Incident, body: kinds.IncidentResolved, event: Event) -> Incident:
    changed = replace(
        calm(incident),
        status="resolved",
        resolution=body.resolution[:LONGEST_TEXT] or incident.resolution,
        resolved_recorded_at=event.recorded_at,
        rechecked=False,
        updated_at=event.recorded_at,
    )
    return reached(changed, "resolved", event, again=True)


def closed(incident: Incident, body: kinds.IncidentClosed, event: Event) -> Incident:
    changed = replace(calm(incident), status="closed", closed_recorded_at=event.recorded_at)
    return reached(changed, "closed", event, again=True)


def cancelled(incident: Incident, body: kinds.IncidentCancelled, event: Event) -> Incident:
    changed = replace(calm(incident), status=CANCELLED, cancelled_because=body.because, duplicate_of=body.other)
    return reached(replace(changed, closed_recorded_at=event.recorded_at), "cancelled", event)


def reopened(incident: Incident, body: kinds.IncidentReopened, event: Event) -> Incident:
    changed = replace(
        incident,
        status="investigating",
        reopened=incident.reopened + 1,
        resolved_recorded_at=None,
        closed_recorded_at=None,
        rechecked=False,
        updated_at=event.recorded_at,
    )
    if body.by == "person":
        return has_it(changed, body.person or event.actor, event.recorded_at)
    return paging(changed, event.recorded_at, "reopened")


def rung(incident: Incident, body: kinds.IncidentRungReached, event: Event) -> Incident:
    nobody = tuple(each for each in incident.nobody if each not in ("", body.level))
    if not body.level:
        nobody = (*nobody, "")
    return replace(incident, rung=max(incident.rung, body.rung), nobody=nobody)


def nobody(incident: Incident, body: kinds.IncidentNobodyOnCall, event: Event) -> Incident:
    known = tuple(each for each in incident.nobody if each not in ("", *body.all_levels))
    return replace(incident, nobody=(*known, *body.all_levels)[-20:])


def reminded(incident: Incident, body: kinds.IncidentReminded, event: Event) -> Incident:
    if body.of == "acknowledgement":
        return replace(incident, work_reminded=True)
    if body.of == "update":
        return replace(incident, update_reminded_at=event.recorded_at)
    if body.of == "postmortem":
        return replace(incident, postmortem=replace(incident.postmortem, reminded=True))
    return incident


def rechecked(incident: Incident, body: kinds.IncidentRechecked, event: Event) -> Incident:
    return replace(incident, rechecked=True)


def informed(incident: Incident, body: kinds.IncidentInformed, event: Event) -> Incident:
    changed = replace(incident, informed=incident.informed + 1, updated_at=event.recorded_at)
    return worked(changed, event.recorded_at)


def cause(incident: Incident, body: kinds.IncidentCauseFound, event: Event) -> Incident:
    return worked(replace(incident, root_cause=body.text[:LONGEST_TEXT]), event.recorded_at)


def corrected(incident: Incident, body: kinds.IncidentCorrected, event: Event) -> Incident:
    wrong = event.supersedes
    if wrong is None:
        return incident
    moved = {
        name: replace(mark, at=event.occurred_at, last=event.seq)
        for name, mark in incident.milestones.items()
        if wrong in (mark.seq, mark.last) and meant(incident, name, body.milestone)
    }
    changed = replace(incident, milestones={**incident.milestones, **moved}) if moved else incident
    if "declared" in moved:
        changed = replace(changed, declared_at=event.occurred_at)
    return changed


def meant(incident: Incident, name: str, milestone: str) -> bool:
    """The declaration is the detection, too, unless it was detected earlier."""
    if milestone:
        return name == milestone
    return name != "detected" or incident.milestones[name].at >= incident.declared_at


def role(incident: Incident, body: Any, event: Event) -> Incident:
    return worked(fold_parts.role(incident, body, event), event.recorded_at)


def run(incident: Incident, body: kinds.IncidentRunLinked, event: Event) -> Incident:
    return worked(fold_parts.run(incident, body, event), event.recorded_at)
