"""What floats above a screen."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T]):
    """Framed red in production, so that nobody takes it for the drill."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False, id="dialog.close")]

    def on_mount(self) -> None:
        snapshot = getattr(self.app, "snapshot", None)
        if snapshot is not None:
            self.add_class(snapshot.site.environment or "none")

    async def action_dismiss(self, result: object = None) -> None:
        self.dismiss(cast("T | None", result))
