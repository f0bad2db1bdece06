"""The command palette as a dialog of ours."""

from __future__ import annotations

from pathlib import Path

from textual.command import CommandInput, CommandPalette

from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import _
from artisan_tui.tui.kit.sized import Sized


class Palette(Sized, CommandPalette):
    """Textual's, with a cursor that does not blink: a blink is traffic."""

    CSS_PATH = Path(__file__).with_name("palette.tcss")

    def __init__(self) -> None:
        super().__init__(placeholder=_("Find a command by its name"))

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False
        snapshot = self.shell.snapshot
        if snapshot is not None:
            self.add_class(snapshot[SessionStatus].environment or "none")
