"""The SLO screen's panes: all of them to choose from, one in full, and its costliest minutes.

Loaded when the screen is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.i18n import _
from artisan_tui.reports.slo.words import name_of, severity_word
from artisan_tui.tui.cells import Run, fit, to_strip, widest
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.slo.detail import detail_rows, minute_runs
from artisan_tui.tui.slo.text import (
    ROLE,
    SEVERITY_ROLE,
    condition_role,
    condition_word,
    objective_text,
    remaining_text,
    sign,
    status_cells,
    summary_of,
)
from artisan_tui.tui.styles import RoleStyles

if TYPE_CHECKING:
    from artisan_tui.domain.slo.counts import Row as Minute
    from artisan_tui.domain.slo.status import SloStatus


class SloList(Lines):
    """One line an SLO, worst first."""

    class Chosen(Message):
        """Another SLO is selected."""

    def __init__(self, glyphs: Glyphs, chosen: str | None) -> None:
        super().__init__(id="slos")
        self._glyphs, self._selected = glyphs, chosen
        self._rows: Sequence[SloStatus] = ()
        self._empty = ""
        self._status_cells = self._objective_cells = self._name_cells = 0

    def show_slos(self, rows: Sequence[SloStatus], empty: str) -> None:
        """``rows`` worst first; ``empty`` is shown where there are none."""
        self._rows, self._empty = rows, empty
        self.redraw()

    @property
    def selected(self) -> SloStatus | None:
        at = self.cursor_line()
        return None if at is None else self._rows[at]

    def cursor_line(self) -> int | None:
        """The selected SLO wherever it was sorted to; the worst one until one is selected."""
        chosen = (index for index, each in enumerate(self._rows) if each.id == self._selected)
        return next(chosen, 0) if self._rows else None

    def prepare(self, width: int) -> int:
        """Only what is in view is drawn: there may be a hundred of them."""
        self._status_cells = status_cells()
        self._objective_cells = widest([objective_text(each) for each in self._rows], 7, 14) if width >= 64 else 0
        taken = 18 + self._status_cells + (self._objective_cells + 1 if self._objective_cells else 0)
        self._name_cells = max(8, width - taken)
        return max(1, len(self._rows))

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        runs = self._runs(self._rows[index]) if self._rows else [(" " + self._empty, "-dim")]
        return to_strip(runs, width, styles, ground)

    def _runs(self, slo_status: SloStatus) -> list[Run]:
        status, severity, _left, _objective = summary_of(slo_status)
        mark, role = sign(slo_status, self._glyphs)
        runs: list[Run] = [
            (f"{mark} ", role),
            (fit(name_of(slo_status), self._name_cells) + " ", "-strong" if role == "-bad" else ""),
        ]
        if self._objective_cells:
            runs.append((fit(objective_text(slo_status), self._objective_cells) + " ", "-dim"))
        runs += [
            (fit(remaining_text(slo_status), 7, "right") + " ", ROLE[status]),
            (fit(condition_word(slo_status), self._status_cells) + " ", condition_role(slo_status)),
        ]
        if severity is not None:
            runs.append((fit(severity_word(severity).upper(), 6), SEVERITY_ROLE[severity]))
        return runs

    def move(self, how: str) -> None:
        if self._rows:
            self._choose(moved(how, self.cursor_line() or 0, len(self._rows), self._page))

    def _choose(self, at: int) -> None:
        self._selected = self._rows[at].id
        self.keep_in_view(at)
        self.redraw()
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            self._choose(line)


class SloDetail(Lines):
    """Everything about the selected one; moving is scrolling."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="slo")
        self._glyphs = glyphs
        self._shown: tuple[SloStatus, tzinfo, datetime] | None = None

    def show_slo(self, slo_status: SloStatus | None, zone: tzinfo, now: datetime) -> None:
        before = self._shown[0].id if self._shown is not None else None
        self._shown = None if slo_status is None else (slo_status, zone, now)
        if slo_status is not None and before != slo_status.id:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._shown is None:
            return []
        # In ASCII a dot is also the lowest height of the plot.
        even = "o" if self.shell.plain_signs else "·"
        return detail_rows(self._shown[0], width, self.size.height, *self._shown[1:], self._glyphs, even)

    def as_text(self, width: int = 100) -> str:
        """All of it for a ticket, below the SLO's name."""
        if self._shown is None:
            return ""
        lines = ["".join(text for text, _role in row).rstrip() for row in self.compose_lines(width)]
        return "\n".join((f"{name_of(self._shown[0])} {objective_text(self._shown[0])}", *lines))

    def on_resize(self, event: events.Resize) -> None:
        # The plot is as high as there is room.
        self.redraw()


class CostliestMinutes(Lines):
    """The costliest minutes of the selected one; Enter asks what happened in the chosen one."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="minutes")
        self._glyphs = glyphs
        self._rows: Sequence[Minute] = ()
        self._zone: tzinfo | None = None
        self._selected: int | None = None
        self._of = ""

    def show_minutes(self, slo_status: SloStatus | None, zone: tzinfo) -> None:
        self._rows = slo_status.evaluation.costliest if slo_status is not None else ()
        self._zone = zone
        of = slo_status.id if slo_status is not None else ""
        if of != self._of:
            self._of, self._selected = of, None
            self.scroll_to(y=0, animate=False, immediate=True)
        self.redraw()

    @property
    def selected(self) -> Minute | None:
        at = self._at
        return None if at is None else self._rows[at]

    @property
    def _at(self) -> int | None:
        chosen = (index for index, row in enumerate(self._rows) if row[0] == self._selected)
        return next(chosen, 0) if self._rows else None

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if not self._rows or self._zone is None:
            return [[(" " + _("no bad minutes in the window"), "-dim")]]
        most = max(row[1] for row in self._rows)
        return [minute_runs(row, width, self._zone, self._glyphs, most) for row in self._rows]

    def move(self, how: str) -> None:
        if self._at is not None:
            at = moved(how, self._at, len(self._rows), self._page)
            self._selected = self._rows[at][0]
            self.keep_in_view(at)
            self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            self._selected = self._rows[line][0]
            self.redraw()
