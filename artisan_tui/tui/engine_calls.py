"""What the screen asks of the engine: commands, and what the store knows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from artisan_tui.engine.commands import COMMANDS, Reply
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from textual.app import App

    from artisan_tui.domain.event import Event
    from artisan_tui.engine.host import EngineHost, History
    from artisan_tui.engine.snapshot import Snapshot


class EngineCalls(MessagePump):
    """Mixed into the application. Without a ``host`` there is no engine, and every answer is empty."""

    host: EngineHost | None
    snapshot: Snapshot | None

    def execute(self, command_id: str, arguments: Mapping[str, str]) -> None:
        """Send a command to the engine; a refusal or failure is told when it comes back."""
        if self.host is None:
            return
        # Sent now, not when the worker begins: two commands keep their order.
        future = self.host.submit(command_id, arguments)

        async def wait() -> None:
            self.told(command_id, await asyncio.wrap_future(future))

        self.app.run_worker(wait(), group="commands", exit_on_error=False)

    async def run_command(self, command_id: str, arguments: Mapping[str, str]) -> Reply:
        """Send a command to the engine and wait for its reply, which the caller tells."""
        if self.host is None:
            return Reply(False)
        return await asyncio.wrap_future(self.host.submit(command_id, arguments))

    def told(self, command_id: str, reply: Reply) -> None:
        """Tell the person what came of a command."""
        app: App[object] = self.app
        title = _(COMMANDS[command_id].title)
        if not reply.ok:
            app.notify(reply.text, title=title, severity="error", markup=False)
        elif reply.text:
            app.notify(reply.text, title=title, markup=False, timeout=3)

    async def history(self, check_id: str, seconds: float) -> History:
        """(samples, roll-ups) of one check; empty without an engine."""
        if self.host is None:
            return (), ()
        return await asyncio.wrap_future(self.host.history(check_id, seconds))

    async def events(self, since: datetime, until: datetime) -> tuple[tuple[Event, ...], bool]:
        """The journal from ``since`` to ``until``, newest first, and whether that is all of it.

        From the store where the engine can be asked, else as far back as the snapshot's journal goes.
        """
        if self.host is not None:
            with contextlib.suppress(LookupError):
                found = await asyncio.wrap_future(self.host.events(since, until))
                return tuple(sorted(found, key=lambda event: event.occurred_at, reverse=True)), True
        held = self.snapshot.journal if self.snapshot is not None else ()
        whole = bool(held) and min(event.occurred_at for event in held) <= since
        return tuple(event for event in held if since <= event.occurred_at < until), whole
