"""Messages to others: the templates of the operations documents, filled from the incident, for a person to complete.

``start`` and ``end`` are the Korean runbook's, ``block`` is the operations runbook's P0-P3 block, ``update`` stands between
them. What nobody has said yet stands as a question in brackets, so that it is neither invented nor forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, spoken_in
from artisan_tui.reports.incidents.words import public_status_word
from artisan_tui.reports.moments import date_text, full_text, time_text

STAGES: Final = ("start", "update", "end", "block")
#: What a person can say for a message; each has a question that stands in its place.
FIELDS: Final[Mapping[str, str]] = {
    "impact": N_("impact: error rate, latency, failed jobs?"),
    "scope": N_("scope: which endpoints or features?"),
    "action": N_("what is done now?"),
    "next": N_("next step?"),
    "eta": N_("when will it be over?"),
    "cause": N_("root cause, in one line?"),
    "summary": N_("what restored it?"),
    "follow_up": N_("follow-ups, with owner and date?"),
}
#: Updates of an earlier moment that a block repeats.
_MOST_UPDATES = 5
#: The severities of the operations runbook.
PRIORITIES: Final = {1: "P0", 2: "P1", 3: "P2", 4: "P3"}


@dataclass(frozen=True, slots=True)
class Message:
    """What a message is made from. ``events`` are the incident's, oldest first. ``given`` are values of `FIELDS`."""

    incident: Incident
    events: Sequence[Event]
    zone: tzinfo
    now: datetime
    given: Mapping[str, str] = field(default_factory=dict)


def compose(stage: str, message: Message, language: str) -> str:
    """The text of the message in ``language`` (en or ko), on several lines. ValueError for a stage that is none."""
    if stage not in STAGES:
        raise ValueError(f"{stage!r} is no message: write one of {', '.join(STAGES)}")
    with spoken_in(language):
        lines = {"start": _start, "update": _update, "end": _end, "block": _block}[stage](message)
        if message.incident.drill:
            lines.insert(0, _("DRILL: this happens on a simulated stack. Do nothing about it outside of the drill."))
        return "\n".join(lines)


def open_questions(text: str) -> tuple[str, ...]:
    """The questions that still stand in ``text``, in whichever language they were asked."""
    found = []
    for language in ("en", "ko"):
        with spoken_in(language):
            found += [asked for question in FIELDS.values() if (asked := _question(question)) in text]
    return tuple(dict.fromkeys(found))


def _start(message: Message) -> list[str]:
    incident = message.incident
    cadence = incident.policy.updates.get(incident.severity)
    return [
        _head(N_("Incident started: {title}"), message),
        _line(N_("Time"), full_text(incident.declared_at, message.zone)),
        _line(N_("Severity"), _severity(incident)),
        _line(N_("Impact"), _said(message, "impact", incident.description)),
        _line(N_("Scope"), _said(message, "scope", ", ".join(incident.services))),
        _line(N_("Measures so far"), _said(message, "action", "")),
        _line(N_("Next update"), _next_update(message, cadence)),
    ]


def _update(message: Message) -> list[str]:
    incident = message.incident
    cadence = incident.policy.updates.get(incident.severity)
    return [
        _head(N_("Incident update: {title}"), message),
        _line(N_("Time"), full_text(message.now, message.zone)),
        _line(N_("Status"), public_status_word(incident.status) or incident.status),
        _line(N_("Impact"), _said(message, "impact", incident.description)),
        _line(N_("Measures so far"), _said(message, "action", _latest(message))),
        _line(N_("Next step"), _said(message, "next", "")),
        _line(N_("Next update"), _next_update(message, cadence)),
    ]


def _end(message: Message) -> list[str]:
    incident = message.incident
    ended = incident.at("resolved") or incident.at("mitigated") or message.now
    return [
        _head(N_("Incident over: {title}"), message),
        _line(N_("Time it ended"), full_text(ended, message.zone)),
        _line(N_("Root cause"), _said(message, "cause", incident.root_cause)),
        _line(N_("What was done"), _said(message, "summary", incident.resolution)),
        _line(N_("Against a recurrence"), _said(message, "follow_up", _follow_ups(incident, message.zone))),
    ]


def _block(message: Message) -> list[str]:
    incident = message.incident
    priority = f"{PRIORITIES[incident.severity]} (Sev{incident.severity})"
    updates = [f"{time_text(at, message.zone)} - {text}" for at, text in _updates(message)[-_MOST_UPDATES:]]
    return [
        _("Incident: {title}").format(title=printable(incident.title, 200)),
        "",
        f"{_('Severity')}: {priority}",
        f"{_('Status')}: {public_status_word(incident.status) or incident.status}",
        f"{_('Impact')}: {_said(message, 'impact', incident.description)}",
        f"{_('Started')}: {full_text(incident.declared_at, message.zone)}",
        "",
        f"{_('Updates')}:",
        *(updates or [_("none yet")]),
        "",
        f"{_('Actions taken')}:",
        f"- {_said(message, 'action', incident.resolution)}",
        "",
        f"{_('Next steps')}:",
        f"- {_said(message, 'next', '')}",
        "",
        f"{_('ETA')}: {_said(message, 'eta', '')}",
    ]


def _head(sentence: str, message: Message) -> str:
    title = _(sentence).format(title=printable(message.incident.title, 200))
    return f"[{message.incident.id}] {title}"


def _line(name: str, text: str) -> str:
    return f"- {_(name)}: {text}"


def _said(message: Message, name: str, known: str) -> str:
    """What the person gave, else what the incident says, else the question."""
    text = printable(message.given.get(name, "").strip() or known.strip(), 1000)
    return text or _question(FIELDS[name])


def _question(text: str) -> str:
    return f"[{_(text)}]"


def _severity(incident: Incident) -> str:
    return f"Sev{incident.severity} ({PRIORITIES[incident.severity]})"


def _next_update(message: Message, cadence: int | None) -> str:
    """``+30 min (19:00 KST)``; this message counts as the update from which the time runs."""
    if cadence is None:
        return _("when there is news")
    at = message.now + timedelta(seconds=cadence)
    zone = at.astimezone(message.zone).tzname() or ""
    return _("in {minutes} min ({time} {zone})").format(
        minutes=cadence // 60, time=time_text(at, message.zone), zone=zone
    )


def _follow_ups(incident: Incident, zone: tzinfo) -> str:
    return "; ".join(
        f"{item.text} ({item.owner or '?'}, {date_text(item.due, zone) if item.due else '?'})"
        for item in incident.items
        if item.state != "dropped"
    )


def _latest(message: Message) -> str:
    found = _updates(message)
    return found[-1][1] if found else ""


def _updates(message: Message) -> list[tuple[datetime, str]]:
    """(when, text) of every change of state that somebody explained, oldest first."""
    found = []
    for event in message.events:
        try:
            body = read_body(event)
        except BodyError:
            continue
        if isinstance(body, kinds.IncidentStatusChanged) and body.text:
            found.append((event.occurred_at, printable(body.text, 400)))
    return sorted(found)
