"""The draft of a postmortem, to be copied, and the action items that come out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.incidents.queries import OneIncident, TimelinePage
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.export import IncidentRecord
from artisan_tui.reports.incidents.postmortem import postmortem_draft
from artisan_tui.reports.incidents.words import item_sort_word, item_state_word, postmortem_word
from artisan_tui.reports.moments import date_text, date_time_text
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.incidents.acts import known_incident
from artisan_tui.tui.incidents.message import Preview
from artisan_tui.tui.incidents.place import POSTMORTEM
from artisan_tui.tui.incidents.screen import INCIDENTS_CSS
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.incidents.incident import ActionItem, Incident

#: Entries of the timeline that the draft repeats; the export has all of them.
MOST_EVENTS = 1_000


class ActionItems(Lines):
    """The action items, one in a line; below them stands how one is added."""

    def __init__(self) -> None:
        super().__init__(id="action-items")
        self._items: Sequence[ActionItem] = ()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._at = 0

    def show_items(self, items: Sequence[ActionItem], zone: tzinfo, now: datetime) -> None:
        self._items, self._zone, self._now = items, zone, now
        self._at = max(0, min(self._at, len(items)))
        self.redraw()

    @property
    def selected(self) -> str:
        """The id of the selected item, "" on the line for a new one."""
        return self._items[self._at].id if self._at < len(self._items) else ""

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        owners = widest([each.owner for each in self._items], 6, 12)
        key = next((each.shown_key for each in self.shell.actions_at("postmortem") if each.id == "incident.action"), "")
        rows: list[Sequence[Run]] = [item_runs(each, width, owners, self._zone, self._now) for each in self._items]
        return [*rows, [(" " + _("{key} adds an action item; on one, it changes it").format(key=key), "-dim")]]

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._items) + 1, self._page)
        self.keep_in_view(self._at)
        self.redraw()


def item_runs(item: ActionItem, width: int, owners: int, zone: tzinfo | None, now: datetime | None) -> list[Run]:
    """``A1 canary before every rollout   kim    28 Nov  prevent   open``."""
    late = item.state == "open" and item.due is not None and now is not None and item.due < now
    when = date_text(item.due, zone) if item.due is not None else "?"
    sorts = widest([item_sort_word(each) for each in ("prevent", "detect", "mitigate")], 6, 10)
    states = widest([item_state_word(each) for each in ("open", "done", "dropped")], 4, 10)
    room = max(8, width - 5 - owners - 9 - sorts - states - 4)
    return [
        (" " + fit(item.id, 4), "-dim"),
        (fit(printable(item.text, 300), room) + " ", "" if item.state == "open" else "-dim"),
        (fit(printable(item.owner, 60) or "?", owners) + " ", "" if item.owner else "-warn"),
        (fit(when, 8) + " ", "-warn" if late else ""),
        (fit(item_sort_word(item.sort), sorts) + " ", "-dim"),
        (fit(item_state_word(item.state), states), "-good" if item.state == "done" else ""),
    ]


class PostmortemScreen(ArtisanScreen):
    CSS_PATH = INCIDENTS_CSS
    place = POSTMORTEM

    def __init__(self, incident_id: str) -> None:
        super().__init__()
        self._incident_id = incident_id
        self._stored: Incident | None = None
        self._events: tuple[Event, ...] = ()
        self._read_at = -1
        self._problem = ""

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="text-pane"):
                yield Title("draft-title", N_("Postmortem draft"), glyphs.rule)
                yield Preview("draft")
            with Pane(classes="items-pane"):
                yield Title("items-title", N_("Action items"), glyphs.rule)
                yield ActionItems()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#draft", Preview).focus()
        self._ask()

    def _ask(self) -> None:
        self.run_worker(self._read, exclusive=True, group="draft", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _read(self) -> None:
        try:
            if self._incident is None:
                self._stored = await self.shell.ask(OneIncident(self._incident_id))
            incident = self._incident
            if incident is not None:
                self._read_at = incident.last_seq
                piece = await self.shell.ask(TimelinePage(incident.subjects, MOST_EVENTS))
                self._events = piece.events[::-1]
            else:
                self._problem = _("there is no incident {id}").format(id=printable(self._incident_id, 60))
        except LookupError as error:
            self._problem = printable(str(error.args[0]) if error.args else "", 200)
        self._show()

    @property
    def _incident(self) -> Incident | None:
        return known_incident(self.shell.snapshot, self._incident_id) or self._stored

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, IncidentSlice)):
            return
        self.shown.drew(snapshot)
        incident = self._incident
        if incident is not None and self._read_at not in (-1, incident.last_seq):
            self._ask()
        self._show()

    def _show(self) -> None:
        incident = self._incident
        draft = self.query_one("#draft", Preview)
        draft.show_text(self.as_text() or self._problem or _("reading the incident"))
        self.query_one("#draft-title", Title).show(*self._title(incident))
        items = incident.items if incident is not None else ()
        self.query_one(ActionItems).show_items(items, self.zone, self.now)
        left = sum(1 for each in items if each.state == "open")
        self.query_one("#items-title", Title).show([(_("{n} open").format(n=left), "-warn")] if left else [])

    def _title(self, incident: Incident | None) -> tuple[list[Run], list[Run]]:
        """(state, owner and date at the right end; the id at the left)."""
        left: list[Run] = [(f"{printable(self._incident_id, 60)} ", "-accent")]
        if incident is None:
            return [], left
        postmortem = incident.postmortem
        late = postmortem.pending and postmortem.due is not None and postmortem.due < self.now
        key = next((each.shown_key for each in self.shell.actions_at("postmortem") if each.id == "view.copy"), "y")
        right: list[Run] = [(_("{key} copies").format(key=key) + "  ", "-dim")]
        right += [(postmortem_word(postmortem.state), "-warn" if postmortem.pending else "-dim")]
        if postmortem.owner:
            right += [("  ", ""), (printable(postmortem.owner, 40), "")]
        if postmortem.due is not None:
            due = _("due {time}").format(time=date_time_text(postmortem.due, self.zone))
            right += [("  ", ""), (due, "-bad" if late else "-dim")]
        return right, left

    def as_text(self) -> str:
        incident = self._incident
        return "" if incident is None else postmortem_draft(IncidentRecord(incident, self._events), self.zone)

    @property
    def selection(self) -> Mapping[str, str]:
        incident = self._incident
        if incident is None:
            return {}
        found = {"incident": incident.id, "seen": str(incident.version)}
        items = self.query_one(ActionItems)
        return found | ({"item": items.selected} if self.focused is items and items.selected else {})
