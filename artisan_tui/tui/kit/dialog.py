"""What floats above a screen."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Generic, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from artisan_tui.tui.actions import DIALOG_KEYS
from artisan_tui.tui.kit.sized import Sized

T = TypeVar("T")
DIALOG_CSS = Path(__file__).parents[1] / "css" / "dialogs.tcss"


class Dialog(Sized, ModalScreen[T], Generic[T]):
    """Framed red in production, so that nobody takes it for the drill."""

    CSS_PATH = DIALOG_CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["dialog.close"], "dismiss(None)", show=False, id="dialog.close")
    ]

    def on_mount(self) -> None:
        snapshot = getattr(self.app, "snapshot", None)
        if snapshot is not None:
            self.add_class(snapshot.session_status.environment or "none")

    async def action_dismiss(self, result: object = None) -> None:
        self.dismiss(cast("T | None", result))
