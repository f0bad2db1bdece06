"""The board's pane of open incidents: a few lines above the services, none while there is no open incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.timer import Timer

from artisan_tui.i18n import N_
from artisan_tui.tui.cells import Run
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.incidents.clocks import deadlines, wakes_in
from artisan_tui.tui.incidents.list import IncidentList
from artisan_tui.tui.incidents.rows import counted, incident_line
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.pane import Pane
from artisan_tui.tui.kit.shell import InShell

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.slice import IncidentSlice, OpenIncident

INCIDENTS_CSS = Path(__file__).with_name("incidents.tcss")


class IncidentsPane(InShell, Pane):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.list = IncidentList(glyphs, beside=True, id="board-incidents")
        self._title = Title("board-incidents-title", N_("Incidents"), glyphs.rule)
        self._working: list[OpenIncident] = []
        self._zone: tzinfo | None = None
        self._hand: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.list

    def show_incidents(self, incidents: IncidentSlice, zone: tzinfo, now: datetime, height: int) -> None:
        """Show those that are worked on, on a board of ``height`` lines."""
        self._working = [each for each in incidents.open if each.incident.active]
        self._zone = zone
        self.list.show_incidents(self._working, (), zone, now)
        self._title.show(self._counts())
        lines = 1 + max(1, min(len(self._working), lines_for(height)))
        if self.styles.height is None or self.styles.height.value != lines:
            self.styles.height = lines
        self._wind(now)

    def _counts(self) -> list[Run]:
        return counted(self._working)

    def _wind(self, now: datetime) -> None:
        """A timer only while one of the clocks counts its last minute."""
        if self._hand is not None:
            self._hand.stop()
            self._hand = None
        shown = (due for each in self._working for due in deadlines(each)[:3])
        wait = wakes_in(shown, now)
        if wait is not None and self.is_attached and self.screen.is_current:
            self._hand = self.set_timer(wait + 0.01, self._passed)

    def _passed(self) -> None:
        if self.screen.is_current and self._zone is not None:
            now = self.shell.moment or self.shell.clock.now()
            self.list.show_incidents(self._working, (), self._zone, now)
            self._wind(now)

    @property
    def selection(self) -> Mapping[str, str]:
        chosen, version = self.list.selected, self.list.selected_version
        if not chosen:
            return {}
        return {"incident": chosen} if version is None else {"incident": chosen, "seen": str(version)}

    def as_text(self) -> str:
        found = (each.incident for each in self._working if each.id == self.list.selected)
        incident = next(found, None)
        return incident_line(incident, self._zone) if incident is not None and self._zone is not None else ""


def lines_for(height: int) -> int:
    """Two of 24 lines: the services are below, and they are what a person sees first."""
    return max(1, min(8, (height - 8) // 8))
