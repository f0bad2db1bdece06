"""What every act on an incident shares: who acts and when, refusals, and the version that was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents.events import IncidentAcknowledged, IncidentSnoozeEnded
from artisan_tui.domain.incidents.incident import ACTIVE, CANCELLED, Incident, RecentChange
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.refusal import Refusal

Entries = tuple[Entry, ...]


class ActRefused(Refusal):
    """The act is not carried out. The message is a sentence for the person."""


class StaleAct(ActRefused):
    """The incident changed after it was seen. ``changes`` are what happened meanwhile, oldest first, if still known."""

    def __init__(self, sentence: str, changes: tuple[RecentChange, ...]) -> None:
        super().__init__(sentence)
        self.changes = changes


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and when. ``person`` is who the act makes responsible; the same as ``actor`` unless somebody says another."""

    actor: str
    now: datetime
    person: str = ""

    @property
    def responder(self) -> str:
        return self.person or self.actor

    def entry(self, body: Body, incident: str, *, at: datetime | None = None, supersedes: int | None = None) -> Entry:
        made = body.entry(at or self.now, self.actor, incident)
        return made if supersedes is None else replace(made, supersedes=supersedes)


#: Logins are shared now and then: what is older may be another person's.
_JUST_NOW = timedelta(seconds=5)
_ENDINGS = frozenset({"incident.resolved", "incident.closed", "incident.cancelled", "incident.merged"})
#: What may have happened meanwhile without making an act another one than was meant: that others were paged, and more
#: for some acts. Only escalating rests on the rung.
_PAGED = frozenset({"incident.rung"})
_TIMERS = frozenset({"incident.rung", "incident.unacknowledged", "incident.attached", "incident.severity"})
_HARMLESS: Mapping[str, frozenset[str]] = {
    "escalate": frozenset(),
    "acknowledge": _TIMERS | {"incident.role-offered", "incident.role-given-up"},
    "root-cause": _TIMERS
    | {"incident.acknowledged", "incident.status", "incident.role-offered", "incident.role-taken"}
    | {"incident.resolved", "incident.postmortem", "incident.snoozed", "incident.snooze-ended", "incident.absorbed"},
}
_SAID = {
    "incident.acknowledged": "acknowledged by {what}",
    "incident.unacknowledged": "the acknowledgement ran out",
    "incident.status": "{actor} set it to {what}",
    "incident.severity": "{actor} made it {what}",
    "incident.role-offered": "{actor} assigned {what}",
    "incident.role-taken": "{what} took over",
    "incident.role-given-up": "{actor} gave up a role",
    "incident.snoozed": "{actor} snoozed it",
    "incident.snooze-ended": "the snooze ended",
    "incident.merged": "{actor} merged it into {what}",
    "incident.absorbed": "{actor} merged another incident into it",
    "incident.unmerged": "{actor} separated it again",
    "incident.released": "{actor} separated a merged incident",
    "incident.root-cause": "{actor} set the root cause",
    "incident.resolved": "{actor} resolved it",
    "incident.closed": "{actor} closed it",
    "incident.cancelled": "{actor} cancelled it",
    "incident.reopened": "{actor} reopened it",
    "incident.attached": "{actor} attached an alert",
    "incident.detached": "{actor} detached an alert",
    "incident.postmortem": "{actor} changed the postmortem",
    "incident.rung": "rung {what} was paged",
}


def check_seen(incident: Incident, seen: int | None, act: str, by: By | None = None) -> None:
    """Raise StaleAct when ``incident`` changed after the version ``seen`` in a way that ``act`` rests on.

    None: the person saw no version, as at the command line. What ``by`` did themselves a moment ago they know of, also
    where their screen did not show it yet.
    """
    if seen is None or seen == incident.version:
        return
    meanwhile = tuple(each for each in incident.recent if each.version > seen)
    known = len(meanwhile) == incident.version - seen
    if (
        known
        and seen < incident.version
        and all(each.kind in _HARMLESS.get(act, _PAGED) or _own(each, by) for each in meanwhile)
    ):
        return
    if seen > incident.version or not meanwhile:
        raise StaleAct(f"{incident.id} is not as it was shown: look at it again", ())
    said = "; ".join(said_change(each) for each in meanwhile[-3:])
    raise StaleAct(f"{incident.id} changed meanwhile: {said}", meanwhile)


def _own(change: RecentChange, by: By | None) -> bool:
    """Whether they did that themselves a moment ago, and it left the incident open."""
    if by is None or change.kind in _ENDINGS:
        return False
    return change.actor == by.actor and abs(by.now - change.at) <= _JUST_NOW


def said_change(change: RecentChange) -> str:
    """One change, as a sentence without its moment."""
    return _SAID.get(change.kind, "{actor} changed it").format(actor=change.actor, what=change.what)


def check_open(incident: Incident) -> None:
    """Raise ActRefused unless somebody can still work on it."""
    if incident.merged_into:
        raise ActRefused(f"{incident.id} is merged into {incident.merged_into}: act there, or unmerge it first")
    if incident.status == CANCELLED:
        raise ActRefused(f"{incident.id} is cancelled")
    if incident.status == "closed":
        raise ActRefused(f"{incident.id} is closed: reopen it first")


def check_active(incident: Incident) -> None:
    """Raise ActRefused when it is resolved, too."""
    check_open(incident)
    if incident.status not in ACTIVE:
        raise ActRefused(f"{incident.id} is {incident.status}: reopen it first")


def implied(incident: Incident, by: By, kind: str) -> Entries:
    """Work on an incident that nobody has implies that the worker has it; ``kind`` is the kind of the work's entry."""
    if not incident.active or incident.acknowledged:
        return ()
    return (by.entry(IncidentAcknowledged(person=by.responder, by=kind), incident.id),)


def unsnoozed(incident: Incident, by: By, why: str) -> Entries:
    """The end of a snooze, nothing when it is not snoozed."""
    if incident.snoozed_until is None:
        return ()
    return (by.entry(IncidentSnoozeEnded(by=why), incident.id),)
