"""The room of one incident: what it is, everything that happened, what is to be done, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.geometry import Size

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.incidents.queries import OneIncident
from artisan_tui.engine.incidents.slice import IncidentSlice, OpenIncident
from artisan_tui.engine.oncall.slice import OnCallSlice, PeopleSlice
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import fit
from artisan_tui.tui.incidents.acts import known_incident
from artisan_tui.tui.incidents.beside import RoomSide
from artisan_tui.tui.incidents.clocks import deadlines
from artisan_tui.tui.incidents.head import RoomHead
from artisan_tui.tui.incidents.next_step import next_step
from artisan_tui.tui.incidents.people import people_rows
from artisan_tui.tui.incidents.place import ROOM
from artisan_tui.tui.incidents.reading import TimelineReading
from artisan_tui.tui.incidents.rows import incident_line
from artisan_tui.tui.incidents.screen import INCIDENTS_CSS
from artisan_tui.tui.incidents.second_hand import ClockScreen
from artisan_tui.tui.incidents.timeline import TimelineList
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.keys import key_name
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.prompt import FilterPrompt
from artisan_tui.tui.runbooks.suggested import weighed_runs

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.incidents.incident import Incident

#: From this many columns on, what is beside the timeline is beside it; before, it is below.
BESIDE = 110
#: What else than incidents is said beside the timeline.
_BESIDE = (CheckSlice, SloSlice, RunSlice, OnCallSlice, PeopleSlice)
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
        self._reading = TimelineReading(
            lambda: self.shell, self._in_background, self._end_background, self._show_timeline
        )

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        yield Title("room-title", "", glyphs.rule)
        yield RoomHead(glyphs)
        with Panes():
            with Pane(classes="timeline-pane"):
                yield Title("timeline-title", N_("Timeline"), glyphs.rule)
                yield TimelineList(self._reading.want_older, self._reading.begin)
            with Pane(classes="beside-pane"):
                yield Title("beside-title", N_("To do"), glyphs.rule)
                yield RoomSide(glyphs)
        yield FilterPrompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TimelineList).focus()
        if self._incident is None:
            self.run_worker(self._ask_incident, group="incident", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

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
        self._hear()

    def moment_changed(self) -> None:
        """What the timeline holds is of another time."""
        self._stored, self._missing = None, ""
        self._reading.forget()
        if self._incident is None:
            self.run_worker(self._ask_incident, exclusive=True, group="incident", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    # -- the timeline -------------------------------------------------------

    def _in_background(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.run_worker(work, group="timeline", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    def _end_background(self) -> None:
        self.workers.cancel_group(self, "timeline")

    def _hear(self) -> None:
        snapshot = self.shell.snapshot
        self._reading.hear(self._incident, snapshot[JournalSlice].events if snapshot is not None else ())

    def _show_timeline(self) -> None:
        reading, listed = self._reading, self.query_one(TimelineList)
        loaded, note = reading.loaded, reading.problem
        if not note and not loaded.oldest and reading.under_way:
            note = _("reading the timeline")
        elif not note and reading.words and not loaded.entries:
            note = _("no entry has these words")
        listed.show_timeline(self._incident_id, loaded, note, self.zone, self.now)
        self._show_following()

    @on(TimelineList.Followed)
    def _show_following(self) -> None:
        """Whether what comes in is shown by itself."""
        words = self._reading.words
        shown = fit(printable(words, 80), min(24, cell_len(words))).rstrip()
        left = [(shown + " ", "-accent")] if shown else []
        if self.query_one(TimelineList).following:
            self.query_one("#timeline-title", Title).show([(_("following"), "-dim")], left)
        else:
            key = key_name(self.shell.keys.get("list.last", "G"))
            self.query_one("#timeline-title", Title).show([(_("{key} follows again").format(key=key), "-accent")], left)

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
        if changed or any(self.shown.changed(snapshot, kind) for kind in _BESIDE):
            self.query_one(RoomSide).show_incident(
                incident,
                snapshot[CheckSlice].views,
                snapshot[SloSlice].slo_statuses,
                self.zone,
                weighed_runs(snapshot),
                people_rows(snapshot[OnCallSlice], snapshot[PeopleSlice]),
            )
        if everything:
            self._show_timeline()
        if changed or self.shown.changed(snapshot, JournalSlice):
            self._hear()
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
            self.shell.say_unselected("incident")
            return
        if self.focused is not side:  # not `has_focus`: that comes with an event, after the keys behind this one
            self.set_focus(side)
            return
        undone = {"undone": "yes"} if side.ticked else {}
        self.shell.execute("incident.check", {"incident": incident.id, "item": side.selected, **undone})

    # -- search -------------------------------------------------------------

    def open_filter(self) -> None:
        prompt = self.query_one(FilterPrompt)
        prompt.placeholder = _("words in the timeline; Enter searches, Esc clears")
        prompt.display = True
        self.set_focus(prompt)

    def filter_typed(self) -> None:
        """Search for what was typed: with Enter, not with each letter, for it is the store that is asked."""
        prompt = self.query_one(FilterPrompt)
        prompt.display = False
        self.set_focus(self.query_one(TimelineList))
        self._reading.search(prompt.value.strip())

    def go_back(self) -> None:
        """The search is cleared first; then back to where one came from."""
        prompt = self.query_one(FilterPrompt)
        if not prompt.display and not self._reading.words:
            super().go_back()
            return
        prompt.value = ""
        self.filter_typed()
