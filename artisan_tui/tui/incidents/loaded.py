"""The stretch of a timeline that is on the screen and around it, and what is known of both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from artisan_tui.domain.event import Event
from artisan_tui.reports.incidents.timeline import arranged

#: Entries that are kept; scrolled further back, the newest are let go, and read again when they are wanted.
KEPT = 2_000
#: Entries asked for at once.
PAGE = 200


@dataclass
class LoadedTimeline:
    """``entries`` are (event, its correction) as they happened, the oldest first.

    ``newest``: they reach up to the end, ``oldest``: back to the beginning of the timeline.
    """

    events: dict[int, Event] = field(default_factory=dict)
    newest: bool = True
    oldest: bool = False
    entries: list[tuple[Event, Event | None]] = field(default_factory=list)

    @property
    def low(self) -> int:
        return min(self.events, default=0)

    @property
    def high(self) -> int:
        return max(self.events, default=0)

    def add_older(self, events: Sequence[Event], *, whole: bool) -> None:
        self.events |= {event.seq: event for event in events}
        self.oldest = whole
        over = sorted(self.events)[KEPT:]
        for seq in over:
            del self.events[seq]
        self.newest = self.newest and not over
        self.entries = arranged(self.events.values())

    def add_newer(self, events: Sequence[Event]) -> None:
        self.events |= {event.seq: event for event in events}
        over = sorted(self.events)[:-KEPT]
        for seq in over:
            del self.events[seq]
        self.oldest = self.oldest and not over
        self.entries = arranged(self.events.values())
