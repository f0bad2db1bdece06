"""What the journal says about checklists: the marks on items, and what happened that opens one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents.events import (
    IncidentCancelled,
    IncidentDeclared,
    IncidentReopened,
    IncidentResolved,
    IncidentSeverityChanged,
)
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.maintenance.events import (
    MaintenanceBegan,
    MaintenanceDeclared,
    MaintenanceEnded,
    MaintenanceOver,
)
from artisan_tui.domain.oncall.checklists import DONE, FAILED, ITEM_STATES, OPEN, Mark
from artisan_tui.domain.oncall.events import (
    ChecklistDropped,
    ChecklistOpened,
    ChecklistTicked,
    ChecklistUnticked,
    ChecklistVerified,
)
from artisan_tui.domain.runbooks.children import parent_of
from artisan_tui.domain.runbooks.events import RunFinished, RunRollbackFinished, RunStarted
from artisan_tui.domain.text.printable import printable

#: Characters of what is kept.
LONGEST_EVIDENCE = 2000
_MARKS = {"ok": DONE, "failed": FAILED}


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that may open a checklist. ``kind`` is an occasion; ``about`` is what to show of it.

    ``ends`` is when a declared maintenance window ends, unless it was ended before. ``runbook`` and ``severity`` are
    those of a run and of an incident; ``rolled_back`` tells a rollback from a run that succeeded.
    """

    kind: str
    subject: str
    at: datetime
    about: str = ""
    ends: datetime | None = None
    runbook: str = ""
    severity: int = 0
    rolled_back: bool = True


