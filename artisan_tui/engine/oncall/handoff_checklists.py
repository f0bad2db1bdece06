"""The checklists of a hand-over review, as they stood at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.handoff_review import ReviewedChecklist
from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.checklists import ChecklistState
    from artisan_tui.store.store import Store

#: A checklist that was completed longer ago than a shift is no news.
_RECENT = timedelta(days=7)
_SETTLED = ("done", "skipped")


def checklist_facts(store: Store, config: Config, at: datetime) -> tuple[ReviewedChecklist, ...]:
    """Open ones, the overdue first, and those completed within a week. Runs in the store's thread."""
    from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
    from artisan_tui.engine.oncall.checklists import checklists_at
    from artisan_tui.engine.settings import ConfigError

    rules = ChecklistRules()
    try:
        rules.configure(config)
        return facts_of(checklists_at(rules, store, at, past=True), at)
    except ConfigError:
        return ()  # the screen of checklists says what is wrong with their files


def facts_of(states: Iterable[ChecklistState], at: datetime) -> tuple[ReviewedChecklist, ...]:
    """``states`` as `checklists_at` gives them: with ``items``, ``done``, ``due``, ``complete`` and ``overdue(at)``."""
    return tuple(
        ReviewedChecklist(
            printable(each.id, 80),
            each.title,
            each.title_ko,
            each.done,
            each.total,
            each.due,
            bool(each.overdue(at)),
            tuple(each.who),
            tuple((item.title, item.title_ko) for item in each.items if item.state not in _SETTLED),
        )
        for each in states
        if not each.complete or (each.when is not None and at - each.when <= _RECENT)
    )
