"""The command palette as a dialog of ours."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandInput, CommandList, CommandPalette
from textual.content import Content
from textual.widgets import Input
from textual.widgets.option_list import Option
from textual.worker import WorkerFailed

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import _
from artisan_tui.tui.kit.sized import Sized


class Palette(Sized, CommandPalette):
    """Textual's, with a cursor that does not blink: a blink is traffic. Answers once, like every `kit.dialog.Dialog`."""

    CSS_PATH = Path(__file__).with_name("palette.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "escape", show=False, priority=True)]

    def __init__(self) -> None:
        super().__init__(placeholder=_("Find a command, a service, a check or an SLO by its name"))

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False
        snapshot = self.shell.snapshot
        if snapshot is not None:
            self.add_class(snapshot[SessionStatus].environment or "none")

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()  # type: ignore[no-untyped-call]

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say at once that nothing matches, in the person's language. Textual's own comes late, and is English only."""
        self._stop_no_matches_countdown()
        if search_value:
            said = _("nothing matches {words}").format(words=printable(search_value, 60))
            self.query_one(CommandList).add_option(Option(Content(said), disabled=True, id=self._NO_MATCHES))
        self._list_visible = bool(search_value)

    def _action_command_list(self, action: str) -> None:
        """A key for the list before the list is laid out has nothing to move in: Textual's would end the program."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    @on(Input.Submitted)
    async def _wait_for_the_search(self, event: Input.Submitted) -> None:
        """Enter means the first of what was typed: over a slow link the words and Enter arrive in one piece.

        Textual's own handler comes after this one, and chooses from the list as it then is. A second Enter must not
        run the command again.
        """
        if not self.is_current:
            event.stop()
            event.prevent_default()
            return
        searches = [each for each in self.workers if each.group == self._GATHER_COMMANDS_GROUP and each.node is self]
        with contextlib.suppress(WorkerFailed):
            await self.workers.wait_for_complete(searches)
