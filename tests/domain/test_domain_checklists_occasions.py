"""Checklists of occasions: maintenance, rollbacks, incidents, windows and shifts open them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents.events import IncidentCancelled, IncidentDeclared, IncidentReopened, IncidentResolved
from artisan_tui.domain.maintenance.events import (
    MaintenanceBegan,
    MaintenanceDeclared,
    MaintenanceEnded,
    MaintenanceOver,
)
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.domain.oncall.checklist_states import ChecklistFacts, checklist_states, due_between
from artisan_tui.domain.oncall.checklists import (
    CalendarRule,
    OccasionRule,
)
from artisan_tui.domain.oncall.events import (
    ChecklistOpened,
    ChecklistTicked,
)
from artisan_tui.domain.oncall.shift import Shift
from artisan_tui.domain.runbooks.events import RunFinished, RunRollbackFinished, RunStarted
from support.checklist_entries import LONG_AGO, NOW, SEOUL, checklist, entry, states


@pytest.mark.parametrize(
    ("occasion", "entries", "keys"),
    [
        (
            "maintenance.start",
            [entry(MaintenanceBegan(reason="disks"), "sunday", -60)],
            ["sunday@20261129T2300Z"],
        ),
        ("maintenance.end", [entry(MaintenanceOver(reason="disks"), "sunday", -60)], ["sunday@20261129T2300Z"]),
        (
            "maintenance.start",
            [entry(MaintenanceDeclared(until=NOW + timedelta(hours=1), reason="fix"), "w1", -60)],
            ["w1"],
        ),
        # Not over yet; over by itself; ended early.
        ("maintenance.end", [entry(MaintenanceDeclared(until=NOW + timedelta(hours=1)), "w1", -60)], []),
        ("maintenance.end", [entry(MaintenanceDeclared(until=NOW - timedelta(minutes=1)), "w1", -60)], ["w1"]),
        (
            "maintenance.end",
            [
                entry(MaintenanceDeclared(until=NOW + timedelta(hours=1)), "w1", -60),
                entry(MaintenanceEnded(), "w1", -30),
            ],
            ["w1"],
        ),
    ],
)
def test_maintenance_opens_its_checklist(occasion: str, entries: list[Entry], keys: list[str]) -> None:
    assert [each.key for each in states(checklist(OccasionRule(occasion)), *entries)] == keys


def run(name: str, runbook: str, mode: str = "live") -> Entry:
    return entry(RunStarted(runbook=runbook, title="T", definition="0", mode=mode), name, -60)


def test_a_rollback_opens_its_checklist_and_so_does_a_runbook_that_rolls_back() -> None:
    after = checklist(OccasionRule("rollback", timedelta(hours=1), runbooks=("rollback_quick",)))
    happened = (
        run("RUN-1", "downshift"),
        entry(RunRollbackFinished(state="done"), "RUN-1", -30),
        run("RUN-2", "rollback_quick"),
        entry(RunFinished(state="succeeded"), "RUN-2", -20),
        run("RUN-3", "rollback_quick"),
        entry(RunFinished(state="failed"), "RUN-3", -20),
        run("RUN-4", "downshift"),
        entry(RunFinished(state="succeeded"), "RUN-4", -20),
    )
    found = states(after, *happened)
    assert {each.key: each.due for each in found} == {
        "RUN-1": NOW + timedelta(minutes=30),
        "RUN-2": NOW + timedelta(minutes=40),
    }


def test_a_drill_a_dry_run_and_a_run_within_a_run_open_nothing() -> None:
    after = checklist(OccasionRule("rollback", runbooks=("rollback_quick",)))
    for name, mode in (("RUN-1", "drill"), ("RUN-2", "dry"), ("RUN-3.1.1", "live")):
        assert states(after, run(name, "x", mode), entry(RunRollbackFinished(state="done"), name, -30)) == ()


def incident(severity: int, mode: str = "") -> Entry:
    return entry(IncidentDeclared(title="결제 오류", severity=severity, mode=mode), "INC-1", -60)


def test_a_resolved_incident_opens_its_checklist_until_it_is_reopened() -> None:
    after = checklist(OccasionRule("incident.resolved", severities=(1, 2)))
    resolved = entry(IncidentResolved(), "INC-1", -30)
    (found,) = states(after, incident(2), resolved)
    assert (found.key, found.about) == ("INC-1", "INC-1 결제 오류")
    assert states(after, incident(3), resolved) == ()
    assert states(after, incident(1, "drill"), resolved) == ()
    assert states(after, incident(2), resolved, entry(IncidentReopened(by="alert"), "INC-1", -10)) == ()
    assert states(after, incident(2), resolved, entry(IncidentCancelled(because="false_positive"), "INC-1", -10)) == ()


def test_a_planned_window_opens_its_checklist_ahead_and_it_is_due_when_it_begins() -> None:
    ahead = checklist(OccasionRule("maintenance.planned", ahead=timedelta(hours=48)))
    start = NOW + timedelta(hours=47)
    window = Window("sunday", (), "disks", start, start + timedelta(hours=2))
    facts = ChecklistFacts(SEOUL, LONG_AGO, (window,))
    (found,) = states(ahead, facts=facts)
    assert (found.due, found.about) == (start, "disks")
    assert states(ahead, at=NOW - timedelta(hours=2), facts=facts) == ()


def test_a_shift_opens_its_checklist_ahead_and_it_is_due_when_it_begins() -> None:
    before = checklist(OccasionRule("shift", ahead=timedelta(hours=24)))
    start = NOW + timedelta(hours=23)
    shift = Shift("bob", start, start + timedelta(days=7))
    facts = ChecklistFacts(SEOUL, LONG_AGO, shifts=(shift,))
    (found,) = states(before, facts=facts)
    assert (found.due, found.about, found.key.partition("@")[0]) == (start, "bob", "bob")
    (during,) = states(before, at=start + timedelta(hours=1), facts=facts)
    assert during.overdue(start + timedelta(hours=1))


def test_an_occasion_is_forgotten_after_two_weeks() -> None:
    after = checklist(OccasionRule("maintenance.end"))
    over = entry(MaintenanceOver(), "sunday", -60)
    assert states(after, over, at=NOW + timedelta(days=13))
    assert states(after, over, at=NOW + timedelta(days=15)) == ()


def test_without_a_rule_a_person_opens_it() -> None:
    by_hand = checklist(None)
    (idle,) = states(by_hand)
    assert (idle.opened, idle.overdue(NOW)) == (False, False)
    found = states(by_hand, entry(ChecklistOpened(about="v0.2"), "list/20261130-000000"))
    assert [(each.key, each.about, each.opened) for each in found] == [
        ("20261130-000000", "v0.2", True),
        ("", "", False),
    ]


def test_overdue_ones_come_first_and_those_that_are_done_last() -> None:
    lists = [
        checklist(CalendarRule("day"), "today"),
        checklist(CalendarRule("day", 0, time(8)), "late"),
        checklist(CalendarRule("week", 1, time(8)), "later"),
        checklist(CalendarRule("day"), "done"),
    ]
    journal = ChecklistJournal()
    journal.apply([entry(ChecklistTicked(item=each), "done/2026-11-30", -5) for each in ("a", "b")])
    found = checklist_states(lists, journal, ChecklistFacts(SEOUL, LONG_AGO), NOW)
    assert [each.id for each in found] == ["late", "today", "later", "done"]


def test_what_was_due_in_a_week_done_or_not() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    journal = ChecklistJournal()
    journal.apply([entry(ChecklistTicked(item=each), "list/2026-11-25", -6000) for each in ("a", "b")])
    facts = ChecklistFacts(SEOUL, LONG_AGO)
    found = due_between([daily], journal, facts, NOW - timedelta(days=7), NOW)
    assert [each.key for each in found] == [f"2026-11-{day}" for day in range(23, 30)]
    assert [each.key for each in found if each.complete] == ["2026-11-25"]
