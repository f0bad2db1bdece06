"""What carries out the runs of a running session: the store in the engine's thread, and the session's rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.event import Event
from artisan_tui.engine.bus import EventsWritten
from artisan_tui.engine.runbooks.driving import Drive, ports_of
from artisan_tui.engine.runbooks.journaled import InStore, JournaledRuns, RunsUnavailable
from artisan_tui.engine.runbooks.notices import with_notices
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.wing import Core

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


def session_drive(core: Core, rules: RunRules) -> Drive:
    """Made in the engine's loop, used in threads."""
    loop, options = asyncio.get_running_loop(), core.options
    store = JournaledRuns(
        _in_store(core, loop),
        core.clock.now,
        lambda run, entries: with_notices(rules, run, entries),
        lambda events: _tell(loop, core, events),
    )
    store.follow(core.bus)
    return Drive(ports_of(rules, store, options.place.state_dir, options.environ, core.clock), rules.session)


def _in_store(core: Core, loop: asyncio.AbstractEventLoop) -> InStore:
    """Use the engine's store from a thread that carries a run out."""
    thread = core.writer.store_thread

    def call(work: Callable[[Store], Any], writes: bool) -> Any:
        def boxed(store: Store) -> tuple[Any]:
            return (work(store),)

        asked = thread.change(boxed) if writes else thread.ask(boxed)
        found = asyncio.run_coroutine_threadsafe(asked, loop).result()
        if found is None:
            raise RunsUnavailable(thread.problem or "the store is not open")
        return found[0]

    return call


def _tell(loop: asyncio.AbstractEventLoop, core: Core, events: Sequence[Event]) -> None:
    loop.call_soon_threadsafe(core.bus.say, EventsWritten(events))
