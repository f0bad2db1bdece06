"""The list of the catalogue: what runs on top, then what is suggested, then every runbook; or the runs that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.message import Message

from artisan_tui.i18n import _
from artisan_tui.reports.runbooks.words import evidence_text
from artisan_tui.tui.cells import Run, fitted
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.runbooks.rows import active_runs_line, column_names, runbook_runs, summary_runs

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.summary import RunSummary
    from artisan_tui.engine.runbooks.slice import ActiveRun, SuggestedRun
    from artisan_tui.engine.runbooks.watching import CatalogueEntry

#: ("run" or "runbook", id); ("", "") for nothing.
Chosen = tuple[str, str]
NOTHING: Chosen = ("", "")


class Listed(NamedTuple):
    """What the list shows. ``past`` are runs that are over; with them nothing else is shown."""

    active: Sequence[ActiveRun] = ()
    entries: Sequence[CatalogueEntry] = ()
    suggested: Mapping[str, SuggestedRun] = {}
    past: Sequence[RunSummary] | None = None
    empty: str = ""


class RunbookList(Lines):
    """The cursor is on a run or a runbook, not on a line: it follows it wherever a refresh sorts it to."""

    class Opened(Message):
        """A line was clicked twice."""

    class Moved(Message):
        """Something else is selected."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="runbook-list")
        self._glyphs = glyphs
        self._listed = Listed()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._selected = NOTHING
        self._places: list[Chosen] = []

    def show_listed(self, listed: Listed, zone: tzinfo, now: datetime) -> None:
        self._listed, self._zone, self._now = listed, zone, now
        there = self._there
        if there and self._selected not in there:
            # What the cursor was on is gone: nothing is selected that the person did not see, only the first of all.
            self._selected = there[0] if self._selected == NOTHING else self._selected
        self.redraw()

    @property
    def _there(self) -> list[Chosen]:
        listed = self._listed
        if listed.past is not None:
            return [("run", each.id) for each in listed.past]
        return [
            *(("run", each.id) for each in listed.active),
            *(("runbook", each.runbook.id) for each in listed.entries),
        ]

    @property
    def selected(self) -> Chosen:
        """What is under the cursor; NOTHING where it is no longer listed."""
        return self._selected if self._selected in self._there else NOTHING

    def start_anew(self) -> None:
        """Another list comes: its first line is selected, not what is no longer there."""
        self._selected = NOTHING

    def select(self, chosen: Chosen) -> None:
        self._selected = chosen
        self.redraw()
        line = self.cursor_line()
        if line is not None:
            self.keep_in_view(line)
            if self._there.index(chosen) == 0:
                self.keep_in_view(0)
        self.post_message(self.Moved())

    def cursor_line(self) -> int | None:
        return self._places.index(self._selected) if self._selected in self._places else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        listed, zone, now = self._listed, self._zone, self._now
        self._places = []
        if zone is None or now is None:
            return []
        rows: list[list[Run]] = []

        def add(row: list[Run], chosen: Chosen = NOTHING) -> None:
            rows.append(fitted(row, width))
            self._places.append(chosen)

        if listed.past is not None:
            for each in listed.past:
                add(summary_runs(each, width, zone), ("run", each.id))
        else:
            for view in listed.active:
                add(active_runs_line(view, width, self._glyphs, now), ("run", view.id))
            if listed.active and listed.entries:
                add([])
            if listed.entries:
                add(column_names(width))
            for entry in listed.entries:
                suggestion = listed.suggested.get(entry.runbook.id)
                add(
                    runbook_runs(entry, width, suggestion is not None, self._glyphs, zone, now),
                    ("runbook", entry.runbook.id),
                )
                if suggestion is not None:
                    said = _("suggested: {evidence}").format(evidence=evidence_text(suggestion.evidence))
                    add([("    " + said, "-warn")])
        if listed.empty:
            add([(" " + listed.empty, "-dim")])
        return rows

    def move(self, how: str) -> None:
        there = self._there
        if not there:
            return
        at = there.index(self._selected) if self._selected in there else 0
        self.select(there[moved(how, at, len(there), self._page)])

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        chosen = self._places[line] if 0 <= line < len(self._places) else NOTHING
        if chosen != NOTHING:
            again = chosen == self._selected
            self.select(chosen)
            if again:
                self.post_message(self.Opened())