@dataclass(slots=True)
class ChecklistJournal:
    """A fold of the journal. The last word on an item counts. Runs and incidents of a drill open nothing."""

    KINDS: ClassVar[tuple[str, ...]] = (
        ChecklistTicked.KIND,
        ChecklistUnticked.KIND,
        ChecklistVerified.KIND,
        ChecklistOpened.KIND,
        ChecklistDropped.KIND,
        MaintenanceBegan.KIND,
        MaintenanceOver.KIND,
        MaintenanceDeclared.KIND,
        MaintenanceEnded.KIND,
        RunStarted.KIND,
        RunFinished.KIND,
        RunRollbackFinished.KIND,
        IncidentDeclared.KIND,
        IncidentSeverityChanged.KIND,
        IncidentResolved.KIND,
        IncidentReopened.KIND,
        IncidentCancelled.KIND,
    )

    #: By subject of the checklist, then by item.
    marks: dict[str, dict[str, Mark]] = field(default_factory=dict)
    #: By subject: (when, by whom, what about).
    opened: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    dropped: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    _happened: dict[tuple[str, str], Happened] = field(default_factory=dict)
    #: Runs that are real, with their runbook; incidents that are real, with title and severity.
    _runs: dict[str, str] = field(default_factory=dict)
    _incidents: dict[str, tuple[str, int]] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        for each in (self.marks, self.opened, self.dropped, self._happened, self._runs, self._incidents):
            each.clear()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any was understood."""
        known = False
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            take = _TAKES.get(type(body))
            if take is not None:
                take(self, body, entry)
                known = True
        return known

    def happened(self, at: datetime) -> Iterator[Happened]:
        """Everything that happened up to ``at``, a declared window that ended by itself, too."""
        for each in self._happened.values():
            if each.kind == "maintenance.end" and each.ends is not None:
                if each.ends <= at:
                    yield Happened(each.kind, each.subject, each.ends, each.about)
            elif each.at <= at:
                yield each

    # -- checklists

    def _marked(self, entry: Entry, item: str, mark: Mark | None) -> None:
        marks = self.marks.setdefault(entry.subject, {})
        if mark is None:
            marks.pop(item, None)
        else:
            marks[item] = mark

    def _ticked(self, body: ChecklistTicked, entry: Entry) -> None:
        state = body.state if body.state in ITEM_STATES else DONE
        before = self.marks.get(entry.subject, {}).get(body.item)
        seen = "" if before is None else before.seen
        evidence = printable(body.evidence, LONGEST_EVIDENCE)
        mark = Mark(state, printable(entry.actor, 60), entry.occurred_at, evidence, seen)
        self._marked(entry, body.item, mark)

    def _unticked(self, body: ChecklistUnticked, entry: Entry) -> None:
        self._marked(entry, body.item, None)

    def _verified(self, body: ChecklistVerified, entry: Entry) -> None:
        """What could not be told leaves the item as it is, and says so where nobody ticked it."""
        before = self.marks.get(entry.subject, {}).get(body.item)
        if body.outcome not in _MARKS and before is not None and before.state != OPEN:
            return
        evidence = "" if before is None else before.evidence
        state, seen = _MARKS.get(body.outcome, OPEN), printable(body.seen, LONGEST_EVIDENCE)
        mark = Mark(state, printable(entry.actor, 60), entry.occurred_at, evidence, seen, body.outcome)
        self._marked(entry, body.item, mark)

    def _opened(self, body: ChecklistOpened, entry: Entry) -> None:
        self.opened[entry.subject] = (entry.occurred_at, printable(entry.actor, 60), printable(body.about, 300))
        self.dropped.pop(entry.subject, None)

    def _dropped(self, body: ChecklistDropped, entry: Entry) -> None:
        self.dropped[entry.subject] = (entry.occurred_at, printable(entry.actor, 60), printable(body.reason, 300))

    # -- occasions

    def _happens(self, happened: Happened) -> None:
        self._happened[happened.kind, happened.subject] = happened

    def _began(self, body: MaintenanceBegan, entry: Entry) -> None:
        subject = f"{entry.subject}@{entry.occurred_at:%Y%m%dT%H%MZ}"
        self._happens(Happened("maintenance.start", subject, entry.occurred_at, printable(body.reason, 200)))

    def _over(self, body: MaintenanceOver, entry: Entry) -> None:
        subject = f"{entry.subject}@{entry.occurred_at:%Y%m%dT%H%MZ}"
        self._happens(Happened("maintenance.end", subject, entry.occurred_at, printable(body.reason, 200)))

    def _declared(self, body: MaintenanceDeclared, entry: Entry) -> None:
        about = printable(body.reason, 200)
        self._happens(Happened("maintenance.start", entry.subject, entry.occurred_at, about))
        if ("maintenance.end", entry.subject) not in self._happened:
            self._happens(Happened("maintenance.end", entry.subject, entry.occurred_at, about, body.until))

    def _ended(self, body: MaintenanceEnded, entry: Entry) -> None:
        before = self._happened.get(("maintenance.end", entry.subject))
        about = printable(body.reason, 200) or ("" if before is None else before.about)
        ends = entry.occurred_at if before is None or before.ends is None else min(before.ends, entry.occurred_at)
        self._happens(Happened("maintenance.end", entry.subject, ends, about, ends))

    def _run_started(self, body: RunStarted, entry: Entry) -> None:
        if body.mode == "live" and not parent_of(entry.subject):
            self._runs[entry.subject] = body.runbook

    def _run_finished(self, body: RunFinished, entry: Entry) -> None:
        runbook = self._runs.get(entry.subject)
        if runbook is not None and body.state == "succeeded":
            about = f"{entry.subject} {runbook}"
            self._happens(
                Happened("rollback", entry.subject, entry.occurred_at, about, runbook=runbook, rolled_back=False)
            )

    def _rolled_back(self, body: RunRollbackFinished, entry: Entry) -> None:
        runbook = self._runs.get(entry.subject)
        if runbook is not None:
            about = f"{entry.subject} {runbook}"
            self._happens(Happened("rollback", entry.subject, entry.occurred_at, about, runbook=runbook))

    def _incident(self, body: IncidentDeclared, entry: Entry) -> None:
        if body.mode != "drill":
            self._incidents[entry.subject] = (printable(body.title, 200), body.severity)

    def _severity(self, body: IncidentSeverityChanged, entry: Entry) -> None:
        known = self._incidents.get(entry.subject)
        if known is not None:
            self._incidents[entry.subject] = (known[0], body.after)

    def _resolved(self, body: IncidentResolved, entry: Entry) -> None:
        known = self._incidents.get(entry.subject)
        if known is not None:
            about = f"{entry.subject} {known[0]}"
            self._happens(Happened("incident.resolved", entry.subject, entry.occurred_at, about, severity=known[1]))

    def _not_resolved(self, body: Body, entry: Entry) -> None:
        """It was reopened or cancelled: there is nothing to be checked afterwards."""
        self._happened.pop(("incident.resolved", entry.subject), None)


_TAKES: Mapping[type[Body], Any] = {
    ChecklistTicked: ChecklistJournal._ticked,
    ChecklistUnticked: ChecklistJournal._unticked,
    ChecklistVerified: ChecklistJournal._verified,
    ChecklistOpened: ChecklistJournal._opened,
    ChecklistDropped: ChecklistJournal._dropped,
    MaintenanceBegan: ChecklistJournal._began,
    MaintenanceOver: ChecklistJournal._over,
    MaintenanceDeclared: ChecklistJournal._declared,
    MaintenanceEnded: ChecklistJournal._ended,
    RunStarted: ChecklistJournal._run_started,
    RunFinished: ChecklistJournal._run_finished,
    RunRollbackFinished: ChecklistJournal._rolled_back,
    IncidentDeclared: ChecklistJournal._incident,
    IncidentSeverityChanged: ChecklistJournal._severity,
    IncidentResolved: ChecklistJournal._resolved,
    IncidentReopened: ChecklistJournal._not_resolved,
    IncidentCancelled: ChecklistJournal._not_resolved,
}
