"""An incident as a Markdown document: what it was, who did what, and when. Equal incidents give equal documents.

What is in it comes from the journal alone; the moment of the export is not in it. The head of the journal's hash chain
stands at the end: `artisan-tui audit verify --head` compares it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.fold import elapsed
from artisan_tui.domain.incidents.incident import CANCELLED, ROLES, STATUSES, Incident, RoleInterval
from artisan_tui.domain.incidents.metrics import detected_at
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.comms import PRIORITIES
from artisan_tui.reports.incidents.timeline import TimelineEntry, timeline
from artisan_tui.reports.incidents.words import (
    because_word,
    item_sort_word,
    item_state_word,
    postmortem_word,
    role_word,
    status_word,
)
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import date_text, full_text, time_text

_MILESTONES = {
    "detected": N_("Detected"),
    "declared": N_("Declared"),
    "acknowledged": N_("Acknowledged"),
    "investigating": N_("Investigation began"),
    "mitigating": N_("Mitigation began"),
    "mitigated": N_("Mitigated"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
}


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """``events`` are those of the incident and of its merged parts, in any order. ``head`` is ``NUMBER:HASH``."""

    incident: Incident
    events: Sequence[Event]
    head: str = ""


def incident_markdown(record: IncidentRecord, zone: tzinfo) -> str:
    """The document, in the language in use, with a newline at its end."""
    incident = record.incident
    lines = [
        f"# {'DRILL ' if incident.drill else ''}{incident.id}: {escaped(incident.title, 200)}",
        "",
        *(
            [_("This was a drill on a simulated stack. Nobody has to do anything about it."), ""]
            if incident.drill
            else []
        ),
        *_facts(incident),
        "",
        f"## {_('Times')}",
        "",
        *_times(incident, zone),
        *_section(_("What happened"), _paragraph(incident.description)),
        *_section(_("Root cause"), _paragraph(incident.root_cause)),
        *_section(_("Resolution"), _paragraph(incident.resolution)),
        *_section(_("Roles"), _roles(incident.roles, zone)),
        *_section(_("Alerts"), _alerts(incident, zone)),
        *_section(_("Timeline"), timeline_lines(timeline(incident.id, record.events), zone)),
        *_section(_("Action items"), item_lines(incident, zone)),
        *_section(_("Postmortem"), postmortem_lines(incident, zone)),
    ]
    if record.head:
        lines += ["", f"{_('Head of the journal')}: `{printable(record.head, 100)}`"]
    return "\n".join(lines) + "\n"


def _facts(incident: Incident) -> list[str]:
    severity = f"Sev{incident.severity} ({PRIORITIES[incident.severity]})"
    if incident.peak < incident.severity:
        severity += ", " + _("at its worst Sev{level}").format(level=incident.peak)
    status = status_word(incident.status)
    if incident.status == CANCELLED:
        because = because_word(incident.cancelled_because)
        status += f" ({because} {incident.duplicate_of})" if incident.duplicate_of else f" ({because})"
    facts = [(_("Severity"), severity), (_("Status"), status)]
    if incident.drill:
        facts.append((_("Kind"), _("drill")))
    if incident.services:
        facts.append((_("Services"), ", ".join(incident.services)))
    if incident.previous:
        facts.append((_("Follows"), incident.previous))
    if incident.merged_into:
        facts.append((_("Part of"), incident.merged_into))
    if incident.merged:
        facts.append((_("Merged into it"), ", ".join(each.id for each in incident.merged)))
    if incident.runs:
        facts.append((_("Runs"), ", ".join(incident.runs)))
    return [f"- **{name}**: {escaped(text)}" for name, text in facts]


def _times(incident: Incident, zone: tzinfo) -> list[str]:
    """Every milestone with the time since it was detected, and the three spans that are measured."""
    detected = detected_at(incident)
    rows = []
    for name in ("detected", *STATUSES):
        at = detected if name == "detected" else incident.at(name)
        if at is not None:
            rows.append([_(_MILESTONES[name]), full_text(at, zone), f"+{span_text((at - detected).total_seconds())}"])
    spans = (
        (N_("Time to detect"), elapsed(detected, incident.declared_at)),
        (N_("Time to acknowledge"), elapsed(incident.declared_at, incident.at("acknowledged"))),
        (N_("Time to resolve"), elapsed(detected, incident.at("resolved"))),
    )
    said = [f"- {_(name)}: {_span(span)}" for name, span in spans if span is not None and name != "Time to detect"]
    if incident.at("detected") is not None and detected != incident.declared_at:
        said.insert(0, f"- {_('Time to detect')}: {_span(spans[0][1])}")
    return [*table([_("What"), _("When"), _("Since detection")], rows), *(["", *said] if said else [])]


def _span(span: timedelta | None) -> str:
    return "?" if span is None else span_text(span.total_seconds())


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", f"## {title}", "", *found] if found else []


def _paragraph(text: str) -> list[str]:
    """Every line of the text as a line of its own."""
    return [f"{escaped(line, 1000)}  " if at else escaped(line, 1000) for at, line in _numbered(text) if line.strip()]


def _numbered(text: str) -> list[tuple[bool, str]]:
    lines = text.splitlines()
    return [(at < len(lines) - 1, line) for at, line in enumerate(lines)]


def _roles(roles: Sequence[RoleInterval], zone: tzinfo) -> list[str]:
    lines = []
    for role in ROLES:
        for each in roles:
            if each.role != role or each.taken_at is None:
                continue
            until = full_text(each.until, zone) if each.until is not None else _("the end")
            said = _("from {since} to {until}").format(since=full_text(each.taken_at, zone), until=until)
            lines.append(f"- {role_word(role)}: {escaped(each.person)}, {said}")
    return lines


def _alerts(incident: Incident, zone: tzinfo) -> list[str]:
    lines = []
    for each in incident.alerts:
        at = f", {full_text(each.at, zone)}" if each.at is not None else ""
        origin = f" ({escaped(each.origin)})" if each.origin else ""
        lines.append(f"- {escaped(each.name or each.fingerprint)}{at}{origin}")
    if incident.more_alerts:
        lines.append("- " + _("and {n} more").format(n=incident.more_alerts))
    return lines


def timeline_lines(entries: Sequence[TimelineEntry], zone: tzinfo) -> list[str]:
    """A list with a heading for each day, in ``zone``."""
    lines: list[str] = []
    day = ""
    for entry in entries:
        today = date_text(entry.at, zone, weekday=True)
        if today != day:
            lines += ([""] if lines else []) + [f"### {today} ({_zone_name(entry.at, zone)})", ""]
            day = today
        lines.append(_entry_line(entry, zone))
    return lines


def _zone_name(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).tzname() or "UTC"


def _entry_line(entry: TimelineEntry, zone: tzinfo) -> str:
    origin = f" ({escaped(entry.origin)})" if entry.origin else ""
    text = escaped(entry.text, 4000)
    line = f"- {time_text(entry.at, zone)} {escaped(entry.event.actor, 60)}{origin}: {text}"
    if entry.correction is None:
        return line
    was = full_text(entry.event.occurred_at, zone)
    said = _("corrected by {person}; first written as {was}").format(person=entry.correction.actor, was=was)
    parts = (said, f'"{entry.first}"' if entry.first else "", entry.reason)
    return f"{line} ({'; '.join(escaped(part, 4000) for part in parts if part)})"


def item_lines(incident: Incident, zone: tzinfo) -> list[str]:
    """A table of the action items, nothing without any."""
    rows = [
        [
            escaped(item.id),
            escaped(item.text, 500),
            escaped(item.owner) or "?",
            date_text(item.due, zone) if item.due is not None else "?",
            item_sort_word(item.sort),
            item_state_word(item.state),
        ]
        for item in incident.items
    ]
    head = [_("Id"), _("What"), _("Owner"), _("Due"), _("Kind"), _("State")]
    return table(head, rows) if rows else []


def postmortem_lines(incident: Incident, zone: tzinfo) -> list[str]:
    """Its state, owner, date and place; nothing where none is required."""
    postmortem = incident.postmortem
    if postmortem.state == "not_required" and not postmortem.url:
        return []
    lines = [f"- {_('State')}: {postmortem_word(postmortem.state)}"]
    if postmortem.owner:
        lines.append(f"- {_('Owner')}: {escaped(postmortem.owner)}")
    if postmortem.due is not None:
        lines.append(f"- {_('Due')}: {full_text(postmortem.due, zone)}")
    if postmortem.url:
        lines.append(f"- {escaped(postmortem.url, 500)}")
    if postmortem.reason:
        second = _("agreed by {person}").format(person=postmortem.second) if postmortem.second else ""
        lines.append(f"- {_('Reason')}: {escaped(postmortem.reason)}{f' ({escaped(second)})' if second else ''}")
    return lines
