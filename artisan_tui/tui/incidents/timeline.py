"""The timeline in the room: oldest above, what is new comes in at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.incidents.timeline import TimelineEntry, entry_of
from artisan_tui.reports.moments import brief_date_text, time_text
from artisan_tui.tui.cells import Run, fit, to_strip, widest, wrapped
from artisan_tui.tui.incidents.loaded import LoadedTimeline
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.styles import RoleStyles

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event

#: Lines of one entry at most; the rest is shown by opening it.
MOST_LINES = 4


class TimelineList(Lines):
    """``want`` is called when older entries are near and not loaded, ``want_end`` when the end is wanted and not loaded.

    It follows: while the newest entry is selected, the one that comes in is selected instead. Whoever reads further up
    stays there.
    """

    class Opened(Message):
        """A line was clicked twice."""

    class Followed(Message):
        """It follows now, or no longer does."""

    def __init__(self, want: Callable[[], None], want_end: Callable[[], None]) -> None:
        super().__init__(id="timeline")
        self._want, self._want_end = want, want_end
        self._incident_id = ""
        self._loaded = LoadedTimeline()
        self._note = ""
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        #: The seq of the selected entry, None while it follows.
        self._selected: int | None = None
        self._said: dict[tuple[int, int], TimelineEntry] = {}
        self._wrapped: dict[tuple[int, int], list[str]] = {}
        self._key: tuple[int, str, int] = (0, "", 0)
        #: (entry, which of its lines) of each line; and the first line of each entry.
        self._lines: list[tuple[int, int]] = []
        self._first: list[int] = []
        self._actors = 7

    # -- data ---------------------------------------------------------------

    def show_timeline(self, incident_id: str, loaded: LoadedTimeline, note: str, zone: tzinfo, now: datetime) -> None:
        """``note`` stands above the oldest entry; "" for none."""
        anchor = self._anchor()
        self._incident_id, self._loaded, self._note = incident_id, loaded, note
        self._zone, self._now = zone, now
        self._actors = widest([event.actor for event, _c in loaded.entries[-100:]], self._actors, 10)
        self.redraw()
        if self.following:
            self.scroll_to_end()
        elif anchor is not None:
            seq, above = anchor
            at = self._index_of(seq)
            if at is not None and self._first[at] - above != self.scroll_offset.y:
                self.scroll_to(y=self._first[at] - above, animate=False, immediate=True)
                self.redraw()

    def scroll_to_end(self) -> None:
        if self._lines:
            self.keep_in_view(len(self._lines) + self._above - 1)
            self.redraw()

    @property
    def following(self) -> bool:
        return self._selected is None

    def _anchor(self) -> tuple[int, int] | None:
        """The selected entry and its place in view, which is to stay."""
        at = self._index_of(self._selected) if self._selected is not None else None
        if at is None or at >= len(self._first):
            return None
        return self._loaded.entries[at][0].seq, self._first[at] - self.scroll_offset.y

    def _index_of(self, seq: int | None) -> int | None:
        return next((at for at, (event, _c) in enumerate(self._loaded.entries) if event.seq == seq), None)

    @property
    def _at(self) -> int | None:
        """The selected entry: the newest while it follows."""
        if not self._loaded.entries:
            return None
        found = self._index_of(self._selected) if self._selected is not None else None
        return len(self._loaded.entries) - 1 if found is None else found

    @property
    def selected(self) -> Event | None:
        return None if self._at is None else self._loaded.entries[self._at][0]

    @property
    def selected_entry(self) -> TimelineEntry | None:
        return None if self._at is None else self._entry(self._at)

    def cursor_line(self) -> int | None:
        at = self._at
        return None if at is None or at >= len(self._first) else self._first[at]

    # -- drawing ------------------------------------------------------------

    @property
    def _above(self) -> int:
        return 1 if self._note else 0

    def _entry(self, at: int) -> TimelineEntry:
        event, correction = self._loaded.entries[at]
        key = (event.seq, correction.seq if correction is not None else 0)
        if key not in self._said:
            self._said[key] = entry_of(self._incident_id, event, correction)
        return self._said[key]

    def _texts(self, at: int, width: int) -> list[str]:
        event, correction = self._loaded.entries[at]
        key = (event.seq, correction.seq if correction is not None else 0)
        found = self._wrapped.get(key)
        if found is None:
            entry = self._entry(at)
            text = f"[{entry.origin}] {entry.text}" if entry.origin else entry.text
            if correction is not None:
                text += "  " + _("(corrected by {person})").format(person=printable(correction.actor, 40))
            lines = wrapped(" ".join(text.split()), width)
            if len(lines) > MOST_LINES:
                lines = [*lines[: MOST_LINES - 1], fit(" ".join(lines[MOST_LINES - 1 :]), width)]
            found = self._wrapped[key] = lines
        return found

    def prepare(self, width: int) -> int:
        room = max(10, width - self._when_cells - self._actors - 4)
        if self._key != (room, language(), self._actors):
            self._key = (room, language(), self._actors)
            self._wrapped.clear()
            self._said.clear()
        self._lines, self._first = [], []
        for at in range(len(self._loaded.entries)):
            self._first.append(len(self._lines) + self._above)
            self._lines += [(at, line) for line in range(len(self._texts(at, room)))]
        return len(self._lines) + self._above

    @property
    def _when_cells(self) -> int:
        return 11

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if index < self._above:
            return to_strip([(" " + self._note, "-dim")], width, styles, ground)
        at, line = self._lines[index - self._above]
        entry = self._entry(at)
        text = self._texts(at, self._key[0])[line]
        role = f"-{entry.tone}" if entry.tone else ""
        if line:
            return to_strip([(" " * (self._when_cells + self._actors + 4), ""), (text, role)], width, styles, ground)
        runs: list[Run] = [
            (" " + fit(self._when(entry.at), self._when_cells) + " ", "-dim"),
            (fit(printable(entry.event.actor, 60), self._actors) + "  ", "-dim"),
            (text, role),
        ]
        return to_strip(runs, width, styles, ground)

    def _when(self, at: datetime) -> str:
        now = self._now
        if now is not None and at.astimezone(self._zone).date() == now.astimezone(self._zone).date():
            return time_text(at, self._zone, seconds=True)
        return f"{brief_date_text(at, self._zone)} {time_text(at, self._zone)}"

    def beyond(self, lines: range) -> str:
        whole = self._loaded.oldest if lines.start == 0 else self._loaded.newest
        return f"{len(lines)}{'' if whole else '+'}"

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        entries = self._loaded.entries
        if not entries:
            return
        last = len(entries) - 1
        if how == "list.last" and not self._loaded.newest:
            self._choose(None)
            self._want_end()
            return
        at = self._moved(how, self._at or 0)
        self._choose(None if at == last and self._loaded.newest else entries[at][0].seq)
        self.keep_in_view(self._first[at] + len(self._texts(at, self._key[0])) - 1)
        self.keep_in_view(self._first[at] if at else 0)
        self.redraw()
        if not self._loaded.oldest and at < 2 * self._page + 20:
            self._want()

    def _moved(self, how: str, at: int) -> int:
        """The entry that a move leads to; a page is a page of lines, of which an entry has one or several."""
        if how not in ("list.page-up", "list.page-down"):
            return moved(how, at, len(self._first), 1)
        line = moved(how, self._first[at] - self._above, len(self._lines), self._page)
        return self._lines[line][0]

    def _choose(self, seq: int | None) -> None:
        followed, self._selected = self.following, seq
        if followed != self.following:
            self.post_message(self.Followed())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y - self._above
        if 0 <= line < len(self._lines):
            at = self._lines[line][0]
            again = at == self._at
            last = at == len(self._loaded.entries) - 1 and self._loaded.newest
            self._choose(None if last else self._loaded.entries[at][0].seq)
            self.redraw()
            if again:
                self.post_message(self.Opened())
