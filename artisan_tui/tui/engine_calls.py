"""What the screen asks of the engine: commands, and what the store knows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from textual.message_pump import MessagePump

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import _
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.reports.read_back import read_reply

if TYPE_CHECKING:
    from textual.app import App

    from artisan_tui.engine.host import EngineHost
    from artisan_tui.engine.wing import Query

T = TypeVar("T")


class EngineCalls(MessagePump):
    """Mixed into the application. Without a ``host`` there is no engine, and every answer is empty."""

    host: EngineHost | None

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
            app.notify(problem_text(reply.text), title=title, severity="error", markup=False)
        elif reply.text:
            app.notify(read_reply(reply.text), title=title, markup=False, timeout=3)

    async def ask(self, query: Query[T]) -> T:
        """Read something through the engine; LookupError while it cannot be read, and without an engine."""
        if self.host is None:
            raise LookupError(_("there is no engine"))
        return await asyncio.wrap_future(self.host.ask(query))
