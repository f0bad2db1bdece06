"""The acts on one incident: from what it is and what a person wants to journal entries, or to a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.acting import (
    ActRefused,
    By,
    Entries,
    check_active,
    check_open,
    implied,
    unsnoozed,
)
from artisan_tui.domain.incidents.clocks import FLAPPING_WITHIN, REOPEN_WITHIN
from artisan_tui.domain.incidents.incident import ACTIVE, CANCELLED, LONGEST_TEXT, LONGEST_TITLE, STATUSES, Incident
from artisan_tui.domain.incidents.policy import LONGEST_SNOOZE, LONGEST_SNOOZE_OF_OTHERS, IncidentPolicy
from artisan_tui.domain.span import span_text

#: A clock of another machine may be this far ahead.
_AHEAD = timedelta(minutes=2)
BECAUSE = ("false_positive", "duplicate_of")


def declare(
    incident_id: str,
    by: By,
    *,
    title: str,
    severity: int,
    policy: IncidentPolicy,
    description: str = "",
    services: Sequence[str] = (),
    detected_at: datetime | None = None,
    declared_at: datetime | None = None,
    source: str = "person",
    previous: str = "",
    drill: bool = False,
) -> Entries:
    """``declared_at`` may lie before now, for an incident that is written down later."""
    if not title.strip():
        raise ActRefused("an incident needs a title")
    if len(title) > LONGEST_TITLE:
        raise ActRefused(f"the title is longer than {LONGEST_TITLE} characters")
    if severity not in (1, 2, 3, 4):
        raise ActRefused("a severity is Sev1, Sev2, Sev3 or Sev4")
    for moment in (detected_at, declared_at):
        _not_ahead(moment, by)
    body = kinds.IncidentDeclared(
        title=title.strip(),
        severity=int(severity),
        description=_bounded(description, "description"),
        services=tuple(dict.fromkeys(each.strip() for each in services if each.strip()))[:50],
        source=source,
        detected_at=detected_at,
        previous=previous,
        mode="drill" if drill else "",
        policy=policy.written(),
        ladder=policy.ladder,
    )
    return (by.entry(body, incident_id, at=declared_at),)


def acknowledge(incident: Incident, by: By) -> Entries:
    """``by.responder`` has it now. Another's acknowledgement ends a snooze."""
    check_active(incident)
    person = by.responder
    if incident.acknowledged_by == person and (incident.snoozed_until is None or incident.snoozed_by == by.actor):
        raise ActRefused(f"{incident.id} is acknowledged by {person} already")
    ended = unsnoozed(incident, by, "acknowledged")
    return (*ended, by.entry(kinds.IncidentAcknowledged(person=person), incident.id))


def note(incident: Incident, by: By, text: str, occurred_at: datetime | None = None) -> Entries:
    """A note is possible on whatever is not a part of another incident, also when it is over."""
    if incident.merged_into:
        check_open(incident)
    if not text.strip():
        raise ActRefused("a note needs words")
    _not_ahead(occurred_at, by)
    body = kinds.IncidentNoted(text=_bounded(text, "note"))
    return (*implied(incident, by, body.KIND), by.entry(body, incident.id, at=occurred_at))


def set_status(incident: Incident, by: By, after: str, text: str = "", occurred_at: datetime | None = None) -> Entries:
    """Forward to any state of work, back to investigating with a reason, or an update in the same state."""
    check_open(incident)
    if after not in STATUSES[1:5]:
        if after not in (*STATUSES, CANCELLED):
            raise ActRefused(f"{after!r} is no status: write one of {', '.join(STATUSES[1:5])}")
        raise ActRefused(f"{after} is not set as a status: there is a command of its own for it")
    _not_ahead(occurred_at, by)
    if after == "acknowledged" and incident.status == "declared":
        return acknowledge(incident, by)
    before = STATUSES.index(incident.status)
    if STATUSES.index(after) < before:
        if after != "investigating" or incident.status not in ("mitigated", "resolved"):
            raise ActRefused(f"{incident.id} is {incident.status}: it cannot go back to {after}")
        if not text.strip():
            raise ActRefused("going back to investigating needs a reason")
    if after == incident.status and not text.strip():
        raise ActRefused(f"{incident.id} is {after} already: an update needs words")
    body = kinds.IncidentStatusChanged(
        before=incident.status, after=after, text=_bounded(text, "text"), person=by.person
    )
    entry = by.entry(body, incident.id, at=occurred_at)
    return (*implied(incident, by, body.KIND), entry)


def set_severity(incident: Incident, by: By, after: int, reason: str) -> Entries:
    check_open(incident)
    if after not in (1, 2, 3, 4):
        raise ActRefused("a severity is Sev1, Sev2, Sev3 or Sev4")
    if after == incident.severity:
        raise ActRefused(f"{incident.id} is Sev{after} already")
    if not reason.strip():
        raise ActRefused("another severity needs a reason")
    body = kinds.IncidentSeverityChanged(before=incident.severity, after=int(after), reason=_bounded(reason, "reason"))
    return (by.entry(body, incident.id),)


def snooze(incident: Incident, by: By, until: datetime, reason: str = "") -> Entries:
    """No pages until then; whoever snoozes it has it."""
    check_active(incident)
    most = LONGEST_SNOOZE.get(incident.severity, LONGEST_SNOOZE_OF_OTHERS)
    if until <= by.now:
        raise ActRefused("a snooze ends later than now")
    if until - by.now > most:
        raise ActRefused(f"a Sev{incident.severity} is snoozed for {span_text(most.total_seconds())} at most")
    body = kinds.IncidentSnoozed(until=until, reason=_bounded(reason, "reason"))
    return (*implied(incident, by, body.KIND), by.entry(body, incident.id))


