"""The board: every check worst first, what the budgets stand at, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.geometry import Size
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.snapshot import Snapshot, Versions
from artisan_tui.i18n import N_, _
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.cells import fit
from artisan_tui.tui.checks.services import Services, counts_text
from artisan_tui.tui.kit.bars import Header, KeyBar, Notices, Title
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from artisan_tui.tui.slo.budgets import BudgetList, BudgetsPane

#: From this many columns on the budgets and the journal stand beside the services instead of below.
WIDE = 160


class Board(ArtisanScreen):
    place = "board"

    def __init__(self) -> None:
        super().__init__(id="board")
        self._shown = Versions(-1, -1, -1, -1, -1, -1)
        self._budgets: BudgetsPane | None = None

    def compose(self) -> ComposeResult:
        glyphs = self.artisan.glyphs
        yield Header()
        yield Notices()
        with Container(id="panes"):
            with Vertical(id="services-pane"):
                yield Title("services-title", N_("Services"), glyphs.rule)
                yield Services(glyphs)
            with Vertical(id="journal-pane"):
                yield Title("journal-title", N_("Journal"), glyphs.rule)
                yield JournalPane()
        prompt = Input(id="prompt", placeholder="", select_on_focus=False)
        prompt.cursor_blink = False
        yield prompt
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Services).focus()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= WIDE, "-wide")
        if self.begun:
            self._show_budgets(self.artisan.snapshot)

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        services = self.query_one(Services)
        if everything or snapshot.versions.checks != self._shown.checks:
            services.show_checks(snapshot.checks, self.minute)
            self._show_counts(snapshot)
        if everything or snapshot.versions.slos != self._shown.slos:
            self._show_budgets(snapshot)
        if everything or snapshot.versions.journal != self._shown.journal:
            self.query_one(JournalPane).show_events(snapshot.journal, self.zone, self.now)
            self.query_one("#journal-title", Title).show([])
        self._shown = snapshot.versions

    def _show_counts(self, snapshot: Snapshot) -> None:
        shown, there = self.query_one(Services).filtered
        words = self.query_one("#prompt", Input).value
        said = fit(printable(words, 80), min(24, cell_len(words))).rstrip()
        left = [(_("{shown} of {there} match {words}").format(shown=shown, there=there, words=said) + " ", "-accent")]
        self.query_one("#services-title", Title).show(counts_text(snapshot.checks), left if words else [])

    def _show_budgets(self, snapshot: Snapshot | None) -> None:
        """Without an SLO there is no panel, and the board is as if there were none."""
        if snapshot is None:
            return
        check_status = snapshot.budgets
        there = bool(check_status.slo_statuses) or check_status.reading
        if there:
            width, height = self.app.size
            lines = self._panel().show_budgets(check_status, Size(width, height - 2), beside=width >= WIDE)
            self.give_lines("#panes", self._panel(), lines)
        self.set_class(there, "-budgets")

    def _panel(self) -> BudgetsPane:
        if self._budgets is None:
            from artisan_tui.tui.slo.budgets import SLOS_CSS, BudgetsPane

            self.artisan.read_css(SLOS_CSS)
            self._budgets = BudgetsPane(self.artisan.glyphs)
            self.query_one("#panes").mount(self._budgets, before="#journal-pane")
        return self._budgets

    @property
    def slo_in_focus(self) -> str | None:
        """The id of the SLO that is selected, None while the panel has not the focus."""
        return None if self._budgets is None else self._budgets.budgets.selected

    @property
    def said(self) -> str:
        """What copying takes from here, "" where it is the selected check."""
        return "" if self._budgets is None else self._budgets.budgets.as_text()

    # -- filter -------------------------------------------------------------

    def open_filter(self) -> None:
        prompt = self.query_one("#prompt", Input)
        prompt.placeholder = _("words to find, !word to exclude, Esc clears")
        prompt.display = True
        # At once, not when the queue gets to it: over a slow link "/qwen" arrives in one piece.
        self.set_focus(prompt)

    def close_filter(self, *, clear: bool) -> bool:
        """Close the filter's line; True when there was something to close or to clear."""
        prompt = self.query_one("#prompt", Input)
        was = prompt.display or bool(prompt.value)
        if clear:
            prompt.value = ""
        prompt.display = False
        self.set_focus(self.query_one(Services))
        return was

    @on(Input.Changed, "#prompt")
    def _filter_changed(self, event: Input.Changed) -> None:
        self.query_one(Services).show_filter(event.value)
        if self.artisan.snapshot is not None:
            self._show_counts(self.artisan.snapshot)

    @on(Input.Submitted, "#prompt")
    def _filter_done(self) -> None:
        self.close_filter(clear=False)

    def on_budgets_opened(self, event: BudgetList.Opened) -> None:
        self.artisan.open_slo(event.slo_id)

    @on(Services.Opened)
    def _opened(self, event: Services.Opened) -> None:
        self.artisan.open_check(event.check_id)
