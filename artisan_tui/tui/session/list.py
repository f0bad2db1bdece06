"""The lines of the journal screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.event import Event
from artisan_tui.i18n import _
from artisan_tui.tui.cells import to_strip, widest
from artisan_tui.tui.event_line import event_runs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.session.loaded import Loaded
from artisan_tui.tui.styles import RoleStyles

#: The number of an entry, 0 while it is not saved, and what it is known by until then.
Key = tuple[int, datetime, str, str, str]


def key_of(event: Event) -> Key:
    return event.seq, event.occurred_at, event.kind, event.subject, event.actor


class JournalList(Lines):
    """Entries newest first. ``want`` is called when the end that is near is not loaded: True for older ones.

    What is read stays where it is when entries come in above it, unless the newest line is selected.
    """

    class Opened(Message):
        """A line was clicked twice."""

    class AtEnd(Message):
        """The first or the last entry of all is wanted. ``oldest``: the last."""

        def __init__(self, *, oldest: bool) -> None:
            super().__init__()
            self.oldest = oldest

    def __init__(self, want: Callable[[bool], None]) -> None:
        super().__init__(id="entries")
        self._want = want
        self._entries: list[Event] = []
        self._newest = self._oldest = True
        self._note = ""
        self._selected: Key | None = None
        self._actors = 7
        self._zone: tzinfo | None = None
        self._today: datetime | None = None

    # -- data ---------------------------------------------------------------

    def show_loaded(self, loaded: Loaded, unsaved: Sequence[Event], note: str, zone: tzinfo, today: datetime) -> None:
        """``note`` stands below the last entry; "" for none."""
        anchor = self._at_top()
        self._entries, self._newest, self._oldest = [*unsaved, *loaded.events], loaded.newest, loaded.oldest
        self._note = note
        self._zone, self._today = zone, today
        self._actors = widest([event.actor for event in (*unsaved, *loaded.events[:200])], self._actors, 12)
        self.redraw()
        if anchor is not None:
            key, above = anchor
            at = self._index_of(key)
            if at is not None and at - above != self.scroll_offset.y:
                self.scroll_to(y=at - above, animate=False, immediate=True)
                self.redraw()

    def _at_top(self) -> tuple[Key, int] | None:
        """An entry in view and its place there, which is to stay; None while the newest one is looked at."""
        if self._selected is None and not self.scroll_offset.y:
            return None
        at = self.cursor_line()
        if at is None or not 0 <= at - self.scroll_offset.y < max(1, self._page):
            at = min(self.scroll_offset.y, len(self) - 1)
        return (key_of(self[at]), at - self.scroll_offset.y) if 0 <= at < len(self) else None

    def show_from_the_end(self, *, oldest: bool) -> None:
        """Select the last or the first entry of what is loaded."""
        self._selected = key_of(self[len(self) - 1]) if oldest and len(self) else None
        self.redraw()
        self.keep_in_view(self.cursor_line() or 0)
        self.redraw()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, at: int) -> Event:
        return self._entries[at]

    def _index_of(self, key: Key) -> int | None:
        """Where the entry is now, also one that was saved meanwhile."""
        first = 0 if key[0] else 1
        return next((at for at, each in enumerate(self._entries) if key_of(each)[first:] == key[first:]), None)

    @property
    def selected(self) -> Event | None:
        at = self.cursor_line()
        return None if at is None else self[at]

    def cursor_line(self) -> int | None:
        if not len(self):
            return None
        found = self._index_of(self._selected) if self._selected is not None else None
        return found or 0

    def beyond(self, lines: range) -> str:
        """Entries, not lines: the note below the last one is none. More than is loaded: ``300+``."""
        entries = min(lines.stop, len(self)) - min(lines.start, len(self))
        whole = self._newest if lines.start == 0 else self._oldest
        return f"{entries or ''}{'' if whole else '+'}"

    # -- drawing ------------------------------------------------------------

    def prepare(self, width: int) -> int:
        return len(self) + (1 if self._note or not len(self) else 0)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if index >= len(self):
            return to_strip([(" " + (self._note or _("no journal entries yet")), "-dim")], width, styles, ground)
        runs = event_runs(self[index], width, self._actors, self._zone, self._today)
        return to_strip(runs, width, styles, ground)

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        if not len(self):
            return
        if (how == "list.last" and not self._oldest) or (how == "list.first" and not self._newest):
            self.post_message(self.AtEnd(oldest=how == "list.last"))
            return
        at = moved(how, self.cursor_line() or 0, len(self), self._page)
        self._selected = key_of(self[at]) if at else None
        self.keep_in_view(at)
        if at == len(self) - 1 and self._note:
            self.keep_in_view(len(self))
        self.redraw()
        self._want_around(at)

    def _want_around(self, at: int) -> None:
        """Ask for more before the end is reached: three pages ahead."""
        ahead = 3 * self._page + 20
        if not self._oldest and at + ahead >= len(self):
            self._want(True)
        elif not self._newest and at < ahead:
            self._want(False)

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self):
            again = line == self.cursor_line()
            self._selected = key_of(self[line]) if line else None
            self.redraw()
            if again:
                self.post_message(self.Opened())
