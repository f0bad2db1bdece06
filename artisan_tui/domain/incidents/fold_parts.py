"""The parts of an incident's fold that are lists: roles, alerts, merged incidents, runs, the postmortem's items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.incident import (
    LONGEST_TEXT,
    MOST_ALERTS,
    MOST_ITEMS,
    MOST_MERGED,
    MOST_ROLES,
    MOST_RUNS,
    MOST_TICKS,
    ActionItem,
    AttachedAlert,
    ChecklistTick,
    Incident,
    MergedPart,
    RoleInterval,
)


def role(incident: Incident, body: Any, event: Event) -> Incident:
    """A role is offered, taken or given up. Only one person has a role, and only one is offered it."""
    at = event.recorded_at
    kept: list[RoleInterval] = []
    for each in incident.roles:
        ends = each.role == body.role and each.until is None
        if isinstance(body, kinds.IncidentRoleOffered):
            ends = ends and each.offered
        elif isinstance(body, kinds.IncidentRoleGivenUp):
            ends = ends and each.person == body.person
        kept.append(replace(each, until=max(at, each.since)) if ends else each)
    if isinstance(body, kinds.IncidentRoleOffered):
        kept.append(RoleInterval(body.role, body.person, at))
    elif isinstance(body, kinds.IncidentRoleTaken):
        kept.append(RoleInterval(body.role, body.person, at, at))
    current = [each for each in kept if each.until is None]
    over = [each for each in kept if each.until is not None]
    return replace(incident, roles=(*over[-MOST_ROLES:], *current[-MOST_ROLES:]))


def attached(incident: Incident, body: kinds.IncidentAlertAttached, event: Event) -> Incident:
    if body.fingerprint in incident.fingerprints:
        return incident
    if len(incident.alerts) >= MOST_ALERTS:
        return replace(incident, more_alerts=incident.more_alerts + 1)
    new = AttachedAlert(body.fingerprint, body.name[:200], body.since or event.occurred_at)
    return replace(incident, alerts=(*incident.alerts, new))


def detached(incident: Incident, body: kinds.IncidentAlertDetached, event: Event) -> Incident:
    return replace(incident, alerts=tuple(each for each in incident.alerts if each.fingerprint != body.fingerprint))


def absorbed(incident: Incident, body: kinds.IncidentAbsorbed, event: Event) -> Incident:
    if any(each.id == body.source for each in incident.merged) or len(incident.merged) >= MOST_MERGED:
        return incident
    known = set(incident.fingerprints)
    new = [
        AttachedAlert(each, body.names.get(each, "")[:200], event.recorded_at, body.source)
        for each in dict.fromkeys(body.alerts)
        if each not in known
    ]
    room = max(0, MOST_ALERTS - len(incident.alerts))
    return replace(
        incident,
        merged=(*incident.merged, MergedPart(body.source, body.detected_at)),
        alerts=(*incident.alerts, *new[:room]),
        more_alerts=incident.more_alerts + len(new[room:]),
    )


def released(incident: Incident, body: kinds.IncidentReleased, event: Event) -> Incident:
    return replace(
        incident,
        merged=tuple(each for each in incident.merged if each.id != body.source),
        alerts=tuple(each for each in incident.alerts if each.origin != body.source),
    )


def run(incident: Incident, body: kinds.IncidentRunLinked, event: Event) -> Incident:
    if body.run in incident.runs:
        return incident
    return replace(incident, runs=(*incident.runs, body.run)[-MOST_RUNS:])


def postmortem(incident: Incident, body: kinds.IncidentPostmortemChanged, event: Event) -> Incident:
    before = incident.postmortem
    due = before.due if body.due is None else body.due
    return replace(
        incident,
        postmortem=replace(
            before,
            state=body.state,
            owner=before.owner if body.owner is None else body.owner,
            due=due,
            url=before.url if body.url is None else body.url[:500],
            reason=body.reason[:LONGEST_TEXT],
            second=body.second,
            reminded=before.reminded and due == before.due,
            completed_at=event.occurred_at if body.state == "complete" else None,
        ),
    )


def item(incident: Incident, body: kinds.IncidentActionItemPut, event: Event) -> Incident:
    new = ActionItem(body.id, body.text[:500], body.owner, body.due, body.sort, body.state)
    if any(each.id == body.id for each in incident.items):
        return replace(incident, items=tuple(new if each.id == body.id else each for each in incident.items))
    return replace(incident, items=(*incident.items, new)[-MOST_ITEMS:])


def ticked(incident: Incident, body: kinds.IncidentChecklistTicked, event: Event) -> Incident:
    others = tuple(each for each in incident.ticks if each.item != body.item)
    if body.state != "done":
        return replace(incident, ticks=others)
    return replace(incident, ticks=(*others, ChecklistTick(body.item, event.actor, event.recorded_at))[-MOST_TICKS:])
