"""Incidents as JSON documents, which scripts rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.incidents.incident import STATUSES, Incident
from artisan_tui.domain.incidents.metrics import IncidentTimes, Times
from artisan_tui.reports.event_words import event_text

#: ``acknowledge`` is when the second level is paged, ``next_rung`` when the next one is, ``lapses`` when the
#: acknowledgement runs out without work.
DEADLINES = ("acknowledge", "next_rung", "update", "lapses", "snooze", "postmortem")


def incident_document(
    incident: Incident,
    clocks: Mapping[str, datetime | None],
    timeline: Sequence[Event] | None = None,
    *,
    more: bool = False,
) -> dict[str, object]:
    """``clocks`` are the deadlines by name, None for one that does not run. ``timeline`` oldest first, None leaves it
    out. ``more``: older entries are not in it."""
    document: dict[str, object] = {
        "id": incident.id,
        "title": incident.title,
        "description": incident.description,
        "severity": f"Sev{incident.severity}",
        "peak_severity": f"Sev{incident.peak}",
        "status": incident.status,
        "open": incident.open,
        "version": incident.version,
        "drill": incident.drill,
        "services": list(incident.services),
        "source": incident.source,
        "previous": incident.previous or None,
        "declared_by": incident.declared_by,
        "detected_at": _at(incident.at("detected")),
        **{f"{status}_at": _at(incident.at(status)) for status in STATUSES},
        "acknowledged_by": incident.acknowledged_by or None,
        "snoozed_until": _at(incident.snoozed_until),
        "rung": incident.rung,
        "nobody_on_call": "" in incident.unmanned,
        "deadlines": {name: _at(clocks.get(name)) for name in DEADLINES},
        "roles": [
            {
                "role": each.role,
                "person": each.person,
                "since": stamp(each.since),
                "accepted_at": _at(each.taken_at),
                "until": _at(each.until),
            }
            for each in incident.roles
        ],
        "alerts": [
            {"fingerprint": each.fingerprint, "name": each.name, "at": _at(each.at), "origin": each.origin or None}
            for each in incident.alerts
        ],
        "merged_into": incident.merged_into or None,
        "merged": [each.id for each in incident.merged],
        "runs": list(incident.runs),
        "root_cause": incident.root_cause or None,
        "resolution": incident.resolution or None,
        "cancelled": {"because": incident.cancelled_because, "of": incident.duplicate_of or None}
        if incident.cancelled_because
        else None,
        "checklist": [
            {"item": each.item, "actor": each.actor, "at": stamp(each.at)}
            for each in incident.ticks
        ],
        "postmortem": postmortem_document(incident),
    }  # fmt: skip
    if timeline is not None:
        document["timeline"] = [entry_document(event, incident.id) for event in timeline]
        document["timeline_complete"] = not more
    return document


def entry_document(event: Event, incident: str) -> dict[str, object]:
    """``origin`` is the merged incident that the entry was written for, null for the incident's own."""
    return {
        "seq": event.seq,
        "at": stamp(event.occurred_at),
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "kind": event.kind,
        "text": event_text(event),
        "supersedes": event.supersedes,
        "origin": event.subject if event.subject != incident else None,
    }


def postmortem_document(incident: Incident) -> dict[str, object]:
    postmortem = incident.postmortem
    return {
        "state": postmortem.state,
        "owner": postmortem.owner or None,
        "due": _at(postmortem.due),
        "url": postmortem.url or None,
        "reason": postmortem.reason or None,
        "second": postmortem.second or None,
        "completed_at": _at(postmortem.completed_at),
        "action_items": [
            {
                "id": each.id,
                "text": each.text,
                "owner": each.owner or None,
                "due": _at(each.due),
                "kind": each.sort,
                "state": each.state,
            }
            for each in incident.items
        ],
    }


def times_document(found: Mapping[int, IncidentTimes]) -> dict[str, object]:
    """By severity; seconds."""
    return {
        f"Sev{level}": {
            "incidents": each.incidents,
            "mttd": _times(each.mttd),
            "mtta": _times(each.mtta),
            "mttr": _times(each.mttr),
        }
        for level, each in found.items()
    }


def _times(found: Times) -> dict[str, object]:
    return {"n": found.n, "median": found.median, "p90": found.p90}


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
