"""Events whose commit nobody confirmed: the connection broke while the database was committing them.

They may be in the journal. Who tries to write the same entries again must not write them twice, so the journal is asked
first. The hash of an event is its own and that of all before it, so its place and its hash say it for certain, also on
a standby that took over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from artisan_tui.domain.event import Entry, Event

#: The event with this seq as a transaction sees it.
Finds = Callable[[Connection, int], Event | None]
Seals = Callable[[Sequence[Entry]], tuple[Event, ...]]


#: Entries that are remembered as written: nobody tries again after so many others.
_KEPT = 2_000


class UnansweredCommit:
    """What was being committed when a connection broke, and what of it turned out to be committed."""

    def __init__(self) -> None:
        self._open: tuple[tuple[Entry, Event], ...] = ()
        #: By the identity of the entry, which is held here so that no other gets it.
        self._written: dict[int, tuple[Entry, Event]] = {}

    def about(self, entries: Sequence[Entry], events: Sequence[Event]) -> None:
        """These were being committed when the connection broke."""
        self._open = tuple(zip(entries, events, strict=True))

    def settled(
        self, connection: Connection, entries: Sequence[Entry], find: Finds, seal: Seals
    ) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """``entries`` as events, one for one, and those of them that ``seal`` wrote just now.

        The same entry, the very object, that was committed after all is not written again. ``connection`` holds the write
        lock, so whoever was committing then has come to an end.
        """
        if self._open:
            last = self._open[-1][1]
            found = find(connection, last.seq)
            if _holds(found, last):
                self._written |= {id(entry): (entry, event) for entry, event in self._open}
                for oldest in list(self._written)[:-_KEPT]:
                    del self._written[oldest]
            self._open = ()
        for entry in entries:
            known = self._written.get(id(entry))
            if known is not None and not _holds(find(connection, known[1].seq), known[1]):
                del self._written[id(entry)]  # it was written, and a standby without it was promoted since
        left = [entry for entry in entries if id(entry) not in self._written]
        new = seal(left) if left else ()
        fresh = iter(new)
        return tuple(self._written[id(each)][1] if id(each) in self._written else next(fresh) for each in entries), new


def _holds(found: Event | None, event: Event) -> bool:
    return found is not None and found.hash == event.hash
