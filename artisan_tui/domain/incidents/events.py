"""What incidents write into the journal. The subject is the incident's id; a person's name is a person's id or login."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from artisan_tui.domain.journal_body import Body

_NONE: Mapping[str, str] = MappingProxyType({})


class IncidentDeclared(Body):
    """``previous`` is an earlier incident that this one goes on from. ``mode`` is "" or "drill".

    ``policy`` and ``ladder`` are what it is held to, see `policy.IncidentPolicy`.
    """

    KIND = "incident.declared"
    title: str
    severity: int
    description: str = ""
    services: tuple[str, ...] = ()
    source: str = "person"
    detected_at: datetime | None = None
    previous: str = ""
    mode: str = ""
    policy: Mapping[str, str] = _NONE
    ladder: tuple[str, ...] = ()


class IncidentAcknowledged(Body):
    """``person`` has it now. ``by`` is the kind of work that implied it, "" when it was said."""

    KIND = "incident.acknowledged"
    person: str
    by: str = ""


class IncidentUnacknowledged(Body):
    """Nobody worked on it for ``seconds``."""

    KIND = "incident.unacknowledged"
    person: str = ""
    seconds: int = 0


class IncidentNoted(Body):
    KIND = "incident.noted"
    text: str = ""


class IncidentStatusChanged(Body):
    """Also an update without a change: then ``before`` is ``after``. ``person`` works on it, "" for the actor."""

    KIND = "incident.status"
    before: str
    after: str
    text: str = ""
    person: str = ""


class IncidentSeverityChanged(Body):
    KIND = "incident.severity"
    before: int
    after: int
    reason: str = ""


class IncidentRoleOffered(Body):
    """``person`` has ``role`` from the moment of `IncidentRoleTaken` on."""

    KIND = "incident.role-offered"
    role: str
    person: str


class IncidentRoleTaken(Body):
    KIND = "incident.role-taken"
    role: str
    person: str
    before: str = ""


class IncidentRoleGivenUp(Body):
    KIND = "incident.role-given-up"
    role: str
    person: str
    reason: str = ""


class IncidentSnoozed(Body):
    KIND = "incident.snoozed"
    until: datetime
    reason: str = ""


class IncidentSnoozeEnded(Body):
    """``by`` is "time", "acknowledged" or "assigned". After "time" it waits for an acknowledgement again."""

    KIND = "incident.snooze-ended"
    by: str


class IncidentMerged(Body):
    """This incident is a part of ``into`` now."""

    KIND = "incident.merged"
    into: str
    reason: str = ""


class IncidentAbsorbed(Body):
    """``source`` is a part of this incident now. ``alerts`` are its fingerprints, ``names`` their names by fingerprint."""

    KIND = "incident.absorbed"
    source: str
    detected_at: datetime
    alerts: tuple[str, ...] = ()
    names: Mapping[str, str] = _NONE


class IncidentUnmerged(Body):
    """This incident is one of its own again."""

    KIND = "incident.unmerged"
    into: str
    reason: str = ""


class IncidentReleased(Body):
    """``source`` is no part of this incident any more."""

    KIND = "incident.released"
    source: str


class IncidentCauseFound(Body):
    KIND = "incident.root-cause"
    text: str


class IncidentResolved(Body):
    """``firing`` are fingerprints of its alerts that still fired."""

    KIND = "incident.resolved"
    resolution: str = ""
    firing: tuple[str, ...] = ()


class IncidentClosed(Body):
    KIND = "incident.closed"
    text: str = ""


class IncidentCancelled(Body):
    """``because`` is "false_positive" or "duplicate_of"; then ``other`` is the incident that stays."""

    KIND = "incident.cancelled"
    because: str
    other: str = ""
    reason: str = ""


class IncidentReopened(Body):
    """``by`` is "person", "alert" (it fired again) or "still firing". Only after "person" somebody has it already, ``person``."""

    KIND = "incident.reopened"
    by: str
    reason: str = ""
    person: str = ""


class IncidentAlertAttached(Body):
    """``since`` is when the alert began to fire."""

    KIND = "incident.attached"
    fingerprint: str
    name: str = ""
    since: datetime | None = None


class IncidentAlertDetached(Body):
    KIND = "incident.detached"
    fingerprint: str
    reason: str = ""


class IncidentCorrected(Body):
    """Supersedes an event of the incident: what that was about happened when this event's ``occurred_at`` says.

    ``text`` is what is to be read instead, "" when only the time was wrong. ``milestone`` is the only one that moves,
    "" for every one that the superseded event was. ``only_words`` is "yes" when no time was given: none moves.
    """

    KIND = "incident.corrected"
    reason: str = ""
    text: str = ""
    milestone: str = ""
    only_words: str | None = None


class IncidentInformed(Body):
    """A communication that was sent. ``stage`` is "start", "update" or "end", ``text`` what was sent."""

    KIND = "incident.informed"
    stage: str
    audience: str = ""
    text: str = ""


class IncidentRunLinked(Body):
    """A runbook's run belongs to it."""

    KIND = "incident.run"
    run: str
    runbook: str = ""


class IncidentPostmortemChanged(Body):
    """``state`` is "not_required", "required", "draft", "in_review", "complete" or "waived".

    ``second`` is the other person who agreed to waive it. A field that is None is as before.
    """

    KIND = "incident.postmortem"
    state: str
    owner: str | None = None
    due: datetime | None = None
    url: str | None = None
    reason: str = ""
    second: str = ""


class IncidentActionItemPut(Body):
    """An action item is added, or changed when there is one with this ``id``. ``state`` is "open", "done" or "dropped"."""

    KIND = "incident.action"
    id: str
    text: str
    owner: str = ""
    due: datetime | None = None
    #: "prevent", "detect" or "mitigate".
    sort: str = "prevent"
    state: str = "open"


class IncidentChecklistTicked(Body):
    """``state`` is "done" or "open"."""

    KIND = "incident.checked"
    item: str
    state: str = "done"


class IncidentRungReached(Body):
    """``rung`` counts from 1. ``persons`` were on call at ``level``.

    ``level`` is "" when nobody was on call at this rung or above: then the page goes to the fallback. ``by`` is "declared",
    "time", "person" (escalated by hand), "unacknowledged", "snooze", "reopened" or "unmerged".
    """

    KIND = "incident.rung"
    rung: int
    level: str = ""
    persons: tuple[str, ...] = ()
    by: str = "time"


class IncidentIncomingPaged(Body):
    """``persons`` came on call at ``level``, whose ``rung`` had been paged, while nobody had acknowledged it."""

    KIND = "incident.incoming-paged"
    level: str
    rung: int = 1
    persons: tuple[str, ...] = ()


class IncidentNobodyOnCall(Body):
    """A rung found nobody at ``levels``; said once, and not again with every rung. ``every`` is "yes" when these are all there are.

    ``level`` is the first of them: all that older sessions wrote.
    """

    KIND = "incident.nobody-on-call"
    level: str
    levels: tuple[str, ...] = ()
    every: str = ""

    @property
    def all_levels(self) -> tuple[str, ...]:
        return self.levels or (self.level,)


class IncidentReminded(Body):
    """``of`` is "acknowledgement", "update" or "postmortem"; ``person`` was reminded, "" for whoever is on call."""

    KIND = "incident.reminded"
    of: str
    person: str = ""


class IncidentRechecked(Body):
    """Some minutes after it was resolved, none of its alerts fired."""

    KIND = "incident.rechecked"
