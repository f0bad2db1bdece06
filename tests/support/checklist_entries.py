"""Checklists, and entries of the journal about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.domain.oncall.checklist_states import ChecklistFacts, checklist_states
from artisan_tui.domain.oncall.checklists import (
    CalendarRule,
    Checklist,
    ChecklistItem,
    ChecklistState,
    OccasionRule,
)

SEOUL = ZoneInfo("Asia/Seoul")


#: Monday 30 November 2026, 09:00 in Seoul.
NOW = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
ITEMS = (ChecklistItem("a", "First"), ChecklistItem("b", "Second"))


def checklist(rule: CalendarRule | OccasionRule | None, name: str = "list") -> Checklist:
    return Checklist(name, "A list", ITEMS, rule=rule)


def entry(body: Body, subject: str, minutes: float = 0, who: str = "alice") -> Entry:
    return body.entry(NOW + timedelta(minutes=minutes), who, subject)


def states(
    listed: Checklist, *entries: Entry, at: datetime = NOW, facts: ChecklistFacts | None = None
) -> tuple[ChecklistState, ...]:
    journal = ChecklistJournal()
    journal.apply(entries)
    return checklist_states([listed], journal, facts or ChecklistFacts(SEOUL, LONG_AGO), at)
