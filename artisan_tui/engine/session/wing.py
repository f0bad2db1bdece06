"""The session's own part of the engine: the heads of the journal that it writes are kept elsewhere too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.engine.bus import EventsWritten
from artisan_tui.engine.session.kept_heads import HeadKeeper
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


class SessionWing(Wing):
    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._heads = HeadKeeper(core.clock, lambda problem: core.update_session(heads_problem=problem))
        core.bus.on(EventsWritten, self._written)

    def configure(self, config: Config) -> None:
        self._heads.configure(config)

    def _written(self, written: EventsWritten) -> None:
        if self._heads.wrote(written.events):
            self.core.aside(self._heads.keep())

    async def aclose(self) -> None:
        await self._heads.keep()


WING = SessionWing
