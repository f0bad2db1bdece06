"""What a journal lost: a standby was promoted, or a backup put back, that never had its last events.

The hash of an event is its own and that of all before it. So one event that is still there, with its hash, says that
everything before it is there too; and the first that is not there says that nothing after it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.session.events import EventsLost


@dataclass(frozen=True, slots=True)
class Loss:
    """The lost events that a session still has, at least one, oldest first.

    ``whole``: what is before them is still there; else more were lost. ``before`` is the hash of the event before them.
    """

    events: tuple[Event, ...]
    before: str
    whole: bool

    @property
    def first(self) -> int:
        return self.events[0].seq

    @property
    def last(self) -> int:
        return self.events[-1].seq

    @property
    def count(self) -> int:
        """By their numbers: a session may lack some in between."""
        return self.last - self.first + 1

    @property
    def began(self) -> datetime:
        return min(event.occurred_at for event in self.events)

    @property
    def ended(self) -> datetime:
        return max(event.occurred_at for event in self.events)

    def body(self, saved: str, host: str) -> EventsLost:
        """What the journal says of it. ``saved`` is the file on ``host`` that has the events, "" for none."""
        return EventsLost(
            first=self.first,
            last=self.last,
            count=self.count,
            last_hash=self.events[-1].hash,
            before_hash=self.before,
            began=stamp(self.began),
            ended=stamp(self.ended),
            whole=int(self.whole),
            saved=saved,
            host=host,
        )


def loss_among(known: Sequence[Event], present: Mapping[int, str]) -> Loss | None:
    """What of the ``known`` events is lost, when ``present`` are the hashes of the journal's events with their numbers.

    None where all are there. ``present`` has to tell of the number before the first of them too.
    """
    ordered = sorted({(event.seq, event.hash): event for event in known}.values(), key=lambda event: event.seq)
    lost = tuple(event for event in ordered if present.get(event.seq) != event.hash)
    if not lost:
        return None
    first = lost[0]
    # An event names the hash of the one before it, whether or not that one is in memory.
    return Loss(lost, first.prev_hash, first.seq == 1 or present.get(first.seq - 1) == first.prev_hash)


def is_same(told: EventsLost, mine: EventsLost) -> bool:
    """Whether two sessions speak of one loss. Each knew the journal up to another event."""
    if told.whole and mine.whole:
        return told.before_hash == mine.before_hash
    return told.last_hash == mine.last_hash or (told.first <= mine.last and mine.first <= told.last)


def completed(told: EventsLost, mine: EventsLost) -> EventsLost | None:
    """``told`` with what ``mine`` adds to it; None where it says everything already."""
    if told.first <= mine.first and told.last >= mine.last and (told.saved or not mine.saved):
        return None
    later = mine if (mine.last, bool(mine.saved)) >= (told.last, bool(told.saved)) else told
    earlier = mine if mine.first < told.first else told
    first, last = min(told.first, mine.first), max(told.last, mine.last)
    return EventsLost(
        first=first,
        last=last,
        count=last - first + 1,
        last_hash=later.last_hash,
        before_hash=earlier.before_hash,
        began=min(told.began, mine.began),
        ended=max(told.ended, mine.ended),
        whole=earlier.whole,
        saved=later.saved or earlier.saved,
        host=later.host if later.saved else earlier.host,
    )
