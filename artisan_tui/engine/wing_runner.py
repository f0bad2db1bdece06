"""Starts and stops the wings together, each time on one probe context that they share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.engine.wing import Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.command import Command
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.engine.wing import Core
    from artisan_tui.sources.probe_context import ProbeContext
    from artisan_tui.store.opening import Opening

T = TypeVar("T")


class WingRunner:
    """The wings of one engine. ``following`` says whether another session probes now."""

    def __init__(self, core: Core, kinds: Iterable[type[Wing]], following: Callable[[], bool]) -> None:
        self._environ, self._following = core.options.environ, following
        self._wings: dict[type, Wing] = {kind: kind(core) for kind in kinds}
        self._context: ProbeContext | None = None

    def get(self, kind: type[T]) -> T:
        """The one wing of that kind."""
        found = self._wings[kind]
        assert isinstance(found, kind)
        return found

    @property
    def probing(self) -> bool:
        """Whether the wings were started as those of a session that probes."""
        return self._context is not None

    def ids(self) -> dict[str, Sequence[str]]:
        """The ids that exist now, by kind."""
        return {kind: found for wing in self._wings.values() for kind, found in wing.ids().items()}

    # -- life ---------------------------------------------------------------

    def bars(self, command: Command, actor: str) -> str:
        """Why ``actor`` may not use a command at present, "" where nothing bars it."""
        return next((why for wing in self._wings.values() if (why := wing.bars(command, actor))), "")

    def restore(self, opening: Opening | None) -> None:
        for wing in self._wings.values():
            wing.restore(opening)

    def configure(self, config: Config, states: JournalStates) -> None:
        """Take on a new configuration. Nothing is running."""
        for wing in self._wings.values():
            wing.configure_states(config, states)
        for wing in self._wings.values():
            wing.configure(config)

    async def enter(self) -> None:
        for wing in self._wings.values():
            await wing.enter()

    def tasks(self) -> list[asyncio.Task[None]]:
        """Each wing's `run`, begun."""
        return [asyncio.create_task(wing.run(), name=type(wing).__name__) for wing in self._wings.values()]

    async def store_opened(self) -> None:
        for wing in self._wings.values():
            await wing.store_opened()

    async def start(self, config: Config) -> None:
        """Stop what runs, and begin to work on ``config`` in the present role."""
        from artisan_tui.sources.probe_context import ProbeContext

        await self.rest()
        following = self._following()
        context = ProbeContext.open(config.metrics, self._environ)
        for wing in self._wings.values():
            wing.prepare(config, context, following=following)
        if not following:
            # A follower's context is never asked: it only says what would be read.
            self._context = context
            context.start(list(config.checks()))
        for wing in self._wings.values():
            wing.begin()

    async def rest(self) -> None:
        """Stop working, and close what was opened for it. What is shown stays."""
        for wing in reversed(self._wings.values()):
            await wing.rest()
        context, self._context = self._context, None
        if context is not None:
            await context.aclose()

    async def leave(self) -> None:
        """The engine ends: hand over what is to be written."""
        for wing in reversed(self._wings.values()):
            await wing.leave()

    async def aclose(self) -> None:
        await self.rest()
        for wing in self._wings.values():
            await wing.aclose()
