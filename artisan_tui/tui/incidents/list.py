"""The list of incidents: open ones first, below them those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.engine.incidents.slice import OpenIncident
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, to_strip
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.incidents.rows import IncidentColumns, open_runs, over_runs, who_has
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.styles import RoleStyles

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident


#: Seconds after which a person has seen that an incident went from under the cursor.
SEEN_WITHIN = 3.0


class IncidentList(Lines):
    """The cursor is on an incident, not on a line: it follows it wherever a refresh sorts it to.

    When the incident is gone, there is no cursor until a key moves it, or some seconds have passed: no key must act on
    another incident than the one that a person saw it on. ``beside`` shows the open ones alone.
    """

    class Opened(Message):
        """A line was clicked twice."""

    def __init__(self, glyphs: Glyphs, *, beside: bool = False, id: str = "incident-list") -> None:
        super().__init__(id=id)
        self._glyphs, self._beside = glyphs, beside
        self._open: Sequence[OpenIncident] = ()
        self._over: Sequence[Incident] = ()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._empty = ""
        self._selected = ""
        #: Where the cursor was drawn last, for the moves after its incident went.
        self._was = 0
        self._columns: IncidentColumns | None = None
        self._lines: list[OpenIncident | Incident | str] = []

    # -- data ---------------------------------------------------------------

    def show_incidents(
        self,
        opened: Sequence[OpenIncident],
        over: Sequence[Incident],
        zone: tzinfo,
        now: datetime,
        empty: str = "",
    ) -> None:
        were_none = not self._ids
        self._open, self._over, self._zone, self._now, self._empty = opened, over, zone, now, empty
        ids = self._ids
        if ids and (were_none or not self._selected):
            self._selected = ids[0]
        elif ids and self._selected not in ids and self.is_attached:
            self.set_timer(SEEN_WITHIN, self.regain)
        self.redraw()

    def regain(self) -> None:
        """Put the cursor where it was when its incident went, now that a person has seen that it went."""
        ids = self._ids
        if ids and self._selected not in ids:
            self.select(ids[min(self._was, len(ids) - 1)])

    @property
    def _ids(self) -> list[str]:
        return [*(each.id for each in self._open), *(each.id for each in self._over)]

    @property
    def selected(self) -> str:
        """The id under the cursor; also one that is no longer listed, so that an act on it can say so. "" for none."""
        return self._selected

    @property
    def selected_version(self) -> int | None:
        """The version of the selected incident that is shown, None when it is not listed."""
        found = [*(each.incident for each in self._open), *self._over]
        return next((each.version for each in found if each.id == self._selected), None)

    def select(self, incident_id: str) -> None:
        self._selected = incident_id
        line = self.cursor_line()
        if line is not None:
            self.keep_in_view(line)
        self.redraw()

    # -- drawing ------------------------------------------------------------

    def _laid_out(self) -> list[OpenIncident | Incident | str]:
        """What each line shows: an incident, or words."""
        lines: list[OpenIncident | Incident | str] = [*self._open]
        if not self._open and self._empty:
            lines.append(self._empty)
        if self._over:
            lines += [*([""] if lines else []), _("Over"), *self._over]
        return lines

    def _line_of(self, incident_id: str) -> int | None:
        found = (at for at, each in enumerate(self._lines) if not isinstance(each, str) and each.id == incident_id)
        return next(found, None)

    def cursor_line(self) -> int | None:
        line = self._line_of(self._selected)
        if line is not None:
            self._was = self._ids.index(self._selected)
        return line

    def prepare(self, width: int) -> int:
        people = [who_has(each.incident) for each in self._open]
        self._columns = IncidentColumns(width, people, with_id=not self._beside)
        self._lines = self._laid_out()
        return len(self._lines)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        return to_strip(self._runs(self._lines[index]), width, styles, ground)

    def _runs(self, shown: OpenIncident | Incident | str) -> list[Run]:
        columns, now, zone = self._columns, self._now, self._zone
        if columns is None or now is None or zone is None:
            return []
        if isinstance(shown, str):
            return [(" " + shown, "-dim" if shown == self._empty else "-strong")] if shown else []
        if isinstance(shown, OpenIncident):
            return open_runs(shown, columns, self._glyphs, now)
        return over_runs(shown, columns, zone)

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        ids = self._ids
        if not ids:
            return
        gone = self._selected not in ids
        # After its incident went, the cursor comes back beside the place where it was.
        at = min(self._was, len(ids) - 1) if gone else moved(how, ids.index(self._selected), len(ids), self._page)
        self.select(ids[at])

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        shown = self._lines[line] if 0 <= line < len(self._lines) else ""
        if not isinstance(shown, str):
            again = shown.id == self._selected
            self.select(shown.id)
            if again:
                self.post_message(self.Opened())