def set_root_cause(incident: Incident, by: By, text: str) -> Entries:
    check_open(incident)
    if not text.strip():
        raise ActRefused("a root cause needs words")
    body = kinds.IncidentCauseFound(text=_bounded(text, "root cause"))
    return (*implied(incident, by, body.KIND), by.entry(body, incident.id))


def resolve(
    incident: Incident, by: By, resolution: str, *, firing: Sequence[str] = (), at: datetime | None = None
) -> Entries:
    """``firing`` are fingerprints of its alerts that still fire: that is written down, and asked about again later."""
    check_active(incident)
    if not resolution.strip() and not incident.resolution:
        raise ActRefused("resolving needs to say what resolved it")
    _not_ahead(at, by)
    body = kinds.IncidentResolved(resolution=_bounded(resolution, "resolution"), firing=tuple(firing)[:50])
    ended = unsnoozed(incident, by, "acknowledged")
    return (*implied(incident, by, body.KIND), *ended, by.entry(body, incident.id, at=at))


def cancel(incident: Incident, by: By, because: str, *, other: Incident | None = None, reason: str = "") -> Entries:
    """It was none: a false positive, or the same as ``other``. Possible until it is mitigated."""
    check_open(incident)
    if because not in BECAUSE:
        raise ActRefused("an incident is cancelled as false_positive or as duplicate_of another one")
    if incident.status not in ACTIVE[:4]:
        raise ActRefused(f"{incident.id} is {incident.status}: only what is not mitigated yet can be cancelled")
    if incident.merged:
        raise ActRefused(f"{incident.merged[0].id} is merged into {incident.id}: unmerge it first")
    if because == "duplicate_of":
        if other is None:
            raise ActRefused("a duplicate needs the id of the other incident")
        if other.id == incident.id or other.status == CANCELLED or other.merged_into == incident.id:
            raise ActRefused(f"{incident.id} cannot be a duplicate of {other.id}")
    body = kinds.IncidentCancelled(
        because=because, other="" if other is None else other.id, reason=_bounded(reason, "reason")
    )
    return (by.entry(body, incident.id),)


def reopen(incident: Incident, by: By, reason: str) -> Entries:
    """A resolved or closed one goes on. `too_late` says when a new one is declared instead."""
    if incident.merged_into or incident.status == CANCELLED:
        check_open(incident)
    if incident.status in ACTIVE:
        raise ActRefused(f"{incident.id} is open: {incident.status}")
    if not reason.strip():
        raise ActRefused("reopening needs a reason")
    if too_late(incident, by.now):
        raise ActRefused(f"{incident.id} was closed more than 7 days ago: declare a new incident that follows it")
    if incident.status == "resolved":
        return set_status(incident, by, "investigating", reason)
    body = kinds.IncidentReopened(by="person", reason=_bounded(reason, "reason"), person=by.person)
    return (by.entry(body, incident.id),)


def too_late(incident: Incident, now: datetime) -> bool:
    """Whether a closed incident cannot be reopened any more."""
    closed = incident.closed_recorded_at
    return incident.status == "closed" and closed is not None and now - closed > REOPEN_WITHIN


def attach(incident: Incident, by: By, fingerprint: str, name: str = "", since: datetime | None = None) -> Entries:
    check_open(incident)
    if not fingerprint.strip():
        raise ActRefused("an alert is named by its fingerprint")
    if fingerprint in incident.fingerprints:
        raise ActRefused(f"the alert {name or fingerprint} is attached to {incident.id} already")
    return (by.entry(kinds.IncidentAlertAttached(fingerprint=fingerprint, name=name, since=since), incident.id),)


def detach(incident: Incident, by: By, fingerprint: str, reason: str = "") -> Entries:
    check_open(incident)
    if fingerprint not in incident.fingerprints:
        raise ActRefused(f"no alert {fingerprint} is attached to {incident.id}")
    return (by.entry(kinds.IncidentAlertDetached(fingerprint=fingerprint, reason=reason), incident.id),)


def fired_again(incident: Incident, by: By, name: str) -> Entries:
    """An alert of a resolved incident fires again: within half an hour it goes on, later nothing follows here."""
    resolved = incident.resolved_recorded_at
    over = incident.status in ("resolved", "closed") and not incident.merged_into
    if not over or resolved is None or by.now - resolved > FLAPPING_WITHIN:
        return ()
    return (by.entry(kinds.IncidentReopened(by="alert", reason=name[:200]), incident.id),)


def correct(
    incident: Incident,
    by: By,
    wrong: Event,
    *,
    occurred_at: datetime | None,
    text: str = "",
    reason: str = "",
    milestone: str = "",
) -> Entries:
    """``wrong`` is superseded and stays: it happened at ``occurred_at``, or ``text`` is what is to be read."""
    if wrong.subject not in incident.parts:
        raise ActRefused(f"event {wrong.seq} is not one of {incident.id}")
    if milestone and milestone not in incident.milestones:
        raise ActRefused(f"{incident.id} has no time {milestone}: write one of {', '.join(incident.milestones)}")
    if occurred_at is None and not text.strip():
        raise ActRefused("a correction needs another time or other words")
    _not_ahead(occurred_at, by)
    body = kinds.IncidentCorrected(
        reason=_bounded(reason, "reason"),
        text=_bounded(text, "text"),
        milestone=milestone,
        only_words="yes" if occurred_at is None else None,
    )
    return (by.entry(body, wrong.subject, at=occurred_at or wrong.occurred_at, supersedes=wrong.seq),)


def _bounded(text: str, name: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ActRefused(f"the {name} is longer than {LONGEST_TEXT} characters")
    return text.strip()


def _not_ahead(moment: datetime | None, by: By) -> None:
    if moment is not None and moment > by.now + _AHEAD:
        raise ActRefused("this moment is still to come")
