"""The board's pane of open incidents: a few lines above the services, none while there is no open incident."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.i18n import N_
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.incidents.list import IncidentList
from artisan_tui.tui.incidents.rows import counted
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.pane import Pane

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.slice import IncidentSlice


class IncidentsPane(Pane):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        yield Title("board-incidents-title", N_("Incidents"), self._glyphs.rule)
        yield self.list

    @property
    def list(self) -> IncidentList:
        if not hasattr(self, "_list"):
            self._list = IncidentList(self._glyphs, beside=True, id="board-incidents")
        return self._list

    def show_incidents(self, incidents: IncidentSlice, zone: tzinfo, now: datetime, height: int) -> int:
        """Show those that are open on a board of ``height`` lines; how many lines that takes, 0 for none."""
        working = [each for each in incidents.open if each.incident.active]
        self.list.show_incidents(working, (), zone, now)
        if self.is_mounted:
            self.query_one("#board-incidents-title", Title).show(counted(working))
        return 1 + min(len(working), lines_for(height)) if working else 0


def lines_for(height: int) -> int:
    """Two of 24 lines: the services are below, and they are what a person sees first."""
    return max(1, min(8, (height - 8) // 8))
