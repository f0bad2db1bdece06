"""Asks before a drill begins."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.engine.drills.queries import ScenarioRow
from artisan_tui.i18n import _
from artisan_tui.reports.drills.words import spoken
from artisan_tui.tui.kit.dialog import Box, Dialog


class BeginDrill(Dialog[bool]):
    """Answers True when the person says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "begin", show=False, priority=True)]

    def __init__(self, row: ScenarioRow | None) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Begin a drill?")
            if self._row is not None:
                yield Static(spoken(self._row.title, self._row.title_ko), classes="about", markup=False)
                yield Static(spoken(self._row.briefing, self._row.briefing_ko), markup=False)
            yield Static(
                _(
                    "This board closes while you play: another session, or `artisan-tui watch`, is to look after the real "
                    "services. A real Sev1 or Sev2 that opens pauses the drill. Everything happens on a simulated stack, "
                    "and nothing leaves this machine."
                ),
                markup=False,
            )
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter begins, {close} cancels").format(close=close), markup=False)

    def action_begin(self) -> None:
        self.dismiss(True)
