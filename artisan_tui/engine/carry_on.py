"""The steps of a decision after the first in a running session: what only it can do, or a change that reads the store first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from artisan_tui.engine.bus import EventsWritten
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.store_thread import StoreThread
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store


async def carry_on(core: Core, decision: Decision) -> Decision:
    """What came of ``decision.change`` and ``decision.act``, itself when it has none. Raises CommandRefused."""
    while decision.act is not None or decision.change is not None:
        core.tell(*decision.entries)
        if decision.ready is not None:
            await asyncio.to_thread(decision.ready)
        if decision.change is not None:
            decision = await _changed(core.writer.store_thread, decision.change)
            if decision.written:
                core.bus.say(EventsWritten(decision.written))
        elif decision.act is not None:
            decision = await decision.act(core)
    return decision


async def _changed(thread: StoreThread, change: Callable[[Store], Decision]) -> Decision:
    """Raises CommandRefused also when nothing can be written now: what was not written down was not done."""
    refused: list[CommandRefused] = []

    def work(store: Store) -> Decision:
        try:
            return change(store)
        except CommandRefused as error:
            refused.append(error)  # no trouble of the store's
            return Decision(ok=False)

    await thread.open()  # a session that has just started opens it still
    done = await thread.change(work)
    if refused:
        raise refused[0]
    if done is None:
        raise CommandRefused(thread.problem or _("still starting: try again in a moment"))
    return done
