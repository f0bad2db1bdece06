"""The simulated stack beside a running session: what is broken in it, and breaking and mending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.bus import AlertFires, EventsCame, EventsWritten
from artisan_tui.engine.drills.folders import DrillPlace
from artisan_tui.engine.drills.following import DrillFollower, DrillJournal
from artisan_tui.engine.drills.slice import DrillSlice, StackFault
from artisan_tui.engine.wing import Core, Wing
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.command import Command
    from artisan_tui.engine.journal_states import JournalState
    from artisan_tui.steps.drills import PlatformFault, SimulatedPlatform


class DrillsWing(Wing):
    STATES: ClassVar[tuple[type[JournalState], ...]] = (DrillJournal,)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._platform: SimulatedPlatform | None = None
        self._faults: tuple[PlatformFault, ...] = ()
        #: Follows the live drill that this session is in.
        self.follower: DrillFollower | None = None
        core.bus.on(EventsWritten, self._heard)
        core.bus.on(EventsCame, self._heard)
        core.bus.on(AlertFires, self._alert_fires)

    def _heard(self, news: EventsWritten | EventsCame) -> None:
        if self.follower is not None:
            self.follower.hear(news.events)

    @property
    def there(self) -> bool:
        """Whether there is a simulated stack."""
        return self._platform is not None

    async def _alert_fires(self, alert: AlertFires) -> None:
        if self.follower is not None:
            await self.follower.page(alert)

    def ids(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {"fault": tuple(fault.id for fault in self._faults)}
        if self.follower is not None:
            shown = self.follower.shown
            found["drill-message"] = tuple(each.id for each in shown.messages)
            if shown.truth is not None:
                found["drill-inject"] = tuple(each.id for each in shown.truth.next)
        return found

    def bars(self, command: Command, actor: str) -> str:
        if self.follower is None or command.read_only or actor not in self.follower.shown.removed:
            return ""
        return _("the facilitator took you out of this drill: somebody else has to do it")

    def configure(self, config: Config) -> None:
        self._show(config)

    async def enter(self) -> None:
        if self.core.options.session.drill:
            self.follower = DrillFollower(self.core, DrillPlace(self.core.options.place.state_dir))
            # It is shown from the first snapshot on: nobody takes a drill for the real thing.
            await self.follower.refresh()
        if self.core.options.simulated is None:
            return
        from artisan_tui.steps.drills import SimulatedPlatform

        self._platform = SimulatedPlatform(self.core.options.simulated)
        await self._refresh()

    async def run(self) -> None:
        if self.follower is not None:
            await self.follower.run()
        else:
            await super().run()

    async def toggle(self, fault_id: str) -> PlatformFault:
        """Inject the fault, or clear it when it is active; the fault as it is then. Raises PlatformError."""
        assert self._platform is not None
        broken = any(fault.id == fault_id and fault.active for fault in await self._platform.faults())
        await self._platform.set_fault(fault_id, not broken)
        await self._refresh()
        return next(fault for fault in self._faults if fault.id == fault_id)

    async def mend_all(self) -> None:
        """Raises PlatformError."""
        assert self._platform is not None
        await self._platform.mend_all()
        await self._refresh()

    async def _refresh(self) -> None:
        assert self._platform is not None
        self._faults = await self._platform.faults()
        self._show(self.core.config)

    def _show(self, config: Config | None) -> None:
        korean = config is not None and config.artisan.language == "ko"
        self.core.publish(
            DrillSlice(
                tuple(
                    StackFault(
                        fault.id,
                        printable(fault.title_ko if korean else fault.title, 80),
                        printable(fault.description_ko if korean else fault.description, 300),
                        fault.active,
                    )
                    for fault in self._faults
                )
            )
        )

    async def aclose(self) -> None:
        if self._platform is not None:
            await self._platform.aclose()
        if self.follower is not None:
            await self.follower.aclose()


WING = DrillsWing
