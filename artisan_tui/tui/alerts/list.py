"""The list of alerts, worst first, alerts of one name together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.alerts.listed import ListedAlert
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.reports.alerts.listing import NONE_ATTACHED
from artisan_tui.tui.alerts.rows import AlertColumns, AlertLine, line_runs, lines_of
from artisan_tui.tui.cells import to_strip
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.styles import RoleStyles

#: Groups are closed to begin with when there are more alerts than anybody reads.
_MANY = 60


class AlertRows(Lines):
    """What is selected stays selected, wherever a refresh puts it."""

    class Chosen(Message):
        """Another line is selected."""

    class Opened(Message):
        """A line was clicked twice."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="alerts")
        self._glyphs = glyphs
        self._rows: tuple[ListedAlert, ...] = ()
        self._lines: list[AlertLine] = []
        self._folded: set[str] = set()
        self._opened: set[str] = set()
        self._selected = ""
        self._at = 0
        self._empty = ""
        self._silences: tuple[Silence, ...] = ()
        self._incidents: Mapping[str, str] = NONE_ATTACHED
        self._zone: tzinfo = UTC
        self._now = datetime.now(UTC)
        self._columns: AlertColumns | None = None

    def show_alerts(
        self, alerts: AlertSlice, empty: str, zone: tzinfo, now: datetime, incidents: Mapping[str, str] = NONE_ATTACHED
    ) -> None:
        self._rows, self._empty, self._zone, self._now = alerts.listed, empty, zone, now
        self._silences, self._incidents = alerts.silences, incidents
        self._arrange()

    def _arrange(self) -> None:
        self._lines = lines_of(self._rows, self._shut())
        keys = [line.key for line in self._lines]
        if self._selected in keys:
            self._at = keys.index(self._selected)
        else:
            # What was selected is gone: the line in its place is not taken for it.
            self._at = max(0, min(self._at, len(keys) - 1))
            self._selected = keys[self._at] if keys and not self._selected else self._selected
        self.redraw()

    def _shut(self) -> frozenset[str]:
        if len(self._rows) <= _MANY:
            return frozenset(self._folded)
        return frozenset({row.name for row in self._rows} - self._opened)

    # -- what is selected -----------------------------------------------------

    @property
    def selected(self) -> AlertLine | None:
        """None also while what was selected is no longer there: no key acts on what took its place."""
        if not self._lines or self._lines[self._at].key != self._selected:
            return None
        return self._lines[self._at]

    def cursor_line(self) -> int | None:
        return self._at if self._lines else None

    def fold(self, *, toggle: bool = False) -> None:
        """Close the group of the selected line; ``toggle``: open it when it is closed."""
        line = self.selected
        if line is None:
            return
        name = line.alerts[0].name
        closed = line.head and not line.open
        if closed and toggle:
            self._folded.discard(name)
            self._opened.add(name)
        elif line.head or line.inside:
            self._folded.add(name)
            self._opened.discard(name)
            self._selected = f"group:{name}"
        self._arrange()

    # -- drawing ------------------------------------------------------------

    def prepare(self, width: int) -> int:
        if not self._lines:
            return 1
        self._columns = AlertColumns(
            self._lines, width, self._zone, self._now, self._glyphs, self._silences, self._incidents
        )
        return len(self._lines)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if not self._lines or self._columns is None:
            return to_strip([(" " + self._empty, "-dim")], width, styles, ground)
        return to_strip(line_runs(self._lines[index], self._columns), width, styles, ground)

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        if self._lines:
            self._choose(moved(how, self._at, len(self._lines), self._page))

    def _choose(self, at: int) -> None:
        self._at, self._selected = at, self._lines[at].key
        self.keep_in_view(at)
        self.redraw()
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._lines):
            again = self._lines[line].key == self._selected
            self._choose(line)
            if again:
                self.post_message(self.Opened())
