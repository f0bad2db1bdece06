"""The journal as this session knows it: what it wrote itself, and what others on the same store did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from artisan_tui.domain.event import Entry, Event
from artisan_tui.engine.budgets.paging import Pages, read_pages
from artisan_tui.engine.keeper import Keeper
from artisan_tui.engine.orders import Orders, read_orders
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.snapshot import JOURNAL


class Chronicle:
    """``ordered`` is called when an order came or ended, ``paged`` when an alert did that another session raised."""

    def __init__(
        self,
        keeper: Keeper,
        publisher: Publisher,
        orders: Orders,
        pages: Pages,
        ordered: Callable[[], None],
        paged: Callable[[], None],
    ) -> None:
        self._keeper, self._publisher = keeper, publisher
        self._orders, self._ordered = orders, ordered
        self._pages, self._paged = pages, paged
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
        self._keeper.vault.known = (newest.seq, newest.hash)

    def restart(self) -> None:
        """The next event is the first of another journal; what is on screen stays."""
        self._last = 0

    async def begin(self) -> None:
        """Once the store is open: the orders in force, the alerts, and what was written since the first look."""
        for read in (read_orders, read_pages):
            self._obey(await self._keeper.vault.ask(read) or ())
        await self.catch_up()
        self.begun.set()

    def _obey(self, oldest_first: Iterable[Entry]) -> None:
        entries = list(oldest_first)
        if self._orders.obey(entries):
            self._ordered()
        if self._pages.obey(entries):
            self._paged()

    async def catch_up(self) -> None:
        """Read what was written since."""
        after = self._last
        events = await self._keeper.vault.ask(lambda store: store.events(JOURNAL, after=after))
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
        self._keeper.tell(*entries)
        if self._orders.obey(entries):
            self._ordered()
        self.show_unwritten()

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        """Write down what looking led to."""
        self._keeper.find(entries, changed)
        if entries:
            self.show_unwritten()

    def show_unwritten(self) -> None:
        self._publisher.unwritten_are(
            [
                Event(e.occurred_at, e.actor, e.kind, e.subject, e.body, e.supersedes)
                for e in reversed(self._keeper.unwritten)
            ]
        )
