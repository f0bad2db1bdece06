"""The acts about who does what: roles are offered, taken and given up."""

from __future__ import annotations

from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.acting import ActRefused, By, Entries, check_active, unsnoozed
from artisan_tui.domain.incidents.incident import ROLES, Incident


def assign(incident: Incident, by: By, person: str, role: str = "commander") -> Entries:
    """Offer ``role`` to ``person``, who has it once it is accepted; who takes it for themselves has it at once.

    It is no acknowledgement, and moves no deadline. It ends a snooze: somebody is to look at it now.
    """
    check_active(incident)
    _known(role)
    if not person.strip():
        raise ActRefused("a role is assigned to a person")
    if incident.holder(role) == person:
        raise ActRefused(f"{person} is {role} of {incident.id} already")
    ended = unsnoozed(incident, by, "assigned")
    if person in (by.actor, by.person):
        return (*ended, by.entry(_taken(incident, role, person), incident.id))
    if incident.offered(role) == person:
        raise ActRefused(f"{person} was asked to be {role} of {incident.id} already")
    return (*ended, by.entry(kinds.IncidentRoleOffered(role=role, person=person), incident.id))


def accept(incident: Incident, by: By, role: str = "commander") -> Entries:
    """The person who was offered the role takes it; whoever had it gives it up with that."""
    check_active(incident)
    _known(role)
    if incident.offered(role) not in (by.actor, by.responder) or not incident.offered(role):
        raise ActRefused(f"nobody asked {by.responder} to be {role} of {incident.id}")
    return (by.entry(_taken(incident, role, incident.offered(role)), incident.id),)


def give_up(incident: Incident, by: By, role: str, reason: str = "") -> Entries:
    """Whoever has the role, or was offered it, does not have it any more."""
    _known(role)
    person = incident.holder(role) if incident.holder(role) in (by.actor, by.responder) else incident.offered(role)
    person = person or incident.holder(role)
    if not person:
        raise ActRefused(f"nobody is {role} of {incident.id}")
    return (by.entry(kinds.IncidentRoleGivenUp(role=role, person=person, reason=reason[:300]), incident.id),)


def _taken(incident: Incident, role: str, person: str) -> kinds.IncidentRoleTaken:
    return kinds.IncidentRoleTaken(role=role, person=person, before=incident.holder(role))


def _known(role: str) -> None:
    if role not in ROLES:
        raise ActRefused(f"{role!r} is no role: write one of {', '.join(ROLES)}")
