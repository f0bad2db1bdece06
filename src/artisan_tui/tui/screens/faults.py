"""The demo's panel: break and mend parts of the simulated stack and watch the board answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from artisan_tui.engine.snapshot import Fault
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.screens.dialog import Dialog
from artisan_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.tui.app import ArtisanApp


class _FaultList(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter,space", "break_or_mend", show=False),
    ]

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__()
        self._faults, self._at = faults, 0

    def on_mount(self) -> None:
        self.show_faults(self._faults)

    def show_faults(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self.styles.height = max(1, len(faults))
        self.redraw()

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        titles = widest([fault.title for fault in self._faults], 10, 28)
        return [
            [
                (" " + fit(_("BROKEN") if fault.active else _("works"), 8), "-bad" if fault.active else "-good"),
                (fit(fault.title, titles) + "  ", "-strong" if fault.active else ""),
                (fit(fault.description, max(0, width - titles - 11)), "-dim"),
            ]
            for fault in self._faults
        ]

    def action_move(self, step: int) -> None:
        self._at = max(0, min(len(self._faults) - 1, self._at + step))
        self.keep_in_view(self._at)
        self.redraw()

    def action_break_or_mend(self) -> None:
        if self._faults:
            cast("ArtisanApp", self.app).execute("drill.toggle", {"fault": self._faults[self._at].id})


class Faults(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,q", "dismiss(None)", show=False),
        Binding("m", "mend_all", show=False),
    ]

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__()
        self._list = _FaultList(faults)

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = _("Break things")
            box.border_subtitle = _("Enter breaks or mends, m mends all, Esc closes")
            yield self._list

    def faults_changed(self, faults: tuple[Fault, ...]) -> None:
        self._list.show_faults(faults)

    def action_mend_all(self) -> None:
        cast("ArtisanApp", self.app).execute("drill.mend-all", {})
