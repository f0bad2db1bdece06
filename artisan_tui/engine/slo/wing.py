"""SLOs in a running session: evaluated every minute, shown, and paged for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.bus import EventsLost, StatesChanged, StoreReplaced
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.engine.slo.service import SloService
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.sources.probe_context import ProbeContext


class SloWing(Wing):
    STATES: ClassVar = (Overrides, BurnAlerts)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.service = SloService(
            core.writer,
            core.clock,
            core.state(MaintenanceWindows),
            core.state(Overrides),
            core.state(BurnAlerts),
            core.journal_read,
            self._show,
            core.find,
        )
        core.bus.on(StoreReplaced, lambda replaced: self.service.store_replaced())
        core.bus.on(EventsLost, lambda lost: self.service.store_replaced())
        core.bus.on(StatesChanged, self._states_changed)

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        return {"slo": tuple(slo.id for slo in config.slos)}

    def prepare(self, config: Config, context: ProbeContext, *, following: bool) -> None:
        self.service.prepare(config, context.range_source, following=following)

    def begin(self) -> None:
        self.service.begin()

    async def rest(self) -> None:
        await self.service.rest()

    async def leave(self) -> None:
        await self.service.rest()  # which writes the rows that were read

    def _states_changed(self, changed: StatesChanged) -> None:
        if changed.kinds & {MaintenanceWindows, Overrides}:
            self.service.evaluate()
        if BurnAlerts in changed.kinds:
            self._show_alerts()

    def _show(self, slos: SloSlice) -> None:
        self.core.publish(slos)
        self._show_alerts()

    def _show_alerts(self) -> None:
        self.core.changed(AlertSlice)  # which the wing of the alerts makes


WING = SloWing
