"""The journal as this session knows it: what it wrote itself, and what others on the same store did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from artisan_tui.domain.event import Entry, Event
from artisan_tui.engine.journal_reading import read_kinds
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.maintenance.orders import Orders
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.snapshot import JOURNAL


class JournalFollower:
    """``ordered`` is called when an order came or ended, ``alerted`` when an alert did that another session raised."""

    def __init__(
        self,
        journal_writer: JournalWriter,
        publisher: Publisher,
        orders: Orders,
        burn_alerts: BurnAlerts,
        ordered: Callable[[], None],
        alerted: Callable[[], None],
    ) -> None:
        self._journal_writer, self._publisher = journal_writer, publisher
        self._orders, self._ordered = orders, ordered
        self._burn_alerts, self._alerted = burn_alerts, alerted
        self._last = 0
        #: What the journal orders is in force, as far as it can be read.
        self.begun = asyncio.Event()

    def open_with(self, newest_first: Sequence[Event]) -> None:
        """Start from these: the journal's latest, read before the store was open."""
        self._last = 0
        if newest_first:
            self._know(newest_first[0])
        self._publisher.events_replaced(newest_first)

    def _know(self, newest: Event) -> None:
        self._last = newest.seq
        self._journal_writer.store_thread.known = (newest.seq, newest.hash)

    def restart(self) -> None:
        """The next event is the first of another journal; what is on screen stays."""
        self._last = 0

    async def begin(self) -> None:
        """Once the store is open: the orders in force, the alerts, and what was written since the first look."""
        wanted = (*self._orders.KINDS, *self._burn_alerts.KINDS)
        self._obey(await self._journal_writer.store_thread.ask(lambda store: read_kinds(store, wanted)) or ())
        await self.catch_up()
        self.begun.set()

    def _obey(self, oldest_first: Iterable[Entry]) -> None:
        entries = list(oldest_first)
        if self._orders.obey(entries):
            self._ordered()
        if self._burn_alerts.obey(entries):
            self._alerted()

    async def catch_up(self) -> None:
        """Read what was written since."""
        after = self._last
        events = await self._journal_writer.store_thread.ask(lambda store: store.events(JOURNAL, after=after))
        # Meanwhile this session may have written, and read, some of these.
        fresh = [event for event in events or () if event.seq > self._last]
        if fresh:
            self._know(fresh[0])
            self._publisher.events_came(fresh)
            self._obey(reversed(fresh))

    async def hear(self, count: int) -> None:
        """The store holds ``count`` events now."""
        if count > self._last:
            await self.catch_up()

    def wrote(self, events: Sequence[Event]) -> bool:
        """This session wrote ``events``, oldest first; whether what came before them is still to be read."""
        if events[0].seq != self._last + 1:
            return True
        self._know(events[-1])
        self._publisher.events_came(tuple(reversed(events)))
        return False

    def tell(self, *entries: Entry) -> None:
        """Write down what a person or this session did; orders are in force at once."""
        self._journal_writer.tell(*entries)
        if self._orders.obey(entries):
            self._ordered()
        self.show_unwritten()

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        """Write down what looking led to."""
        self._journal_writer.find(entries, changed)
        if entries:
            self.show_unwritten()

    def show_unwritten(self) -> None:
        self._publisher.unwritten_are(
            [
                Event(e.occurred_at, e.actor, e.kind, e.subject, e.body, e.supersedes)
                for e in reversed(self._journal_writer.unwritten)
            ]
        )
