"""Incidents as lines of text, for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.incident import ROLES, Incident
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.incidents.words import because_word, postmortem_word, role_word, status_word
from artisan_tui.reports.wording import until_text

#: Deadlines by name, see `json_documents.DEADLINES`.
Clocks = Mapping[str, datetime | None]


def list_lines(
    opened: Sequence[Incident], recent: Sequence[Incident], clocks: Mapping[str, Clocks], now: datetime
) -> list[str]:
    """One line each: open ones, with their ``clocks`` by id, then those that are over."""
    if not opened and not recent:
        return [_("no incidents")]
    lines = [list_line(each, clocks.get(each.id, {}), now) for each in opened] or [_("no open incidents")]
    if recent:
        lines += ["", _("over:"), *(list_line(each, {}, now) for each in recent)]
    return lines


def list_line(incident: Incident, clocks: Clocks, now: datetime) -> str:
    parts = [
        f"{incident.id:<21}",
        f"Sev{incident.severity}",
        status_word(incident.status) if not incident.merged_into else _("merged"),
        incident.acknowledged_by and printable(incident.acknowledged_by, 40),
        age_text(incident, now),
        printable(incident.title, 200),
        clocks_text(incident, clocks, now),
    ]
    return "  ".join(each for each in parts if each)


def age_text(incident: Incident, now: datetime) -> str:
    return minutes_text(max(0.0, (now - incident.declared_at).total_seconds()))


def clocks_text(incident: Incident, clocks: Clocks, now: datetime) -> str:
    """What is due next, in minutes; "" when nothing is."""
    found = []
    if (due := clocks.get("acknowledge")) is not None:
        found.append(_("acknowledge {when}").format(when=_left(due - now)))
    if (due := clocks.get("update")) is not None and incident.acknowledged:
        found.append(_("update {when}").format(when=_left(due - now)))
    if incident.snoozed_until is not None:
        found.append(_("snoozed until {until}").format(until=until_text(incident.snoozed_until)))
    return f"({', '.join(found)})" if found else ""


def _left(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 0:
        return _("overdue by {span}").format(span=minutes_text(-seconds))
    return _("in {span}").format(span=minutes_text(seconds))


def show_lines(
    incident: Incident, clocks: Clocks, timeline: Sequence[Event], now: datetime, *, more: bool = False
) -> list[str]:
    """The head of an incident, then its timeline, oldest first."""
    lines = [f"{incident.id}  Sev{incident.severity}  {printable(incident.title, 200)}"]
    state = status_word(incident.status)
    if incident.cancelled_because:
        state += f" ({because_word(incident.cancelled_because)}{_of(incident.duplicate_of)})"
    if incident.drill:
        state = _("drill") + ", " + state
    facts = [
        (_("state"), " ".join(filter(None, [state, clocks_text(incident, clocks, now)]))),
        (_("declared"), f"{until_text(incident.declared_at)}, {printable(incident.declared_by, 60)}"),
        (_("acknowledged by"), printable(incident.acknowledged_by, 60)),
        (_("impact"), printable(incident.description, 1000)),
        (_("services"), printable(", ".join(incident.services), 400)),
        (_("roles"), _roles(incident)),
        (_("alerts"), _alerts(incident)),
        (_("merged into"), incident.merged_into),
        (_("merged"), ", ".join(each.id for each in incident.merged)),
        (_("follows"), incident.previous),
        (_("root cause"), printable(incident.root_cause, 1000)),
        (_("resolution"), printable(incident.resolution, 1000)),
        (_("postmortem"), _postmortem(incident)),
        (_("nobody on call"), _("the fallback was paged") if "" in incident.unmanned else ""),
    ]
    lines += [f"{name}: {said}" for name, said in facts if said]
    lines.append("")
    if more:
        lines.append(_("older entries are left out: --all shows them"))
    lines += [entry_line(event, incident.id) for event in timeline]
    return lines


def entry_line(event: Event, incident: str) -> str:
    """One entry, with its number, which a correction names."""
    origin = f"[{event.subject}] " if event.subject != incident else ""
    return f"{event.seq:>6}  {until_text(event.occurred_at)}  {printable(event.actor, 40)}  {origin}{event_text(event)}"


def _roles(incident: Incident) -> str:
    found = []
    for role in ROLES:
        if holder := incident.holder(role):
            found.append(f"{role_word(role)} {printable(holder, 60)}")
        if offered := incident.offered(role):
            found.append(_("{role} offered to {person}").format(role=role_word(role), person=printable(offered, 60)))
    return ", ".join(found)


def _alerts(incident: Incident) -> str:
    names = [printable(each.name or each.fingerprint, 80) for each in incident.alerts[:10]]
    rest = len(incident.alerts) + incident.more_alerts - len(names)
    return ", ".join([*names, *([_("{n} more").format(n=rest)] if rest else [])])


def _postmortem(incident: Incident) -> str:
    found = incident.postmortem
    if found.state == "not_required":
        return ""
    parts = [postmortem_word(found.state)]
    if found.owner:
        parts.append(printable(found.owner, 60))
    if found.due is not None:
        parts.append(_("due {time}").format(time=until_text(found.due)))
    if found.url:
        parts.append(printable(found.url, 300))
    return ", ".join(parts)


def _of(other: str) -> str:
    return f" {other}" if other else ""
