"""Maintenance in a running session: the windows as the screen lists them, and the journal of the configured ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceBegan, MaintenanceOver
from artisan_tui.engine.bus import StatesChanged, Ticked
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.maintenance.slice import MaintenanceSlice
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.maintenance.windows import Window
    from artisan_tui.engine.journal_states import JournalStates


class MaintenanceWing(Wing):
    STATES: ClassVar = (MaintenanceWindows,)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        #: Windows that were in force when this session began are not news.
        self._active: dict[str, Window] | None = None
        core.bus.on(Ticked, self._tick)
        core.bus.on(StatesChanged, lambda changed: self._show())

    @property
    def _windows(self) -> MaintenanceWindows:
        return self.core.state(MaintenanceWindows)

    @classmethod
    def configure_states(cls, config: Config, states: JournalStates) -> None:
        states.get(MaintenanceWindows).configure(*config.windows())

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        return {"window": states.get(MaintenanceWindows).declared_ids(now)}

    def configure(self, config: Config) -> None:
        self._show()

    def _show(self) -> None:
        self.core.publish(MaintenanceSlice(self._windows.listed(self.core.clock.now())))

    def _tick(self, tick: Ticked) -> None:
        entries = self._changes(self.core.clock.now())
        if entries:
            self.core.find(entries)
        self._show()

    def _changes(self, now: datetime) -> list[Entry]:
        """Configured windows that began or ended since the tick before; declared ones have entries of their own."""
        windows = {w.id: w for w in self._windows.windows(now) if not self._windows.declared(w.id, now)}
        before, self._active = self._active, windows
        if before is None:
            return []
        began, over = windows.keys() - before.keys(), before.keys() - windows.keys()
        entries = [
            MaintenanceBegan(reason=windows[name].reason, covers=windows[name].covers).entry(now, OBSERVER, name)
            for name in sorted(began)
        ]
        return entries + [
            MaintenanceOver(reason=before[name].reason, covers=before[name].covers).entry(now, OBSERVER, name)
            for name in sorted(over)
        ]


WING = MaintenanceWing
