"""What people are told of an incident's entries. Sentences are English, like all that is made by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from artisan_tui.domain.event import Entry, stamp
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import Surroundings
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.span import span_text

#: In which role people hear of updates, and that one is due.
_COMMUNICATIONS = ("communications",)


def notices_of(
    before: Incident | None, after: Incident, entries: Sequence[Entry], now: datetime, around: Surroundings
) -> tuple[Notice, ...]:
    """For the ``entries`` that made ``after`` of ``before``; in their order."""
    writer = _Writer(before, after, now, around)
    bodies = []
    for entry in entries:
        if entry.subject == after.id:
            try:
                bodies.append((entry, read_body(entry)))
            except BodyError:
                continue
    lapsed = {body.person for _, body in bodies if isinstance(body, kinds.IncidentUnacknowledged) and body.person}
    found = []
    for entry, body in bodies:
        say = _SAID.get(type(body))
        notice = say(writer, entry, body) if say is not None else None
        if notice is not None and notice.purpose == "page" and notice.rung == 1 and lapsed:
            # Who had it is told together with whoever is on call now.
            notice = replace(notice, to=tuple(sorted({*notice.to, *lapsed})))
        if notice is not None:
            found.append(notice)
    return tuple(found)


def message_notice(incident: Incident, text: str, channel: str) -> Notice:
    """A message to others, which a person wrote for ``channel``."""
    title = f"{incident.id}: {incident.title}"
    severity = f"Sev{incident.severity}"
    return Notice("comms", incident.id, severity, title, text, drill=incident.drill, channel=channel)


class _Writer:
    """Makes the notices about one incident."""

    def __init__(self, before: Incident | None, after: Incident, now: datetime, around: Surroundings) -> None:
        self.before, self.after, self.now, self.around = before, after, now, around

    def notice(
        self,
        purpose: str,
        text: str,
        to: tuple[str, ...] = (),
        rung: int = 0,
        dedup: str = "",
        roles: tuple[str, ...] = (),
        *,
        fallback: bool = False,
    ) -> Notice:
        one = self.after
        return Notice(
            purpose, one.id, f"Sev{one.severity}", one.title, text, to, rung, dedup, roles=roles, drill=one.drill,
            fallback=fallback,
        )  # fmt: skip

    def communications(self) -> tuple[str, ...]:
        """Who tells the others, if that is somebody's role."""
        holder = self.after.holder("communications")
        return (holder,) if holder else ()

    def everyone(self) -> tuple[str, ...]:
        """Whoever is on call at any level."""
        found = (person for level in self.after.policy.ladder for person in self.around.on_call(level, self.now))
        return tuple(dict.fromkeys(found))

    def said(self) -> str:
        services = f" ({', '.join(self.after.services[:5])})" if self.after.services else ""
        return f"{self.after.id} Sev{self.after.severity}: {self.after.title}{services}"


def _rung(writer: _Writer, entry: Entry, body: kinds.IncidentRungReached) -> Notice:
    since = writer.after.paging_since or entry.occurred_at
    dedup = f"rung {body.rung} {stamp(since)}"
    said = writer.said()
    if not body.level:
        text = f"{said}. Nobody is on call at this level or above."
        return writer.notice("page", text, (), body.rung, dedup, fallback=True)
    why = {
        "unacknowledged": "The acknowledgement ran out.",
        "snooze": "The snooze is over.",
        "reopened": "It was reopened.",
        "unmerged": "It is an incident of its own again.",
        "person": f"Escalated by {entry.actor}.",
        "time": f"Nobody has acknowledged it for {span_text((writer.now - since).total_seconds())}.",
    }.get(body.by, "")
    text = f"{said}. {why}".strip() if why else said
    return writer.notice("page", text, body.persons, body.rung, dedup, (body.level,))


def _incoming(writer: _Writer, entry: Entry, body: kinds.IncidentIncomingPaged) -> Notice:
    since = writer.after.paging_since or entry.occurred_at
    text = f"{writer.said()}. You came on call, and nobody has acknowledged it."
    dedup = f"incoming {body.level} {' '.join(body.persons)} {stamp(since)}"
    return writer.notice("page", text, body.persons, body.rung, dedup, (body.level,))


