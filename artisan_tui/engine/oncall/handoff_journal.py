"""What a hand-over review reads from the journal: one function per part, each as things were at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.events import CheckFlapping
from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as incident_kinds
from artisan_tui.domain.incidents.incident import CANCELLED, Incident
from artisan_tui.domain.incidents.metrics import counted, detected_at, elapsed_seconds, times
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import kinds_of, read_body
from artisan_tui.domain.oncall.handoff import HandoffRecord, Said
from artisan_tui.domain.oncall.handoff_review import Counted, DueItem, GateOverride, OpenRun, SpanFacts, Timed
from artisan_tui.domain.oncall.load import Page
from artisan_tui.domain.oncall.signing import OpenIncidentState
from artisan_tui.domain.runbooks.events import RunStarted
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.text.printable import printable
from artisan_tui.store.incidents.incidents_at import events_of, incidents_at
from artisan_tui.store.journal_bounds import written_before
from artisan_tui.store.runbooks.runs_at import runs_not_over

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

_MOMENT = timedelta(microseconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
#: Events of a run that show how it came to where it is.
_RUN_EVENTS = 12


@dataclass(slots=True)
class JournalAt:
    """The journal as it was ``at`` a moment, back to ``since``: events up to ``high``, those of the span above ``low``.

    Used in the store's thread. A kind that is read from the beginning is not read again for the span.
    """

    store: Store
    at: datetime
    since: datetime
    high: int = 0
    low: int = 0
    #: The alert that has to fire always: it is no news.
    watchdog: str = ""
    _read: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    _whole: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    _incidents: tuple[Incident, ...] | None = None

    @classmethod
    def of(cls, store: Store, at: datetime, since: datetime, watchdog: str = "") -> JournalAt:
        with store.reading() as connection:
            count = store.journal.head(connection)[0]
            high = written_before(connection, count, at + _MOMENT)
            low = written_before(connection, count, since)
        return cls(store, at, since, high, low, watchdog)

    def events(self, *kinds: str, all_of: bool = False) -> tuple[Event, ...]:
        """Of these kinds ("silence." stands for all that begin so), oldest first; ``all_of``: from the beginning."""
        found: list[Event] = []
        for kind in kinds_of(kinds):
            found += self._from_beginning(kind) if all_of else self._of_span(kind)
        return tuple(sorted(found, key=lambda event: event.seq))

    def _from_beginning(self, kind: str) -> tuple[Event, ...]:
        if kind not in self._whole:
            self._whole[kind] = events_of(self.store, kind, self.high)
        return self._whole[kind]

    def _of_span(self, kind: str) -> tuple[Event, ...]:
        if kind not in self._read:
            whole = self._whole.get(kind)
            self._read[kind] = (
                events_of(self.store, kind, self.high, self.low)
                if whole is None
                else tuple(event for event in whole if event.seq > self.low)
            )
        return self._read[kind]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        if self._incidents is None:
            self._incidents = incidents_at(self.store, self.high, self.low, self.since)
        return self._incidents


def bodies(events: Iterable[Event]) -> Iterator[tuple[Event, Body]]:
    """Those that can be read."""
    for event in events:
        try:
            yield event, read_body(event)
        except BodyError:
            continue  # written by another version, or by another hand


# -- incidents and pages ----------------------------------------------------------------------


def pages_at(journal: JournalAt) -> tuple[Page, ...]:
    """Every page since the beginning of the span, by person and incident. Not of drills, not of what was cancelled."""
    incidents = {each.id: each for each in journal.incidents}
    rings: dict[tuple[str, str], list[Event]] = {}
    rungs = (incident_kinds.IncidentRungReached.KIND, incident_kinds.IncidentIncomingPaged.KIND)
    for event, body in bodies(journal.events(*rungs)):
        if not isinstance(body, incident_kinds.IncidentRungReached | incident_kinds.IncidentIncomingPaged):
            continue
        root = root_of(incidents, event.subject)
        own = incidents.get(event.subject)
        if root is None or own is None or not counted(root) or own.drill or own.status == CANCELLED:
            continue
        for person in body.persons:
            rings.setdefault((person, root.id), []).append(event)
    pages = (
        Page(
            person,
            name,
            own[0].occurred_at,
            tuple(event.occurred_at for event in own),
            tuple(event.seq for event in own),
            incidents[name].peak,
            _cause(incidents[name]),
        )
        for (person, name), own in rings.items()
    )
    return tuple(sorted(pages, key=lambda page: (page.at, page.person)))


def root_of(incidents: Mapping[str, Incident], name: str) -> Incident | None:
    """The incident that it was merged into in the end, itself where it was not."""
    for _ in range(100):
        incident = incidents.get(name)
        if incident is None or not incident.merged_into:
            return incident
        name = incident.merged_into
    return None


def _cause(incident: Incident) -> str:
    named = next((each.name for each in incident.alerts if each.name), "")
    return printable(named or incident.title, 120)


def open_incidents(journal: JournalAt, record: HandoffRecord, since: datetime) -> tuple[OpenIncidentState, ...]:
    """Open at that moment, the worst first; a next step that was said before ``since`` is not fresh."""
    found = []
    for incident in journal.incidents:
        if not incident.open or incident.drill:
            continue
        step = record.next_steps.get(incident.id)
        fresh = step is not None and step.at >= since
        found.append(OpenIncidentState(incident, step, _informed(journal, incident), fresh))
    return tuple(
        sorted(found, key=lambda each: (not each.incident.active, each.incident.severity, each.incident.declared_at))
    )


def _informed(journal: JournalAt, incident: Incident) -> Said | None:
    if not incident.informed:
        return None
    told = journal.events(incident_kinds.IncidentInformed.KIND, all_of=True)  # it may be older than the span
    for event, body in bodies(event for event in reversed(told) if event.subject in incident.parts):
        if isinstance(body, incident_kinds.IncidentInformed):
            return Said(printable(body.text, 300), printable(event.actor, 60), event.occurred_at, event.seq)
    return None


def due_items(journal: JournalAt) -> tuple[DueItem, ...]:
    """Postmortems and action items that are not done, the longest due first."""
    found = []
    for incident in journal.incidents:
        if not counted(incident):
            continue
        written = _written_of(journal, incident) if incident.postmortem.pending or incident.items else {}
        if incident.postmortem.pending:
            kept = incident.postmortem
            seqs = written.get("", (incident.last_seq,))
            found.append(DueItem(incident.id, "postmortem", incident.title, kept.owner, kept.due, seqs))
        found += [
            DueItem(incident.id, item.id, item.text, item.owner, item.due, written.get(item.id, (incident.last_seq,)))
            for item in incident.items
            if item.state == "open"
        ]
    return tuple(sorted(found, key=lambda each: (each.due or _NEVER, each.incident)))


def _written_of(journal: JournalAt, incident: Incident) -> dict[str, tuple[int, ...]]:
    """The events of the postmortem, under "", and of each action item, under its id."""
    found: dict[str, tuple[int, ...]] = {}
    kinds = (incident_kinds.IncidentPostmortemChanged.KIND, incident_kinds.IncidentActionItemPut.KIND)
    for event, body in bodies(journal.events(*kinds, all_of=True)):
        if event.subject in incident.parts:
            name = body.id if isinstance(body, incident_kinds.IncidentActionItemPut) else ""
            found[name] = (*found.get(name, ()), event.seq)
    return found


# -- a span -----------------------------------------------------------------------------------


def span_facts(journal: JournalAt, start: datetime, end: datetime, pages: Iterable[Page]) -> SpanFacts:
    """What happened in ``[start, end)``, as far as it was written down at that moment."""

    def within(event: Event) -> bool:
        return start <= event.occurred_at < end

    declared = [each for each in journal.incidents if start <= each.declared_at < end]
    real = tuple(each for each in declared if counted(each))
    left_out = sum(not each.merged_into for each in declared if not counted(each))
    acknowledged = [(each, "acknowledged", each.declared_at) for each in real]
    resolved = [(each, "resolved", detected_at(each)) for each in real if each.status in ("resolved", "closed")]
    alerts = [
        event
        for event in journal.events("alert.raised", "alert.seen")
        if within(event) and not is_watchdog(journal, event)
    ]
    runs = [
        event
        for event, body in bodies(journal.events(RunStarted.KIND))
        if within(event) and isinstance(body, RunStarted) and body.mode == "live" and not body.parent
    ]
    silences = [event for event in journal.events("silence.created") if within(event)]
    flaps: dict[str, list[int]] = {}
    for event in journal.events(CheckFlapping.KIND):
        if within(event):
            flaps.setdefault(event.subject, []).append(event.seq)
    by_severity = {level: _counted(_declared(each) for each in real if each.peak == level) for level in range(1, 5)}
    return SpanFacts(
        start,
        end,
        real,
        _counted(map(_declared, real)),
        by_severity,
        _timed(acknowledged),
        _timed(resolved),
        tuple(page for page in pages if start <= page.at < end),
        _counted(event.seq for event in alerts),
        {name: _counted(own) for name, own in sorted(flaps.items(), key=lambda each: (-len(each[1]), each[0]))},
        _counted(event.seq for event in runs),
        _counted(event.seq for event in silences),
        gate_overrides(journal, start, end),
        left_out,
    )


def is_watchdog(journal: JournalAt, event: Event) -> bool:
    """Whether this is the alert that fires as long as all is well with alerting."""
    labels = event.body.get("labels")
    return bool(journal.watchdog) and isinstance(labels, Mapping) and labels.get("alertname") == journal.watchdog


def _declared(incident: Incident) -> int:
    found = incident.milestones.get("declared")
    return 0 if found is None else found.seq


def _counted(seqs: Iterable[int]) -> Counted:
    found = tuple(seqs)
    return Counted(len(found), tuple(seq for seq in found if seq))


def _timed(ends: Iterable[tuple[Incident, str, datetime]]) -> Timed:
    values, seqs = [], []
    for incident, milestone, since in ends:
        found = incident.milestones.get(milestone)
        if found is not None:
            values.append(elapsed_seconds(since, found.at))
            seqs.append(found.last or found.seq)
    return Timed(times(values), tuple(seqs))


def gate_overrides(journal: JournalAt, start: datetime, end: datetime) -> tuple[GateOverride, ...]:
    """Those that were in force at some time in ``[start, end)``; a new one ends the one before."""
    found: list[GateOverride] = []
    for event, body in bodies(journal.events("slo.override", "slo.override-ended", all_of=True)):
        at = event.occurred_at
        if found and isinstance(body, DeploymentsOverridden | OverrideEnded) and at < found[-1].until:
            last = found[-1]
            found[-1] = GateOverride(last.actor, last.reason, last.at, at, (*last.seqs, event.seq))
        if isinstance(body, DeploymentsOverridden):
            reason = printable(body.reason, 300)
            found.append(GateOverride(printable(event.actor, 60), reason, at, body.until, (event.seq,)))
    return tuple(each for each in found if each.at < end and each.until > start)


# -- runs -------------------------------------------------------------------------------------


def open_runs(journal: JournalAt) -> tuple[OpenRun, ...]:
    """Live runs that are not over: unknown ones first, then those that wait for a person."""
    rank = {"unknown": 0, "waiting": 1}
    found = [each for each in runs_not_over(journal.store, journal.high) if each.mode == "live"]
    found.sort(key=lambda run: (rank.get(run.state, 2), run.started_at))
    return tuple(
        OpenRun(
            run,
            tuple(
                event.seq
                for event in reversed(journal.store.journal.page(_RUN_EVENTS, subject=run.id, before=journal.high + 1))
            ),
        )
        for run in found
    )
