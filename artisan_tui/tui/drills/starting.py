"""Asks before a drill begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.engine.drills.queries import ScenarioRow
from artisan_tui.i18n import _
from artisan_tui.reports.drills.words import spoken
from artisan_tui.tui.drills.tour import FIRST_PAGE
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.shell import Shell

if TYPE_CHECKING:
    from textual.widget import AwaitMount


def open_tour(shell: Shell) -> AwaitMount:
    """Ask a newcomer whether the tour is to begin."""
    return ask_for_drill(shell, FIRST_PAGE, None)


def ask_for_drill(shell: Shell, scenario: str, row: ScenarioRow | None) -> AwaitMount:
    """Ask whether a scenario is to be played, and leave the board for it. ``row`` is what is known of it."""

    def answered(yes: bool | None) -> None:
        if yes:
            shell.leave_for(scenario)

    return shell.show_dialog(BeginDrill(row), answered)


class BeginDrill(Dialog[bool]):
    """Answers True when the person says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "begin", show=False, priority=True)]

    def __init__(self, row: ScenarioRow | None) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Begin a drill?")
            if self._row is None:
                yield Static(_("Your first page"), classes="about", markup=False)
                yield Static(
                    _(
                        "Three minutes, one fault, and the screen says what comes next: acknowledge, run a runbook, roll back."
                    ),
                    markup=False,
                )
            else:
                yield Static(spoken(self._row.title, self._row.title_ko), classes="about", markup=False)
                yield Static(spoken(self._row.briefing, self._row.briefing_ko), markup=False)
            if not self.shell.session.demo:
                yield Static(
                    _(
                        "This board closes while you play: another session, or `artisan-tui watch`, is to look after the "
                        "real services. A real Sev1 or Sev2 that opens pauses the drill."
                    ),
                    markup=False,
                )
            yield Static(_("Everything happens on a simulated stack, and nothing leaves this machine."), markup=False)
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter begins, {close} cancels").format(close=close), markup=False)

    def action_begin(self) -> None:
        self.dismiss(True)
