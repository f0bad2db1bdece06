"""Checklists in a running session: which are open and overdue, as every screen shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.engine.bus import EventsLost, StatesChanged, StoreReplaced, Ticked
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice, DueChecklist

if TYPE_CHECKING:
    from artisan_tui.domain.oncall.checklists import Checklist, ChecklistState
    from artisan_tui.engine.wing import Core

#: Time alone makes a checklist open or overdue; so often it is looked at.
_EVERY = timedelta(seconds=20)


class ChecklistWatch:
    """Made by the wing; `look_again` whenever the configuration or the journal is another one."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._since: datetime | None = None
        self._next: datetime | None = None
        self._looking = False
        self._changes = 0
        core.bus.on(Ticked, lambda tick: self._tick())
        core.bus.on(StatesChanged, self._states_changed)
        core.bus.on(EventsLost, lambda lost: self.look_again(anew=True))
        core.bus.on(StoreReplaced, lambda replaced: self.look_again(anew=True))

    def look_again(self, *, anew: bool = False) -> None:
        """``anew``: of another store than before."""
        self._next = None
        if anew:
            self._since = None
        self._tick()

    def _states_changed(self, changed: StatesChanged) -> None:
        if ChecklistJournal in changed.kinds:
            self._changes += 1
            self.look_again()
        elif OnCallChanges in changed.kinds:
            self.look_again()

    def _tick(self) -> None:
        core = self._core
        now = core.clock.now()
        if core.config is None or self._looking or not core.journal_read.is_set():
            return
        if self._next is None or not self._next - _EVERY <= now < self._next:
            self._next, self._looking = now + _EVERY, True
            core.aside(self._look())

    async def _look(self) -> None:
        from artisan_tui.engine.settings import ConfigError

        core, rules = self._core, self._core.state(ChecklistRules)
        try:
            if self._since is None:
                from artisan_tui.engine.oncall.checklists import began

                self._since = await core.ask(began)
            checklists = await asyncio.to_thread(lambda: rules.checklists)
            self._core.publish(self._slice(checklists))
        except ConfigError as error:
            self._core.publish(ChecklistSlice((), str(error.problems[0]), True, self._changes))
        finally:
            self._looking = False

    def _slice(self, checklists: tuple[Checklist, ...]) -> ChecklistSlice:
        from artisan_tui.domain.oncall.checklist_states import checklist_states

        core, at = self._core, self._core.clock.now()
        facts = core.state(ChecklistRules).facts(at, self._since, core.state(OnCallChanges).schedule)
        states = checklist_states(checklists, core.state(ChecklistJournal), facts, at)
        return slice_of(states, at, known=bool(checklists), changes=self._changes)


def slice_of(states: Iterable[ChecklistState], at: datetime, *, known: bool, changes: int = 0) -> ChecklistSlice:
    """What a snapshot of ``at`` says; ``states`` as `checklist_states` orders them."""
    due = tuple(
        DueChecklist(
            each.id,
            each.key,
            each.title,
            each.title_ko,
            each.due,
            each.done,
            each.total,
            each.overdue(at),
            each.failed,
        )
        for each in states
        if each.opened and not each.complete
    )
    return ChecklistSlice(due, "", known, changes)
