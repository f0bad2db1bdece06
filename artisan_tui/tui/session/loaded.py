"""The stretch of the journal that is on the screen and around it: entries newest first, and what is known of both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from artisan_tui.domain.event import Event

#: Entries that are kept, many more than are read at once or in view; scrolled further, those at the other end are let go.
KEPT = 3_000


@dataclass
class Loaded:
    """``events`` are all that the filter allows with a seq from ``low`` to ``high``.

    ``newest``: they reach up to the end of the journal, ``oldest``: down to its beginning. 0: not known yet.
    """

    events: list[Event] = field(default_factory=list)
    low: int = 0
    high: int = 0
    newest: bool = True
    oldest: bool = True

    @property
    def looked_at(self) -> int:
        """Entries of the journal in this stretch, whether they are shown or not."""
        return max(0, self.high - self.low + 1) if self.high else 0

    def add_older(self, newest_first: Sequence[Event], low: int, *, whole: bool) -> int:
        """Put entries at the end; how many were let go at the top."""
        self.events += newest_first
        self.low, self.oldest = 1 if whole else low, whole
        self.high = self.high or (self.events[0].seq if self.events else 0)
        over = max(0, len(self.events) - KEPT)
        if over:
            del self.events[:over]
            self.high, self.newest = self.events[0].seq, False
        return over

    def add_newer(self, newest_first: Sequence[Event], high: int, *, whole: bool) -> int:
        """Put entries at the top; how many."""
        self.events[:0] = newest_first
        self.high, self.newest = max(self.high, high), whole
        over = max(0, len(self.events) - KEPT)
        if over:
            del self.events[-over:]
            self.low, self.oldest = self.events[-1].seq, False
        return len(newest_first)


def unbroken(newest_first: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """(not saved yet, saved) of what a snapshot holds of the journal; where another journal begins, it ends."""
    unsaved = [event for event in newest_first if event.seq == 0]
    saved: list[Event] = []
    for event in newest_first:
        if event.seq == 0:
            continue
        if saved and event.seq != saved[-1].seq - 1:
            break
        saved.append(event)
    return unsaved, saved
