"""The panel of faults: inject them into the simulated stack and clear them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.engine.drills.slice import DrillSlice, StackFault
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.drills.place import DIALOG_KEYS
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.shell import Shell

if TYPE_CHECKING:
    from textual.widget import AwaitMount


def open_faults(shell: Shell) -> AwaitMount | None:
    """Inject and clear faults; only beside a simulated stack."""
    if not shell.session.demo:
        shell.say(_("no simulated stack is running"))
        return None
    if shell.snapshot is None:
        shell.say(_("the engine has not begun yet: try again in a moment"))
        return None
    return shell.show_dialog(Faults(shell.snapshot[DrillSlice].faults))


class _FaultList(Lines):
    """Every fault in a line, and below them what the selected one does."""

    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["demo.toggle"], "toggle_fault", show=False, id="demo.toggle", priority=True),
    ]

    def __init__(self, faults: tuple[StackFault, ...]) -> None:
        super().__init__()
        self._faults, self._at = faults, 0

    def show_faults(self, faults: tuple[StackFault, ...]) -> None:
        if len(faults) != len(self._faults):
            self.refresh(layout=True)
        self._faults = faults
        self._at = max(0, min(len(faults) - 1, self._at))
        self.redraw()

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        words = widest([_("ACTIVE"), _("off")], 6, 12)
        rows: list[list[Run]] = [
            [
                (" " + fit(_("ACTIVE") if fault.active else _("off"), words), "-bad" if fault.active else "-good"),
                (" " + fit(fault.title, width - words - 2), "-strong" if fault.active else ""),
            ]
            for fault in self._faults
        ]
        if not rows:
            return [[(" " + _("the simulated stack does not respond yet"), "-dim")]]
        texts = [wrapped(fault.description, max(10, width - 2)) for fault in self._faults]
        # As many lines as the longest needs: selecting another must not resize the frame.
        chosen = texts[self._at] + [""] * (max(map(len, texts)) - len(texts[self._at]))
        return [*rows, [], *([(" " + line, "-dim")] for line in chosen)]

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._faults), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def action_toggle_fault(self) -> None:
        if self._faults:
            self.shell.execute("drill.toggle", {"fault": self._faults[self._at].id})


class Faults(Dialog[None]):
    # The keys that opened it also close it, whichever a person chose.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "dismiss(None)", show=False, id="view.demo", priority=True),
        Binding("q", "dismiss(None)", show=False, id="view.quit", priority=True),
        Binding(DIALOG_KEYS["demo.mend-all"], "clear_all", show=False, id="demo.mend-all", priority=True),
    ]

    def __init__(self, faults: tuple[StackFault, ...]) -> None:
        super().__init__()
        self._list = _FaultList(faults)

    def compose(self) -> ComposeResult:
        key = self.shell.key_of
        with Box() as box:
            box.border_title = _("Faults")
            box.border_subtitle = _("{toggle} sets/clears, {all} clears all, {close} closes").format(
                toggle=key("demo.toggle"), all=key("demo.mend-all"), close=key("dialog.close")
            )
            yield self._list

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        if snapshot is not None:
            self._list.show_faults(snapshot[DrillSlice].faults)

    def action_clear_all(self) -> None:
        self.shell.execute("drill.mend-all", {})