def _declared(writer: _Writer, entry: Entry, body: kinds.IncidentDeclared) -> Notice | None:
    if writer.after.severity != 1:
        return None
    return writer.notice("inform", f"{writer.said()} was declared by {entry.actor}.", writer.everyone(), dedup="sev1")


def _severity(writer: _Writer, entry: Entry, body: kinds.IncidentSeverityChanged) -> Notice:
    text = f"{writer.after.id} is Sev{body.after} now, it was Sev{body.before}: {body.reason}"
    if body.after == 1:
        return writer.notice("inform", text, writer.everyone(), dedup=f"sev1 {writer.after.version}")
    return writer.notice("update", text, writer.communications(), roles=_COMMUNICATIONS)


def _acknowledged(writer: _Writer, entry: Entry, body: kinds.IncidentAcknowledged) -> Notice:
    return writer.notice("acknowledged", f"{body.person} has {writer.after.id}: {writer.after.title}")


def _attached(writer: _Writer, entry: Entry, body: kinds.IncidentAlertAttached) -> Notice | None:
    """Who has the incident has not seen this alert: it is a page, although the incident is acknowledged."""
    before = writer.before
    if before is None or not before.acknowledged or not before.active:
        return None
    first = writer.after.policy.ladder[0]
    to = dict.fromkeys((before.acknowledged_by, *writer.around.on_call(first, writer.now)))
    text = f"Another alert of {writer.said()}: {body.name or body.fingerprint}"
    return writer.notice("page", text, tuple(to), 1, f"alert {body.fingerprint}", (first,))


def _status(writer: _Writer, entry: Entry, body: kinds.IncidentStatusChanged) -> Notice:
    said = f"{writer.after.id} is {body.after}"
    text = f"{said}: {body.text}" if body.text else f"{said}."
    return writer.notice("update", text, writer.communications(), roles=_COMMUNICATIONS)


def _resolved(writer: _Writer, entry: Entry, body: kinds.IncidentResolved) -> Notice:
    return writer.notice("resolved", f"{writer.after.id} is resolved: {writer.after.resolution}")


def _cancelled(writer: _Writer, entry: Entry, body: kinds.IncidentCancelled) -> Notice:
    what = "a false positive" if body.because == "false_positive" else f"a duplicate of {body.other}"
    return writer.notice("resolved", f"{writer.after.id} was {what}.")


def _merged(writer: _Writer, entry: Entry, body: kinds.IncidentMerged) -> Notice:
    return writer.notice("resolved", f"{writer.after.id} goes on as a part of {body.into}.")


def _offered(writer: _Writer, entry: Entry, body: kinds.IncidentRoleOffered) -> Notice:
    text = f"{entry.actor} asks you to be {body.role} of {writer.said()}"
    return writer.notice("inform", text, (body.person,), roles=(body.role,))


def _reminded(writer: _Writer, entry: Entry, body: kinds.IncidentReminded) -> Notice:
    first = writer.after.policy.ladder[0]
    to = (body.person,) if body.person else tuple(writer.around.on_call(first, writer.now))
    text = {
        "acknowledgement": "Is somebody still working on it? Without a word the acknowledgement runs out.",
        "update": "An update is due.",
        "postmortem": "The postmortem is due.",
    }.get(body.of, "")
    roles = _COMMUNICATIONS if body.of == "update" else ()
    return writer.notice("reminder", f"{writer.said()}. {text}", to, roles=roles)


_SAID: dict[type[Body], Callable[..., Notice | None]] = {
    kinds.IncidentRungReached: _rung,
    kinds.IncidentIncomingPaged: _incoming,
    kinds.IncidentDeclared: _declared,
    kinds.IncidentSeverityChanged: _severity,
    kinds.IncidentAcknowledged: _acknowledged,
    kinds.IncidentAlertAttached: _attached,
    kinds.IncidentStatusChanged: _status,
    kinds.IncidentResolved: _resolved,
    kinds.IncidentCancelled: _cancelled,
    kinds.IncidentMerged: _merged,
    kinds.IncidentRoleOffered: _offered,
    kinds.IncidentReminded: _reminded,
}
