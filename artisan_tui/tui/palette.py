"""The command palette as a dialog of ours."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandInput, CommandPalette
from textual.widgets import Input

from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import _
from artisan_tui.tui.kit.sized import Sized


class Palette(Sized, CommandPalette):
    """Textual's, with a cursor that does not blink: a blink is traffic. Answers once, like every `kit.dialog.Dialog`."""

    CSS_PATH = Path(__file__).with_name("palette.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "escape", show=False, priority=True)]

    def __init__(self) -> None:
        super().__init__(placeholder=_("Find a command by its name"))

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False
        snapshot = self.shell.snapshot
        if snapshot is not None:
            self.add_class(snapshot[SessionStatus].environment or "none")

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()  # type: ignore[no-untyped-call]

    @on(Input.Submitted)
    def _answered_already(self, event: Input.Submitted) -> None:
        """A second Enter must not run the command again."""
        if not self.is_current:
            event.stop()
            event.prevent_default()
