"""Action items and postmortems whose date is over, for the list of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.words import postmortem_word
from artisan_tui.reports.moments import date_text
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.kit.lines import Lines, moved

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import ActionItem, Incident

Overdue = tuple["Incident", "ActionItem | None"]


class OverdueList(Lines):
    def __init__(self) -> None:
        super().__init__(id="overdue")
        self._rows: Sequence[Overdue] = ()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._at = 0

    def show_overdue(self, rows: Sequence[Overdue], zone: tzinfo, now: datetime) -> None:
        self._rows, self._zone, self._now = rows, zone, now
        self._at = max(0, min(len(rows) - 1, self._at))
        self.redraw()

    @property
    def selected(self) -> str:
        """The id of the incident that the selected line is about, "" for none."""
        return self._rows[self._at][0].id if self._rows else ""

    def cursor_line(self) -> int | None:
        return self._at if self._rows else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [overdue_runs(each, width, self._zone) for each in self._rows]

    def move(self, how: str) -> None:
        if self._rows:
            self._at = moved(how, self._at, len(self._rows), self._page)
            self.keep_in_view(self._at)
            self.redraw()


def overdue_runs(overdue: Overdue, width: int, zone: tzinfo | None) -> list[Run]:
    """``due 21 Nov  kim       A2 canary before every rollout   INC-20261121-093012``."""
    incident, item = overdue
    if item is None:
        due, owner = incident.postmortem.due, incident.postmortem.owner
        what = f"{_('postmortem')} ({postmortem_word(incident.postmortem.state)})"
    else:
        due, owner, what = item.due, item.owner, f"{item.id} {printable(item.text, 300)}"
    when = date_text(due, zone) if due is not None else "?"
    room = max(8, width - 8 - 12 - 21)
    return [
        (" " + fit(when, 9) + " ", "-warn"),
        (fit(printable(owner, 60) or _("nobody"), 9) + " ", "" if owner else "-bad"),
        (fit(what, room) + " ", ""),
        (incident.id, "-dim"),
    ]
