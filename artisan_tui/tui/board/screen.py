"""The board: every check worst first, the error budgets, and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice, UptimeSlice
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.board.place import BOARD
from artisan_tui.tui.cells import fit
from artisan_tui.tui.checks.counts import counts_text
from artisan_tui.tui.checks.grouping import Kind
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.prompt import FilterPrompt
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.slo.place import any_slo

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.checks.selected import SelectedPane
    from artisan_tui.tui.incidents.pane import IncidentsPane
    from artisan_tui.tui.runbooks.pane import RunsPane
    from artisan_tui.tui.slo.budget_panel import BudgetList, BudgetsPane

#: From this many columns on the error budgets and the journal are beside the services instead of below.
WIDE = 160
#: From so many lines on, where it is wide, what is selected has its details below the services.
TALL = 44
#: The services get a multiple of so many lines there.
STEP = 6


class Board(ArtisanScreen):
    place = BOARD

    def __init__(self) -> None:
        super().__init__()
        self._budgets: BudgetsPane | None = None
        self._incidents: IncidentsPane | None = None
        self._runs: RunsPane | None = None
        self._selected: SelectedPane | None = None

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="services-pane"):
                yield Title("services-title", N_("Services"), glyphs.rule)
                yield Services(glyphs)
            with Pane(classes="journal-pane"):
                yield Title("journal-title", N_("Journal"), glyphs.rule)
                yield JournalPane()
        yield FilterPrompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Services).focus()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= WIDE, "-wide")
        self.set_class(size.width >= WIDE and size.height >= TALL, "-tall")
        if self.ready:
            self._show_budgets(self.shell.snapshot)
            self._show_incidents(self.shell.snapshot)
            self._show_runs(self.shell.snapshot)
            self._show_selected()

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        services = self.query_one(Services)
        if everything or self.shown.changed(snapshot, IncidentSlice):
            self._show_incidents(snapshot)
        # What is suggested is said by how checks and alerts stand now.
        if everything or any(self.shown.changed(snapshot, kind) for kind in (RunSlice, CheckSlice, AlertSlice)):
            self._show_runs(snapshot)
        if everything or self.shown.changed(snapshot, UptimeSlice):
            services.show_uptimes(snapshot[UptimeSlice])
            self._show_counts(snapshot)
        if everything or self.shown.changed(snapshot, CheckSlice):
            services.show_checks(snapshot[CheckSlice].views, self.minute)
            self._show_counts(snapshot)
        if everything or self.shown.changed(snapshot, SloSlice):
            self._show_budgets(snapshot)
        if everything or self.shown.changed(snapshot, JournalSlice):
            self.query_one(JournalPane).show_events(snapshot[JournalSlice].events, self.zone, self.now)
            self.query_one("#journal-title", Title).show([])
        self.shown.drew(snapshot)
        self._show_selected()

    def _show_counts(self, snapshot: Snapshot) -> None:
        shown, there = self.query_one(Services).filtered
        words = self.query_one("#prompt", Input).value
        shown_words = fit(printable(words, 80), min(24, cell_len(words))).rstrip()
        left = [
            (_("{shown} of {there} match {words}").format(shown=shown, there=there, words=shown_words) + " ", "-accent")
        ]
        counts, names = counts_text(snapshot[CheckSlice].views), self.query_one(Services).column_names()
        if names:  # the right end is above the columns that they name
            counts, left = names, [*counts, (" ", ""), *(left if words else [])]
        else:
            left = left if words else []
        self.query_one("#services-title", Title).show(counts, left)

    def _show_budgets(self, snapshot: Snapshot | None) -> None:
        """Show the panel of error budgets; without an SLO there is none."""
        if snapshot is None:
            return
        slos = snapshot[SloSlice]
        there = any_slo(snapshot)
        if there:
            width, height = self.app.size
            lines = self._panel().show_budgets(slos, Size(width, height - 2), beside=width >= WIDE)
            self.give_lines(self.query_one(Panes), self._panel(), lines)
        self.set_class(there, "-budgets")

    def _show_selected(self) -> None:
        """Show the selected line's details where there is room for them; not before the first frame."""
        if self._selected is None:
            if self.has_class("-tall"):
                self.call_after_refresh(self._mount_selected)
        elif self.shell.snapshot is not None and self.has_class("-tall"):
            services = self.query_one(Services)
            lines = self._lines_below(services)
            if self._selected.styles.height is None or self._selected.styles.height.value != lines:
                self._selected.styles.height = lines
            self._selected.show_row(services.row, self.shell.snapshot, self.zone, self.now, self.minute)

    def _lines_below(self, services: Services) -> int:
        """Lines of the details: what the services leave, in steps, so that one check more does not move everything."""
        there = self.app.size.height - 3
        most = there - there * 9 // 20
        return there - min(most, -(-(services.wanted(most) + 1) // STEP) * STEP)

    async def _mount_selected(self) -> None:
        if self._selected is None:
            from artisan_tui.tui.checks.selected import SelectedPane

            self._selected = SelectedPane(self.shell.glyphs)
            await self.query_one(".services-pane").mount(self._selected)
            self._show_selected()

    @on(Services.Moved)
    def _moved(self) -> None:
        self._show_selected()

    def _panel(self) -> BudgetsPane:
        if self._budgets is None:
            from artisan_tui.tui.slo.budget_panel import SLOS_CSS, BudgetsPane

            self.shell.read_css(SLOS_CSS)
            self._budgets = BudgetsPane(self.shell.glyphs)
            self.query_one(Panes).mount(self._budgets, before=".journal-pane")
        return self._budgets

    def _show_incidents(self, snapshot: Snapshot | None) -> None:
        """Show the pane of open incidents; while there is none, it takes no line."""
        if snapshot is None:
            return
        there = any(each.incident.active for each in snapshot[IncidentSlice].open)
        if self._incidents is None and not there:
            return
        if self._incidents is None:
            from artisan_tui.tui.incidents.pane import INCIDENTS_CSS, IncidentsPane

            self.shell.read_css(INCIDENTS_CSS)
            self._incidents = IncidentsPane(self.shell.glyphs)
            self.mount(self._incidents, before=self.query_one(Panes))
        self._incidents.show_incidents(snapshot[IncidentSlice], self.zone, self.now, self.app.size.height)
        self.set_class(there, "-incidents")
        if not there and self._in_incidents:
            self.set_focus(self.query_one(Services))

    def _show_runs(self, snapshot: Snapshot | None) -> None:
        """Show what runs, and what is suggested; while there is neither, it takes no line."""
        if snapshot is None:
            return
        runs = snapshot[RunSlice]
        there = bool(runs.active or runs.suggested)
        if self._runs is None and not there:
            return
        if self._runs is None:
            from artisan_tui.tui.runbooks.pane import RunsPane
            from artisan_tui.tui.runbooks.screen import RUNBOOKS_CSS

            self.shell.read_css(RUNBOOKS_CSS)
            self._runs = RunsPane(self.shell.glyphs)
            self.mount(self._runs, before=self.query_one(Panes))
        keys = (each.shown_key for each in self.shell.actions_at("board") if each.id == "board.start-runbook")
        self._runs.show_runs(snapshot, self.now, self.app.size.height, next(keys, "r"))
        self.set_class(there, "-runs")
        if not there and self._in_runs:
            self.set_focus(self.query_one(Services))

    # -- what is selected ---------------------------------------------------

    @property
    def _selected_slo(self) -> str | None:
        """The id of the selected SLO, None while the panel does not have the focus."""
        return None if self._budgets is None else self._budgets.budgets.selected

    @property
    def _in_incidents(self) -> bool:
        return self._incidents is not None and self.focused is self._incidents.list

    @property
    def _in_runs(self) -> bool:
        return self._runs is not None and self.focused is self._runs

    @property
    def selection(self) -> Mapping[str, str]:
        """The selected check and its service, the incident that the pane above them marks, and what is suggested there."""
        found = dict(self._incidents.selection) if self._incidents is not None else {}
        if self._runs is not None:
            found |= self._runs.selection if self._in_runs else {"suggested": self._runs.suggested}
        row = None if self._in_runs else self.query_one(Services).row
        if row is None or row.kind is Kind.UP:
            return found
        return {"check": row.checks[0].id, "service": row.groups[0].id, **found}

    def as_text(self) -> str:
        """The selected incident or SLO while its pane has the focus, else the selected check."""
        if self._in_incidents and self._incidents is not None:
            return self._incidents.as_text()
        if self._in_runs and self._runs is not None:
            return self._runs.as_text()
        if self._selected_slo is not None and self._budgets is not None:
            return self._budgets.budgets.as_text()
        from artisan_tui.tui.checks.evidence import check_line  # nobody copies before the first frame

        selected = self.query_one(Services).selected
        return check_line(selected) if selected is not None else ""

    def open_selected(self) -> AwaitMount | None:
        if self._in_incidents and self._incidents is not None:
            return self.shell.open("incident", incident_id=self._incidents.list.selected)
        if self._in_runs and self._runs is not None:
            selection = self._runs.selection
            if "run" in selection:
                return self.shell.open("run", run_id=selection["run"])
            return self.shell.open("runbook", runbook_id=selection.get("runbook", ""))
        if self._selected_slo is not None:
            return self.shell.open("slos", slo_id=self._selected_slo)
        services = self.query_one(Services)
        row = services.row
        if row is None:
            self.shell.say(_("nothing is selected"))
            return None
        if services.unfold():
            return None
        if row.kind is Kind.SERVICE and len(row.checks) > 1:
            return self.shell.open("service", service_id=row.groups[0].id)
        return self.shell.open("check", check_id=row.checks[0].id)

    def fold(self) -> None:
        self.query_one(Services).fold()

    def sort(self) -> None:
        """Sort by the next column, and say by which."""
        self.shell.say(_("sorted by {column}").format(column=self.query_one(Services).sort_next()))

    async def go_back(self) -> None:
        """There is nothing below the board; the filter is cleared, then what was unfolded is folded."""
        if isinstance(self.focused, FilterPrompt):
            await self.focused.typed()
        if not self.close_filter(clear=True):
            self.query_one(Services).fold_all()

    # -- filter -------------------------------------------------------------

    def open_filter(self) -> None:
        prompt = self.query_one("#prompt", Input)
        prompt.placeholder = _("words, !word, state:down service:api kind:http; Esc clears")
        prompt.display = True
        # At once, not when the queue gets to it: over a slow link "/qwen" arrives in one piece.
        self.set_focus(prompt)

    def filter_typed(self) -> None:
        self.close_filter(clear=False)

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
        if self.shell.snapshot is not None:
            self._show_counts(self.shell.snapshot)

    def on_budgets_opened(self, event: BudgetList.Opened) -> None:
        self.shell.open("slos", slo_id=event.slo_id)

    def on_incident_list_opened(self) -> None:
        self.open_selected()

    def on_runs_pane_opened(self) -> None:
        self.open_selected()

    @on(Services.Opened)
    def _opened(self) -> None:
        self.open_selected()
