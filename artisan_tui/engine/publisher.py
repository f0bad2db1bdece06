"""Gathers changes and publishes one snapshot for many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from artisan_tui.domain.event import Event
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.snapshot import JOURNAL, JournalSlice, SessionStatus, Snapshot

T = TypeVar("T")

#: Seconds during which changes gather into one snapshot: below what a person notices,
#: and a round of a thousand answers becomes some twenty messages.
GATHER = 0.05
#: Seconds during which figures gather, such as latencies: nobody acts on a quarter of a second of them, and of a
#: thousand checks some change in every twentieth.
FIGURES = 0.25
#: Seconds during which probe results gather that changed nothing shown.
QUIET = 5.0


class Publisher:
    """``publish`` receives each snapshot, on the engine's loop."""

    def __init__(self, clock: Clock, session_status: SessionStatus, publish: Callable[[Snapshot], None]) -> None:
        self._clock, self._publish = clock, publish
        self._slices: dict[type, object] = {SessionStatus: session_status}
        self._makers: dict[type, Callable[[], object]] = {}
        #: Slices to be made again for the next snapshot.
        self._stale: set[type] = set()
        self._journal: tuple[Event, ...] = ()
        self._losses = 0
        self._unwritten: tuple[Event, ...] = ()
        self._due: asyncio.TimerHandle | None = None

    # -- slices -------------------------------------------------------------

    def put(self, value: object) -> None:
        """Publish ``value`` as the slice of its type. An equal one changes nothing."""
        kind = type(value)
        if self._slices.get(kind) != value:
            self._slices[kind] = value
            self._soon(GATHER)

    def offer(self, kind: type[T], make: Callable[[], T]) -> None:
        """Make the slice ``kind`` by ``make`` once per snapshot, instead of once per change."""
        self._makers[kind] = make
        self._stale.add(kind)

    def changed(self, kind: type, *, within: float = GATHER) -> None:
        """An offered slice changed: publish it within so many seconds, with all that changes until then."""
        self._stale.add(kind)
        self._soon(within)

    @property
    def session_status(self) -> SessionStatus:
        found = self._slices[SessionStatus]
        assert isinstance(found, SessionStatus)
        return found

    def update_session(self, **changes: object) -> None:
        self.put(self.session_status._replace(**changes))  # type: ignore[arg-type]  # names are checked by _replace

    # -- the journal --------------------------------------------------------

    def events_came(self, newest_first: Sequence[Event]) -> None:
        self._journal = (*newest_first, *self._journal)[:JOURNAL]
        self._put_journal()

    def events_replaced(self, newest_first: Sequence[Event]) -> None:
        self._journal = tuple(newest_first)[:JOURNAL]
        self._put_journal()

    @property
    def written(self) -> tuple[Event, ...]:
        """The newest events that are shown as written, newest first."""
        return self._journal

    def events_lost(self, newest_first: Sequence[Event]) -> None:
        """The store lost some of what is shown: these are its newest events now."""
        self._losses += 1
        self.events_replaced(newest_first)

    def unwritten_are(self, newest_first: Sequence[Event]) -> None:
        """Events that are not in the store (their ``seq`` is 0) because nothing can be written now."""
        if tuple(newest_first) != self._unwritten:
            self._unwritten = tuple(newest_first)
            self._put_journal()

    def _put_journal(self) -> None:
        self._slices[JournalSlice] = JournalSlice((*self._unwritten, *self._journal)[:JOURNAL], self._losses)
        self._soon(GATHER)

    # -- publishing ---------------------------------------------------------

    def _soon(self, within: float) -> None:
        loop = asyncio.get_running_loop()
        if self._due is not None and self._due.when() > loop.time() + within:
            self._due.cancel()
            self._due = None
        if self._due is None:
            self._due = loop.call_later(within, self.now)

    def now(self) -> None:
        """Publish what there is, without waiting for more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        stale, self._stale = self._stale, set()
        for kind in stale:
            self._slices[kind] = self._makers[kind]()
        self._publish(Snapshot(self._clock.now(), dict(self._slices)))
