"""The SLOs: all of them worst first, the selected one in full, and its costliest minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.geometry import Size

from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.reports.slo.words import name_of
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.slo.budget_panel import SLOS_CSS, title_counts
from artisan_tui.tui.slo.place import SLOS
from artisan_tui.tui.slo.text import objective_text, worst_first
from artisan_tui.tui.slo.widgets import CostliestMinutes, SloDetail, SloList

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.slo.status import SloStatus

#: From this many columns on the list is beside the chosen SLO instead of above it.
BESIDE = 110
#: Below this many lines the costliest minutes are shown while they have the focus only.
LOW = 20


class SloScreen(ArtisanScreen):
    """``slo_id`` is chosen to begin with, else the worst."""

    CSS_PATH = SLOS_CSS
    place = SLOS

    def __init__(self, slo_id: str | None = None) -> None:
        super().__init__()
        self._first = slo_id
        self._rows: list[SloStatus] = []

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="list-pane"):
                yield Title("slos-title", N_("SLOs"), glyphs.rule)
                yield SloList(glyphs, self._first)
            with Pane(classes="detail-pane"):
                yield Title("slo-title", "", glyphs.rule)
                yield SloDetail(glyphs)
            with Pane(classes="minutes-pane"):
                yield Title("minutes-title", N_("Costliest minutes"), glyphs.rule)
                yield CostliestMinutes(glyphs)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(SloList).focus()
        if self.shell.moment is not None:
            self.run_worker(self.shell.travel.again, group="past", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= BESIDE, "-beside")
        self.set_class(size.height < LOW, "-low")
        if self.ready:
            self._fit_list()

    def _fit_list(self) -> None:
        """As many lines as there are SLOs, and no more than a fourth of the screen; beside, a half."""
        size = self.app.size
        most = size.height // 2 if size.width >= BESIDE else max(2, (size.height - 4) // 4)
        lines = 1 + max(1, min(len(self._rows), most))
        self.give_lines(self.query_one(Panes), self.query_one(".list-pane"), lines)

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, SloSlice)):
            return
        self.shown.drew(snapshot)
        slos = snapshot[SloSlice]
        if slos.reading and not slos.slo_statuses:
            empty = _("loading SLO data")
        else:
            empty = _("no SLO is configured: add an [[slo]] to artisan.toml")
        self._rows = worst_first(slos.slo_statuses)
        self._fit_list()
        self.query_one("#slos-title", Title).show(title_counts(slos.slo_statuses, len(self._rows)))
        self.query_one("#minutes-title", Title).show([])
        self.query_one(SloList).show_slos(self._rows, empty)
        self._show_chosen()

    @on(SloList.Chosen)
    def _show_chosen(self) -> None:
        chosen = self.query_one(SloList).selected
        left = [(f"{name_of(chosen)} ", "-accent")] if chosen is not None else []
        right = [(objective_text(chosen), "-dim")] if chosen is not None else []
        self.query_one("#slo-title", Title).show(right, left)
        self.query_one(SloDetail).show_slo(chosen, self.zone, self.minute)
        self.query_one(CostliestMinutes).show_minutes(chosen, self.zone)

    def as_text(self) -> str:
        return self.query_one(SloDetail).as_text()

    # -- dialogs ----------------------------------------------------------

    @property
    def chosen(self) -> SloStatus | None:
        return self.query_one(SloList).selected

    def open_minute(self) -> AwaitMount | None:
        """What the journal says about the chosen minute; the first Enter goes to the minutes."""
        minutes = self.query_one(CostliestMinutes)
        chosen = self.chosen
        if chosen is None:
            self.shell.say(_("no SLO is selected"))
            return None
        if minutes.selected is None:
            self.shell.say(_("no minute is selected"))
            return None
        if not minutes.has_focus:
            self.set_focus(minutes)
            return None
        from artisan_tui.tui.slo.minute import MinuteEvents

        return self.shell.show_dialog(MinuteEvents(name_of(chosen), minutes.selected, self.zone, self.now))

    def open_explanation(self) -> AwaitMount | None:
        """The counts, queries and formulas behind the chosen one."""
        chosen = self.chosen
        if chosen is None:
            self.shell.say(_("no SLO is selected"))
            return None
        from zoneinfo import ZoneInfo

        from artisan_tui.reports.slo.explain import explain_lines
        from artisan_tui.reports.slo.queries import page_query
        from artisan_tui.tui.slo.explanation import Explanation

        zone = self.zone if isinstance(self.zone, ZoneInfo) else ZoneInfo("UTC")
        return self.shell.show_dialog(Explanation(name_of(chosen), explain_lines(chosen, zone), page_query(chosen)))
