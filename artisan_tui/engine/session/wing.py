"""The session's own part of the engine: the heads of its journal are kept elsewhere too, and its words are indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.engine.bus import EventsLost, EventsWritten, StoreRemarked
from artisan_tui.engine.session.kept_heads import HeadKeeper
from artisan_tui.engine.session.lost_events import LossTelling
from artisan_tui.engine.session.words import WordIndex
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


class SessionWing(Wing):
    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._heads = HeadKeeper(core.clock, lambda problem: core.update_session(heads_problem=problem))
        self._words = WordIndex(core)
        self._losses = LossTelling(core)
        core.bus.on(EventsLost, lambda lost: self._events_lost())
        core.bus.on(EventsWritten, self._written)
        core.bus.on(StoreRemarked, lambda remarked: core.update_session(shared_store_notice=remarked.said))

    def configure(self, config: Config) -> None:
        self._heads.configure(config)

    async def store_opened(self) -> None:
        self._words.wrote()

    async def run(self) -> None:
        await self._words.run()

    def _written(self, written: EventsWritten) -> None:
        self._words.wrote()
        if self._heads.wrote(written.events):
            self.core.aside(self._heads.keep())

    def _events_lost(self) -> None:
        self._heads.forget()
        self._words.wrote()

    async def aclose(self) -> None:
        await self._heads.keep()


WING = SessionWing
