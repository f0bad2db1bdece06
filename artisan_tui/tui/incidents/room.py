"""The room of one incident: what it is, everything that happened, what is to be done, and who does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.geometry import Size

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.incidents.queries import OneIncident, TimelinePage
from artisan_tui.engine.incidents.slice import IncidentSlice, OpenIncident
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.incidents.acts import known_incident
from artisan_tui.tui.incidents.beside import RoomSide
from artisan_tui.tui.incidents.clocks import deadlines
from artisan_tui.tui.incidents.head import RoomHead
from artisan_tui.tui.incidents.loaded import PAGE, LoadedTimeline
from artisan_tui.tui.incidents.next_step import next_step
from artisan_tui.tui.incidents.place import ROOM
from artisan_tui.tui.incidents.rows import incident_line
from artisan_tui.tui.incidents.screen import INCIDENTS_CSS
from artisan_tui.tui.incidents.second_hand import ClockScreen
from artisan_tui.tui.incidents.timeline import TimelineList
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.keys import key_name
from artisan_tui.tui.kit.pane import Pane, Panes

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.incidents.incident import Incident

#: From this many columns on, what is beside the timeline is beside it; before, it is below.
BESIDE = 110
#: Below this many lines, what is beside the timeline gets few.
LOW = 22


class RoomScreen(ClockScreen):
    CSS_PATH = INCIDENTS_CSS
    place = ROOM

    def __init__(self, incident_id: str) -> None:
        super().__init__()
        self._incident_id = incident_id
        #: As the store had it, for one that no snapshot holds.
        self._stored: Incident | None = None
        self._missing = ""
        self._loaded = LoadedTimeline()
        self._parts: tuple[str, ...] = ()
        self._asking = False
        self._again = False
        self._note = ""

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        yield Title("room-title", "", glyphs.rule)
        yield RoomHead(glyphs)
        with Panes():
            with Pane(classes="timeline-pane"):
                yield Title("timeline-title", N_("Timeline"), glyphs.rule)
                yield TimelineList(self._want_older, self._begin)
            with Pane(classes="beside-pane"):
                yield Title("beside-title", N_("To do"), glyphs.rule)
                yield RoomSide(glyphs)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TimelineList).focus()
        if self._incident is None:
            self.run_worker(self._ask_incident, group="incident", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never
        elif not self._parts:
            self._begin()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= BESIDE, "-beside")
        self.set_class(size.height < LOW, "-low")

    # -- the incident -------------------------------------------------------

    @property
    def _view(self) -> OpenIncident | None:
        snapshot = self.shell.snapshot
        opened = snapshot[IncidentSlice].open if snapshot is not None else ()
        return next((each for each in opened if each.id == self._incident_id), None)

    @property
    def _incident(self) -> Incident | None:
        return known_incident(self.shell.snapshot, self._incident_id) or self._stored

    async def _ask_incident(self) -> None:
        """Of an old one: the snapshot holds those of late only."""
        try:
            self._stored = await self.shell.ask(OneIncident(self._incident_id))
            if self._stored is None:
                self._missing = _("there is no incident {id}").format(id=printable(self._incident_id, 60))
        except LookupError as error:
            self._missing = printable(str(error.args[0]) if error.args else "", 200)
        self.show_snapshot(self.shell.snapshot, everything=True)
        if not self._parts:
            self._begin()

    # -- the timeline -------------------------------------------------------

    def _begin(self) -> None:
        """From the newest entry on."""
        incident = self._incident
        if incident is None:
            return
        self.workers.cancel_group(self, "timeline")
        self._parts = incident.subjects
        self._loaded, self._asking = LoadedTimeline(), False
        self._want_older()

    def _want_older(self) -> None:
        if self._asking or self._loaded.oldest:
            return
        self._asking = True
        self.run_worker(self._fetch_older, group="timeline", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch_older(self) -> None:
        loaded = self._loaded
        self._note = ""
        try:
            piece = await self.shell.ask(TimelinePage(self._parts, PAGE, before=loaded.low or None))
        except LookupError as error:
            self._note = printable(str(error.args[0]) if error.args else "", 200)
        else:
            if loaded is not self._loaded:
                return  # begun anew meanwhile
            loaded.add_older(piece.events, whole=piece.whole)
        self._asking = False
        self._show_timeline()
        self._take_news()

    def _take_news(self) -> None:
        """Ask for what was written after the newest entry that is loaded, when the journal says that there is more."""
        incident, snapshot = self._incident, self.shell.snapshot
        if incident is None or snapshot is None:
            return
        if incident.subjects != self._parts:
            self._begin()  # another incident became a part of it, or no longer is
            return
        written = (each.seq for each in snapshot[JournalSlice].events if each.subject in self._parts)
        newest = max((incident.last_seq, *written))
        if newest <= self._loaded.high or not self._loaded.newest or not self._loaded.events:
            return
        if self._asking:
            return  # whoever asks looks again afterwards
        self._asking = True
        self.run_worker(self._fetch_newer, group="timeline", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch_newer(self) -> None:
        loaded = self._loaded
        try:
            piece = await self.shell.ask(TimelinePage(self._parts, PAGE, after=loaded.high))
        except LookupError:
            self._asking = False
            return  # the next news asks again
        if loaded is not self._loaded:
            return
        self._asking = False
        if not piece.whole:
            self._begin()  # more came at once than a page holds
            return
        loaded.add_newer(piece.events)
        self._show_timeline()

    def _show_timeline(self) -> None:
        loaded, listed = self._loaded, self.query_one(TimelineList)
        note = self._note
        if not note and not loaded.oldest and self._asking:
            note = _("reading the timeline")
        listed.show_timeline(self._incident_id, loaded, note, self.zone, self.now)
        self._show_following()

    @on(TimelineList.Followed)
    def _show_following(self) -> None:
        """Whether what comes in is shown by itself."""
        if self.query_one(TimelineList).following:
            self.query_one("#timeline-title", Title).show([(_("following"), "-dim")])
        else:
            key = key_name(self.shell.keys.get("list.last", "G"))
            self.query_one("#timeline-title", Title).show([(_("{key} follows again").format(key=key), "-accent")])

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        incident = self._incident
        changed = everything or self.shown.changed(snapshot, IncidentSlice)
        if changed:
            self.show_clocks()
            self._show_title(incident)
            self.wind()
        if changed or self.shown.changed(snapshot, CheckSlice) or self.shown.changed(snapshot, SloSlice):
            side = self.query_one(RoomSide)
            side.show_incident(incident, snapshot[CheckSlice].views, snapshot[SloSlice].slo_statuses, self.zone)
        if everything:
            self._show_timeline()
        if changed or self.shown.changed(snapshot, JournalSlice):
            self._take_news()
        self.shown.drew(snapshot)

    def _show_title(self, incident: Incident | None) -> None:
        """The id, and what comes next."""
        keys = {each.id: each.shown_key for each in self.shell.actions_at(self.place.id)}
        step = next_step(incident, lambda action: keys.get(action, "?")) if incident is not None else ""
        left = [(f"{printable(self._incident_id, 60)} ", "-accent")]
        self.query_one("#room-title", Title).show([(step, "-accent")] if step else [], left)
        tick = _("{key} ticks").format(key=keys.get("incident.tick", "?"))
        self.query_one("#beside-title", Title).show([(tick, "-dim")])

    def show_clocks(self) -> None:
        problem = self._missing or _("reading the incident")
        self.query_one(RoomHead).show_incident(self._incident, self._view, self.zone, self.now, problem)

    @property
    def deadlines(self) -> Iterable[datetime | None]:
        view = self._view
        return () if view is None else deadlines(view)

    # -- what is selected ---------------------------------------------------

    @property
    def selection(self) -> Mapping[str, str]:
        incident = self._incident
        if incident is None:
            return {}
        found = {"incident": incident.id, "seen": str(incident.version)}
        event = self.query_one(TimelineList).selected
        return found | ({"event": str(event.seq)} if event is not None else {})

    def as_text(self) -> str:
        """The selected entry, or, beside the timeline, the incident in a line."""
        from artisan_tui.tui.session.entry import entry_line

        listed = self.query_one(TimelineList)
        if self.focused is listed and listed.selected is not None:
            return entry_line(listed.selected, self.zone)
        return incident_line(self._incident, self.zone) if self._incident is not None else ""

    def open_selected(self) -> AwaitMount | None:
        """The selected entry in full; on a checklist it ticks the item."""
        listed = self.query_one(TimelineList)
        if self.focused is self.query_one(RoomSide):
            self.tick()
            return None
        entry = listed.selected_entry
        if entry is None:
            self.shell.say(_("nothing is selected"))
            return None
        from artisan_tui.tui.session.entry import JournalEntry

        corrections = [entry.correction.seq] if entry.correction is not None else []
        return self.shell.show_dialog(JournalEntry(entry.event, corrections, self.zone))

    @on(TimelineList.Opened)
    def _opened(self) -> None:
        self.open_selected()

    def tick(self) -> None:
        """Tick the selected item, or take the tick off; the first press goes to the checklists."""
        side, incident = self.query_one(RoomSide), self._incident
        if incident is None:
            self.shell.say(_("no incident is selected"))
            return
        if self.focused is not side:  # not `has_focus`: that comes with an event, after the keys behind this one
            self.set_focus(side)
            return
        undone = {"undone": "yes"} if side.ticked else {}
        self.shell.execute("incident.check", {"incident": incident.id, "item": side.selected, **undone})
