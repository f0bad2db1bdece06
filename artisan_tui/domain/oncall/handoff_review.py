"""The facts of a hand-over review: values with the events that they come from. No words, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.metrics import Times
from artisan_tui.domain.oncall.handoff import Classed, Handoff, Said
from artisan_tui.domain.oncall.load import Page, PersonLoad
from artisan_tui.domain.oncall.signing import OpenIncidentState
from artisan_tui.domain.runbooks.run import Run

if TYPE_CHECKING:
    from artisan_tui.domain.slo.gate import Gate
    from artisan_tui.domain.slo.status import SloStatus


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """``[start, end)`` is the shift that is handed over at ``end`` by ``outgoing`` to ``incoming``, who serve to ``until``."""

    start: datetime
    end: datetime
    outgoing: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and the events behind it."""

    n: int
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """Median, 90th percentile and number of some durations in seconds, and the events at their ends."""

    times: Times
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GateOverride:
    """Deployments were allowed despite the budgets."""

    actor: str
    reason: str
    at: datetime
    until: datetime
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """What happened in ``[start, end)``. Drills and cancelled incidents are in no number.

    ``left_out`` are how many of them there were. ``flaps`` are by check, ``pages`` by person and incident.
    """

    start: datetime
    end: datetime
    incidents: tuple[Incident, ...] = ()
    declared: Counted = Counted(0)
    by_severity: Mapping[int, Counted] = field(default_factory=dict)
    mtta: Timed = Timed(Times(0, None, None))
    mttr: Timed = Timed(Times(0, None, None))
    pages: tuple[Page, ...] = ()
    alerts: Counted = Counted(0)
    flaps: Mapping[str, Counted] = field(default_factory=dict)
    runs: Counted = Counted(0)
    silences: Counted = Counted(0)
    overrides: tuple[GateOverride, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class UnreachedPage:
    """A page of which nobody is known to have heard.

    ``unmanned``: nobody was on call; then ``taken`` are the fallback channels that took it all the same. ``failed`` are
    (channel, why) that did not take it, ``unsure`` those that perhaps did, ``trying`` those that still try. ``refused`` is
    why no channel was asked.
    """

    incident: str
    severity: int
    at: datetime
    level: str = ""
    persons: tuple[str, ...] = ()
    unmanned: bool = False
    taken: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    unsure: tuple[str, ...] = ()
    trying: tuple[str, ...] = ()
    refused: str = ""
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that waits, is unknown, is at work, or whose rollback is not complete."""

    run: Run
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SilenceInForce:
    """``soon``: it ends before the incoming shift does. ``seen`` is when Alertmanager was last heard to have it, for
    one that another tool created; None for ours, of which the journal says all."""

    id: str
    matchers: str
    until: datetime
    comment: str
    actor: str
    seqs: tuple[int, ...] = ()
    soon: bool = False
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """``severity`` is "page", "ticket" or what the labels say; ``acknowledged`` by whom, "" by nobody."""

    name: str
    severity: str
    since: datetime
    labels: Mapping[str, str]
    seqs: tuple[int, ...] = ()
    acknowledged: str = ""


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """``spent`` is the share of the whole window's budget that burned in the shift, ``before`` in the shift before.

    None where too little is known. ``seqs`` are the changes of its status and its alerts in the shift.
    """

    status: SloStatus
    spent: float | None
    before: float | None
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OnCallChange:
    """An override or a swap of on-call that touched the shift."""

    what: str
    person: str
    instead_of: str
    start: datetime
    end: datetime
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DueItem:
    """A postmortem or an action item that is not done. ``due`` None: nobody set a day."""

    incident: str
    what: str
    text: str
    owner: str
    due: datetime | None
    seqs: tuple[int, ...] = ()

    def overdue(self, at: datetime) -> bool:
        return self.due is not None and self.due < at


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """``played`` are titles of what was drilled in the shift. ``due`` are runbooks whose drill is overdue, of ``of``."""

    played: tuple[tuple[str, str], ...] = ()
    due: tuple[str, ...] = ()
    of: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReviewedChecklist:
    """A checklist as it stood. ``who`` ticked what there is."""

    id: str
    title: str
    title_ko: str
    done: int
    total: int
    due: datetime | None
    overdue: bool
    who: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HandoffReview:
    """Everything that both sides read together, ``at`` one moment."""

    at: datetime
    zone: ZoneInfo
    shift: ShiftSpan
    handoff: Handoff
    this: SpanFacts
    before: SpanFacts
    unreached: tuple[UnreachedPage, ...] = ()
    open: tuple[OpenIncidentState, ...] = ()
    runs: tuple[OpenRun, ...] = ()
    silences: tuple[SilenceInForce, ...] = ()
    firing: tuple[FiringAlert, ...] = ()
    budgets: tuple[BudgetSpent, ...] = ()
    gate: Gate | None = None
    budgets_problem: str = ""
    changes: tuple[OnCallChange, ...] = ()
    due: tuple[DueItem, ...] = ()
    drills: DrillFacts = DrillFacts()
    checklists: tuple[ReviewedChecklist, ...] = ()
    load: tuple[PersonLoad, ...] = ()
    wakers: tuple[tuple[str, tuple[Page, ...]], ...] = ()
    classes: Mapping[str, Classed] = field(default_factory=dict)
    notes: tuple[Said, ...] = ()
    #: Names of people by id.
    names: Mapping[str, str] = field(default_factory=dict)
    #: The events behind the numbers, by their number.
    events: Mapping[int, Event] = field(default_factory=dict)
    name: str = ""
    environment: str = ""
    #: Every silence that was ever created here, by id: it is nobody else's.
    our_silences: frozenset[str] = frozenset()
    #: When Alertmanager was last heard about its silences, None for never; why it could not say, "" when it could.
    silences_seen: datetime | None = None
    silences_problem: str = ""

    @property
    def lacks(self) -> tuple[OpenIncidentState, ...]:
        """The open incidents for which something is missing."""
        return tuple(each for each in self.open if each.lacks)
