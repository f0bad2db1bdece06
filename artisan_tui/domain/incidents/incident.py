"""An incident as its events say: a frozen value of bounded size. Its timeline is in the journal, not in here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.incidents.policy import IncidentPolicy
from artisan_tui.domain.json_value import as_json, from_json

#: The states in their order; "cancelled" stands beside them.
STATUSES: Final = ("declared", "acknowledged", "investigating", "mitigating", "mitigated", "resolved", "closed")
CANCELLED: Final = "cancelled"
#: States in which somebody has to work on it.
ACTIVE: Final = STATUSES[:5]
ROLES: Final = ("commander", "communications", "scribe")
#: The most of each that an incident keeps; more are in its timeline only.
MOST_ALERTS, MOST_ROLES, MOST_MERGED, MOST_ITEMS, MOST_TICKS, MOST_RUNS, MOST_RECENT = 1000, 40, 50, 100, 64, 50, 12
#: Characters of a text that is kept.
LONGEST_TITLE, LONGEST_TEXT = 200, 4000


@dataclass(frozen=True, slots=True)
class Milestone:
    """When something happened for the metrics, by the event ``seq``; ``last`` is the newest event that corrects it."""

    at: datetime
    seq: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class RoleInterval:
    """``person`` was offered the role at ``since``, has it from ``taken_at`` until ``until``."""

    role: str
    person: str
    since: datetime
    taken_at: datetime | None = None
    until: datetime | None = None

    @property
    def active(self) -> bool:
        return self.taken_at is not None and self.until is None

    @property
    def offered(self) -> bool:
        return self.taken_at is None and self.until is None


@dataclass(frozen=True, slots=True)
class AttachedAlert:
    """``origin`` is the merged incident that it came with, "" for this one's own."""

    fingerprint: str
    name: str = ""
    at: datetime | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class MergedPart:
    """An incident that is a part of this one."""

    id: str
    detected_at: datetime


@dataclass(frozen=True, slots=True)
class Postmortem:
    """``state``, ``owner`` and so on as `events.IncidentPostmortemChanged` says; `reminded` once it was overdue."""

    state: str = "not_required"
    owner: str = ""
    due: datetime | None = None
    url: str = ""
    reason: str = ""
    second: str = ""
    reminded: bool = False
    completed_at: datetime | None = None

    @property
    def pending(self) -> bool:
        return self.state in ("required", "draft", "in_review")


@dataclass(frozen=True, slots=True)
class ActionItem:
    """See `events.IncidentActionItemPut`."""

    id: str
    text: str
    owner: str = ""
    due: datetime | None = None
    sort: str = "prevent"
    state: str = "open"


@dataclass(frozen=True, slots=True)
class ChecklistTick:
    item: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecentChange:
    """An event that changed the version, so that a stale act can be told what happened meanwhile."""

    version: int
    kind: str
    actor: str
    at: datetime
    what: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """``version`` counts the events that changed what a person decides on; ``events`` counts all of them.

    ``declared_at`` and the milestones are when things happened, as corrected. Clocks run from when they were recorded:
    ``paging_since`` is when this round of paging began, None while somebody has it; ``rung`` is the last one that
    was paged in it, ``acknowledge_within`` its deadline in seconds, which only ever gets shorter. ``work_at`` is the last
    work, from which the acknowledgement decays.
    """

    id: str
    title: str
    severity: int
    declared_at: datetime
    status: str = "declared"
    version: int = 0
    events: int = 0
    last_seq: int = 0
    #: The worst severity it ever had; metrics and the postmortem go by it.
    peak: int = 4
    description: str = ""
    services: tuple[str, ...] = ()
    source: str = "person"
    mode: str = ""
    previous: str = ""
    declared_by: str = ""
    recorded_at: datetime | None = None
    policy: IncidentPolicy = field(default_factory=IncidentPolicy)
    #: "detected", "declared", and each state that was reached.
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    acknowledged_by: str = ""
    work_at: datetime | None = None
    work_reminded: bool = False
    paging_since: datetime | None = None
    paged_by: str = ""
    rung: int = 0
    acknowledge_within: int = 0
    #: Levels where nobody was on call when a rung came to them last; "": nobody at any, so that the fallback was paged.
    nobody: tuple[str, ...] = ()
    updated_at: datetime | None = None
    update_reminded_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str = ""
    roles: tuple[RoleInterval, ...] = ()
    alerts: tuple[AttachedAlert, ...] = ()
    more_alerts: int = 0
    merged_into: str = ""
    merged: tuple[MergedPart, ...] = ()
    root_cause: str = ""
    resolution: str = ""
    resolved_recorded_at: datetime | None = None
    rechecked: bool = False
    closed_recorded_at: datetime | None = None
    cancelled_because: str = ""
    duplicate_of: str = ""
    reopened: int = 0
    postmortem: Postmortem = Postmortem()
    items: tuple[ActionItem, ...] = ()
    ticks: tuple[ChecklistTick, ...] = ()
    runs: tuple[str, ...] = ()
    informed: int = 0
    recent: tuple[RecentChange, ...] = ()

    @property
    def active(self) -> bool:
        """Somebody has to work on it: neither resolved nor over nor a part of another one."""
        return self.status in ACTIVE and not self.merged_into

    @property
    def open(self) -> bool:
        """It is in the list of open ones: also resolved, until it is closed."""
        return self.status in STATUSES[:6] and not self.merged_into

    @property
    def acknowledged(self) -> bool:
        """Somebody has it now."""
        return bool(self.acknowledged_by)

    @property
    def triggered(self) -> bool:
        """It waits for an acknowledgement."""
        return self.active and self.paging_since is not None

    @property
    def unmanned(self) -> tuple[str, ...]:
        """Levels that a rung found empty, while it waits for an acknowledgement; "" when there is nobody at any."""
        return self.nobody if self.triggered else ()

    @property
    def drill(self) -> bool:
        return self.mode == "drill"

    def at(self, milestone: str) -> datetime | None:
        """When it reached ``milestone``, as corrected; None when it never did."""
        found = self.milestones.get(milestone)
        return None if found is None else found.at

    def holder(self, role: str) -> str:
        """Who has the role now, "" for nobody."""
        return next((each.person for each in self.roles if each.role == role and each.active), "")

    def offered(self, role: str) -> str:
        """Who was offered the role and has not taken it, "" for nobody."""
        return next((each.person for each in self.roles if each.role == role and each.offered), "")

    @property
    def commander(self) -> str:
        return self.holder("commander")

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(each.fingerprint for each in self.alerts)

    @property
    def parts(self) -> tuple[str, ...]:
        """Its own id and those of the incidents merged into it."""
        return (self.id, *(each.id for each in self.merged))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of its timeline: its parts, and the runs of runbooks that belong to it."""
        return (*self.parts, *self.runs)

    def to_json(self) -> str:
        """Canonical: equal incidents have equal texts."""
        return canonical(as_json(self))


def read_incident(text: str) -> Incident:
    """What `Incident.to_json` gave. Raises ValueError, TypeError or KeyError."""
    return from_json(Incident, json.loads(text))
