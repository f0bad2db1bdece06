"""The command palette as a dialog of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.command import CommandInput, CommandPalette

from artisan_tui.i18n import _
from artisan_tui.tui.kit.dialog import DIALOG_CSS
from artisan_tui.tui.kit.sized import Sized

if TYPE_CHECKING:
    from artisan_tui.tui.app import ArtisanApp


class Palette(Sized, CommandPalette):
    """Textual's, with a cursor that stands still: a blink is traffic."""

    CSS_PATH = DIALOG_CSS

    def __init__(self) -> None:
        super().__init__(placeholder=_("Find a command by its name"))

    def on_mount(self) -> None:
        self.query_one(CommandInput).cursor_blink = False
        snapshot = cast("ArtisanApp", self.app).snapshot
        if snapshot is not None:
            self.add_class(snapshot.session_status.environment or "none")
