"""How checklists stand at a moment, read from the store: now, or then."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.journal_kinds import kinds_of
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.domain.oncall.checklist_states import checklist_states, due_between
from artisan_tui.domain.oncall.checklists import ChecklistState
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.journal_states import ENOUGH
from artisan_tui.engine.oncall.at_moment import schedule_at
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class ChecklistsQuery:
    """The query for every checklist as it stood ``at``, None is now: overdue first, then open, then complete.

    Only what was recorded by then counts. LookupError while it cannot be read.
    """

    at: datetime | None = None

    async def run(self, core: Core) -> tuple[ChecklistState, ...]:
        from artisan_tui.engine.settings import ConfigError

        if core.config is None:
            raise LookupError(_("the configuration cannot be read"))
        rules, at = core.state(ChecklistRules), self.at or core.clock.now()
        try:
            await asyncio.to_thread(lambda: rules.checklists)  # files are not read in the store's thread
        except ConfigError as error:
            raise LookupError(printable(str(error.problems[0]), 500)) from None
        found = await core.ask(lambda store: checklists_at(rules, store, at, past=self.at is not None))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found


def checklists_at(
    rules: ChecklistRules, store: Store, at: datetime, *, past: bool = False
) -> tuple[ChecklistState, ...]:
    """``past``: what was recorded after ``at`` is left out. Runs in the store's thread. Raises ConfigError."""
    journal = _journal(store, at if past else None)
    facts = rules.facts(at, began(store) or at, schedule_at(store, rules.config, at))
    return checklist_states(rules.checklists, journal, facts, at)


def checklists_between(
    rules: ChecklistRules, store: Store, since: datetime, until: datetime
) -> tuple[ChecklistState, ...]:
    """Every one that was due in ``[since, until)``, done or not, as it stands now. Raises ConfigError."""
    facts = rules.facts(until, began(store) or until, schedule_at(store, rules.config, until))
    return due_between(rules.checklists, _journal(store, None), facts, since, until)


def _journal(store: Store, recorded: datetime | None) -> ChecklistJournal:
    """``recorded``: what was written down after it is left out."""
    journal = ChecklistJournal()
    before = None if recorded is None else recorded_by(store, recorded) + 1
    events = [
        event
        for kind in kinds_of(ChecklistJournal.KINDS)
        for event in store.journal.page(ENOUGH, kind=kind, before=before)
    ]
    events.sort(key=lambda event: event.seq)
    journal.apply(events)
    return journal


def began(store: Store) -> datetime | None:
    """When the first event was recorded, None before it."""
    first = store.journal.page(1, before=2)
    return first[0].recorded_at if first else None


def recorded_by(store: Store, at: datetime) -> int:
    """The seq of the last event that was recorded at or before ``at``, 0 for none; by halving."""
    low, high = 0, store.journal.count()
    while low < high:
        middle = (low + high + 1) // 2
        found = store.journal.page(1, before=middle + 1)
        if found and found[0].recorded_at <= at:
            low = middle
        else:
            high = middle - 1
    return low
