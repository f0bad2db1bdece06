"""The journal as this session knows it: what it wrote itself, and what other sessions on the same store wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from artisan_tui.domain.event import Entry, Event
from artisan_tui.engine.bus import Bus, EventsCame, StatesChanged
from artisan_tui.engine.journal_states import JournalStates, read_in_force
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.snapshot import JOURNAL


class JournalFollower:
    """Applies events to ``states`` and tells the bus which of them changed."""

    def __init__(self, writer: JournalWriter, publisher: Publisher, bus: Bus, states: JournalStates) -> None:
        self._writer, self._publisher, self._bus, self._states = writer, publisher, bus, states
        self._last = 0
        #: What this session told, which is in force here, and which was not read from the journal yet.
        self._told: list[Entry] = []
        #: Set when everything that the journal says is in force has been read.
        self.begun = asyncio.Event()

    def open_with(self, newest_first: Sequence[Event]) -> None:
        """Start from these: the journal's latest, read before the store was open."""
        self._last = 0
        if newest_first:
            self._know(newest_first[0])
        self._publisher.events_replaced(newest_first)

    def _know(self, newest: Event) -> None:
        self._last = newest.seq
        self._writer.store_thread.known = (newest.seq, newest.hash)

    def restart(self) -> None:
        """The next event is the first of another journal; what is on screen stays."""
        self._last = 0

    async def begin(self) -> None:
        """Once the store is open: read what is in force, and what was written since the first read."""
        kinds = self._states.kinds
        self._read(await self._writer.store_thread.ask(lambda store: read_in_force(store, kinds)) or ())
        await self.catch_up()
        self.begun.set()

    def _read(self, oldest_first: Sequence[Event]) -> None:
        """Apply what the journal says, and after it what this session told and is not written yet: that comes later."""
        self._forget_told(oldest_first)
        self._apply((*oldest_first, *self._told))

    def _forget_told(self, written: Sequence[Event]) -> None:
        marks = {_mark(event) for event in written}
        self._told = [entry for entry in self._told if _mark(entry) not in marks]

    def _apply(self, oldest_first: Iterable[Entry]) -> None:
        changed = self._states.apply(oldest_first)
        if changed:
            self._bus.say(StatesChanged(changed))

    async def catch_up(self) -> None:
        """Read what was written since."""
        after = self._last
        events = await self._writer.store_thread.ask(lambda store: store.journal.page(JOURNAL, after=after))
        # Meanwhile this session may have written, and read, some of these.
        fresh = [event for event in events or () if event.seq > self._last]
        if fresh:
            self._know(fresh[0])
            self._publisher.events_came(fresh)
            self._read(tuple(reversed(fresh)))
            self._bus.say(EventsCame(tuple(reversed(fresh)), more=len(fresh) == JOURNAL))

    async def hear(self, count: int) -> None:
        """The store holds ``count`` events now."""
        if count > self._last:
            await self.catch_up()

    def wrote(self, events: Sequence[Event]) -> bool:
        """This session wrote ``events``, oldest first; whether what came before them is still to be read."""
        if events[0].seq != self._last + 1:
            return True
        self._know(events[-1])
        told = {_mark(entry) for entry in self._told}
        self._forget_told(events)
        self._publisher.events_came(tuple(reversed(events)))
        # What was told is in force already; what a command wrote by itself is not.
        self._apply([event for event in events if _mark(event) not in told and self._states.takes(event.kind)])
        self._bus.say(EventsCame(tuple(events)))
        return False

    def tell(self, *entries: Entry) -> None:
        """Write down what a person or this session did; it is in force at once."""
        self._writer.tell(*entries)
        self._told += [entry for entry in entries if self._states.takes(entry.kind)]
        self._apply(entries)
        self.show_unwritten()

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        """Write down what probing led to, with the statuses of the checks that ``changed``."""
        self._writer.find(entries, changed)
        if entries:
            self.show_unwritten()

    def show_unwritten(self) -> None:
        self._publisher.unwritten_are(
            [
                Event(e.occurred_at, e.actor, e.kind, e.subject, e.body, e.supersedes)
                for e in reversed(self._writer.unwritten)
            ]
        )


def _mark(entry: Entry) -> tuple[object, ...]:
    """What tells an entry from every other one, before and after it is written."""
    return entry.kind, entry.subject, entry.actor, entry.occurred_at
