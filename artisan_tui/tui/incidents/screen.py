"""The incidents: open ones first, those that are over, and what is overdue."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.incidents.queries import PendingIncidents
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.summary import overdue
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.tui.cells import Run
from artisan_tui.tui.incidents.acts import known_incident
from artisan_tui.tui.incidents.clocks import deadlines
from artisan_tui.tui.incidents.list import IncidentList
from artisan_tui.tui.incidents.overdue import OverdueList
from artisan_tui.tui.incidents.place import INCIDENTS
from artisan_tui.tui.incidents.rows import counted, incident_line, who_has
from artisan_tui.tui.incidents.second_hand import ClockScreen
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.filtered import FilteredScreen
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.prompt import FilterPrompt

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.incidents.incident import Incident

INCIDENTS_CSS = Path(__file__).with_name("incidents.tcss")
#: How far back the postmortems and action items are read that may be overdue.
PENDING_FOR = timedelta(days=365)


class IncidentsScreen(FilteredScreen, ClockScreen):
    CSS_PATH = INCIDENTS_CSS
    place = INCIDENTS

    def __init__(self) -> None:
        super().__init__()
        #: Incidents that are over for long and still have something to be done.
        self._pending: tuple[Incident, ...] = ()

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="list-pane"):
                yield Title("incidents-title", N_("Incidents"), glyphs.rule)
                yield IncidentList(glyphs)
            with Pane(classes="overdue-pane"):
                yield Title("overdue-title", N_("Overdue"), glyphs.rule)
                yield OverdueList()
        yield FilterPrompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(IncidentList).focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.run_worker(self._ask_pending, exclusive=True, group="pending", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    def moment_changed(self) -> None:
        self.run_worker(self._ask_pending, exclusive=True, group="pending", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask_pending(self) -> None:
        with contextlib.suppress(LookupError):
            self._pending = await self.shell.ask(PendingIncidents(self.now - PENDING_FOR))
            self.show_snapshot(self.shell.snapshot, everything=True)

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, IncidentSlice)):
            return
        self.shown.drew(snapshot)
        self.show_clocks()
        incidents = snapshot[IncidentSlice]
        self._show_overdue(incidents)
        key = next((each.shown_key for each in self.shell.actions_at("incidents") if each.id == "incident.declare"), "")
        if incidents.open or incidents.recent or not key:
            right = counted(incidents.open)
        else:
            right = [(_("{key} declares one").format(key=key), "-dim")]
        right = [*_unmanned(incidents), *right]
        self.query_one("#incidents-title", Title).show(right, self.filter_shown)
        self.wind()

    def show_clocks(self) -> None:
        snapshot = self.shell.snapshot
        if snapshot is None:
            return
        incidents = snapshot[IncidentSlice]
        opened = [each for each in incidents.open if self._allows(each.incident)]
        over = [each for each in incidents.recent if self._allows(each)]
        empty = "" if opened else _("no incident matches") if self.words else _("no open incident")
        self.query_one(IncidentList).show_incidents(opened, over, self.zone, self.now, empty)

    def _show_overdue(self, incidents: IncidentSlice) -> None:
        known = {each.id: each for each in self._pending}
        known |= {each.id: each for each in (*(one.incident for one in incidents.open), *incidents.recent)}
        rows = overdue(sorted(known.values(), key=lambda each: (each.declared_at, each.id)), self.now)
        self.set_class(bool(rows), "-overdue")
        pane = self.query_one(".overdue-pane", Pane)
        lines = 1 + min(len(rows), max(2, self.app.size.height // 5))
        if rows and (pane.styles.height is None or pane.styles.height.value != lines):
            pane.styles.height = lines
        self.query_one("#overdue-title", Title).show([(str(len(rows)), "-warn")] if rows else [])
        self.query_one(OverdueList).show_overdue(rows, self.zone, self.now)

    def _allows(self, incident: Incident) -> bool:
        return self.allows(
            incident.id,
            incident.title,
            f"sev{incident.severity}",
            incident.status,
            status_word(incident.status),
            who_has(incident),
            *incident.services,
        )

    @property
    def deadlines(self) -> Iterable[datetime | None]:
        snapshot = self.shell.snapshot
        return () if snapshot is None else [due for each in snapshot[IncidentSlice].open for due in deadlines(each)[:3]]

    # -- what is selected ---------------------------------------------------

    @property
    def _chosen(self) -> str:
        late = self.query_one(OverdueList)
        return late.selected if self.focused is late else self.query_one(IncidentList).selected

    @property
    def selection(self) -> Mapping[str, str]:
        listed = self.query_one(IncidentList)
        chosen = self._chosen
        if not chosen:
            return {}
        version = listed.selected_version if chosen == listed.selected else None
        return {"incident": chosen} if version is None else {"incident": chosen, "seen": str(version)}

    def as_text(self) -> str:
        incident = known_incident(self.shell.snapshot, self._chosen)
        return incident_line(incident, self.zone) if incident is not None else ""

    def open_selected(self) -> AwaitMount | None:
        if self._chosen:
            return self.shell.open("incident", incident_id=self._chosen)
        self.shell.say_unselected("incident")
        return None

    @on(IncidentList.Opened)
    def _opened(self) -> None:
        self.open_selected()

    # -- filter -------------------------------------------------------------

    @property
    def listed(self) -> IncidentList:
        return self.query_one(IncidentList)

    def show_filtered(self) -> None:
        self.show_snapshot(self.shell.snapshot, everything=True)


def _unmanned(incidents: IncidentSlice) -> list[Run]:
    """Whom a page would not reach, before there is one."""
    if not incidents.unmanned:
        return []
    if set(incidents.unmanned) == set(incidents.ladder):
        return [(_("nobody is on call") + "  ", "-bad")]
    levels = ", ".join(printable(each, 20) for each in incidents.unmanned[:6])
    return [(_("nobody on call: {levels}").format(levels=levels) + "  ", "-dim")]
