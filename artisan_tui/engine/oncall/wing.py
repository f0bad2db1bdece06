"""Being on call in a running session: what is shown of who is, the hand-over, and the checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.domain.oncall.shift import SwapState
from artisan_tui.engine.bus import StatesChanged, Ticked
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklist_watch import ChecklistWatch
from artisan_tui.engine.oncall.handoff_state import HandoffBook, HandoffWatch
from artisan_tui.engine.oncall.slice import OnCallSlice
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.journal_states import JournalStates


class OnCallWing(Wing):
    STATES: ClassVar = (OnCallChanges, HandoffBook, ChecklistRules, ChecklistJournal)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._shown = OnCallSlice()
        self._minute: datetime | None = None
        self._handoffs = HandoffWatch(core)
        self._checklists = ChecklistWatch(core)
        core.bus.on(Ticked, lambda tick: self._tick())
        core.bus.on(StatesChanged, lambda changed: self._show())

    @classmethod
    def configure_states(cls, config: Config, states: JournalStates) -> None:
        states.get(OnCallChanges).configure(config.schedule())
        states.get(ChecklistRules).configure(config)

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        changes = states.get(OnCallChanges)
        alive = (SwapState.ASKED, SwapState.ACCEPTED)
        return {
            "person": tuple(each.id for each in config.people),
            "override": tuple(each.id for each in changes.overrides if now < each.end),
            "swap": tuple(each.id for each in changes.pending(now)),
            "undoable": tuple(each.id for each in changes.swaps if each.state in alive and now < each.begins),
        }

    def configure(self, config: Config) -> None:
        from artisan_tui.engine.oncall.views import people_slice

        self.core.state(ChecklistRules).configure(config, self.core.options.overlay)
        self._checklists.look_again()
        self.core.publish(people_slice(config))
        self._show()

    def _tick(self) -> None:
        """Shifts begin and end without an entry in the journal: looked at then, and once a minute."""
        now = self.core.clock.now()
        minute = now.replace(second=0, microsecond=0)
        over = any(each.until is not None and each.until <= now for each in self._shown.levels)
        if minute != self._minute or over:
            self._minute = minute
            self._show()

    def _show(self) -> None:
        from artisan_tui.engine.oncall.views import on_call_slice

        config = self.core.config
        if config is None:
            return
        names = {each.id: each.name or each.id for each in config.people}
        now = self.core.clock.now()
        found = on_call_slice(
            self.core.state(OnCallChanges), config.escalation.ladder, now, lambda person: names.get(person, person)
        )
        if found != self._shown:
            self._shown = found
            self.core.publish(found)


WING = OnCallWing
