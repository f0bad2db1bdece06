"""The journal as this session knows it: what it wrote itself, and what other sessions on the same store wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.session.loss import Loss
from artisan_tui.engine.bus import Bus, EventsCame, EventsLost, StatesChanged
from artisan_tui.engine.journal_states import JournalStates, read_in_force
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.snapshot import JOURNAL

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


class JournalFollower:
    """Applies events to ``states`` and tells the bus which of them changed."""

    def __init__(self, writer: JournalWriter, publisher: Publisher, bus: Bus, states: JournalStates) -> None:
        self._writer, self._publisher, self._bus, self._states = writer, publisher, bus, states
        #: The last event that this session has read, with its hash. What it wrote itself after others that it has not read.
        self._last, self._hash = 0, ""
        self._ahead: tuple[Event, ...] = ()
        self._reading = asyncio.Lock()
        #: What this session told, which is in force here, and which was not read from the journal yet.
        self._told: list[Entry] = []
        #: Set when everything that the journal says is in force has been read.
        self.begun = asyncio.Event()

    def open_with(self, newest_first: Sequence[Event]) -> None:
        """Start from these: the journal's latest, read before the store was open."""
        self.restart()
        if newest_first:
            self._know(newest_first[0])
        self._publisher.events_replaced(newest_first)

    def _know(self, newest: Event) -> None:
        self._last, self._hash = newest.seq, newest.hash
        self._ahead = tuple(event for event in self._ahead if event.seq > newest.seq)
        self._writer.store_thread.known = (newest.seq, newest.hash)

    def restart(self) -> None:
        """The next event is the first of another journal; what is on screen stays."""
        self._last, self._hash, self._ahead = 0, "", ()

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
        """Read what was written since, or everything anew where the store lost what was read before."""
        async with self._reading:
            await self._catch_up()

    async def _catch_up(self) -> None:
        after = self._last
        events = await self._writer.store_thread.ask(lambda store: store.journal.page(JOURNAL, after=after))
        if events is None:
            return
        # Meanwhile this session may have written, and read, some of these.
        fresh = [event for event in events if event.seq > self._last]
        if not self._continued(fresh):
            ends = ((self._last, self._hash), *((event.seq, event.hash) for event in self._ahead))
            known = (*self._publisher.written, *self._ahead)
            answer = await self._writer.store_thread.ask(lambda store: (_find_loss(store, ends, known),))
            if answer is None:
                return  # asked again with the next news
            if answer[0] is not None:
                await self._begin_anew(answer[0])
                return
        if fresh:
            self._know(fresh[0])
            self._publisher.events_came(fresh)
            more, kinds = len(fresh) == JOURNAL, self._states.kinds
            # What is in force may be among those that came before these and are not read.
            earlier = await self._writer.store_thread.ask(lambda store: read_in_force(store, kinds)) if more else None
            self._read(earlier or tuple(reversed(fresh)))
            self._bus.say(EventsCame(tuple(reversed(fresh)), more=more))

    def _continued(self, fresh: Sequence[Event]) -> bool:
        """Whether ``fresh``, newest first, goes on from what is known: the chain says it, and nothing has to be read."""
        if not self._last and not self._ahead:
            return True
        if not fresh or fresh[-1].seq != self._last + 1 or (self._last and fresh[-1].prev_hash != self._hash):
            return False
        hashes = {event.hash for event in fresh}
        return all(event.hash in hashes for event in self._ahead)

    async def _begin_anew(self, loss: Loss) -> None:
        """Read what the store says now. Nothing of what was lost is written again: nobody knows what of it still holds."""
        kinds, checked = self._states.kinds, {event.hash for event in loss.events}
        found = await self._writer.store_thread.ask(
            lambda store: (store.journal.page(JOURNAL), read_in_force(store, kinds))
        )
        if found is None:
            return  # found once more with the next news
        page, in_force = found
        newest = page[0].seq if page else 0
        # What this session wrote while this was read comes after it.
        self._ahead = tuple(event for event in self._ahead if event.hash not in checked and event.seq > newest)
        self._last, self._hash = 0, ""
        if page:
            self._know(page[0])
        self._publisher.events_lost(page)
        self._forget_told((*in_force, *page, *loss.events))
        self._bus.say(StatesChanged(self._states.replace((*in_force, *self._told))))
        self._bus.say(EventsLost(loss))
        fresh = tuple(event for event in reversed(page) if event.seq >= loss.first)
        self._bus.say(EventsCame(fresh, more=True))

    async def hear(self, count: int, head: str) -> None:
        """The store holds ``count`` events now, the last with the hash ``head``."""
        if (count, head) != (self._last, self._hash):
            await self.catch_up()

    def wrote(self, events: Sequence[Event]) -> bool:
        """This session wrote ``events``, oldest first; whether what came before them is still to be read."""
        follows = events[0].seq == self._last + 1 and (not self._last or events[0].prev_hash == self._hash)
        if self._ahead or not follows or events[-1].seq != self._last + len(events):
            self._ahead = (*self._ahead, *(event for event in events if event.seq > self._last))
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


def _find_loss(store: Store, ends: Sequence[tuple[int, str]], known: Sequence[Event]) -> Loss | None:
    from artisan_tui.store.journal_loss import find_loss  # heavy, and loaded with the store

    return find_loss(store, ends, known)


def _mark(entry: Entry) -> tuple[object, ...]:
    """What tells an entry from every other one, before and after it is written."""
    return entry.kind, entry.subject, entry.actor, entry.occurred_at
