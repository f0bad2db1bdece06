"""The events that states are made from, up to any seq: read once, and not again for every moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.journal_kinds import kinds_of
from artisan_tui.engine.journal_states import ENOUGH

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.store.store import Store

#: News that are read at once; after more than that everything is read again.
_NEWS = 2000


class KnownEvents:
    """The newest events of each kind, as `journal_states.read_in_force` would read them up to a seq."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self._kinds = tuple(kinds_of(kinds))
        #: Oldest first, by kind; and whether there are older ones that were not read.
        self._events: dict[str, list[Event]] = {}
        self._more: dict[str, bool] = {}
        #: The seq and the hash of the newest event that was read.
        self._head, self._hash = 0, ""

    def upto(self, store: Store, seq: int) -> tuple[Event, ...]:
        """Together, oldest first."""
        self._catch_up(store)
        found: list[Event] = []
        for kind in self._kinds:
            held = [event for event in self._events[kind] if event.seq <= seq]
            if self._more[kind] and len(held) < ENOUGH:
                held = list(store.journal.page(ENOUGH, before=seq + 1, kind=kind))
            found += held[-ENOUGH:] if not self._more[kind] else held
        return tuple(sorted(found, key=lambda event: event.seq))

    def _catch_up(self, store: Store) -> None:
        with store.reading() as connection:
            head, digest = store.journal.head(connection)
            if (head, digest) == (self._head, self._hash) and self._events:
                return
            # A standby that was promoted may lack what was read, and may have written other events under the same seqs.
            last = store.journal.one(connection, self._head) if self._events and self._head else None
        if self._head and (last is None or last.hash != self._hash):
            self._events = {}
        news: tuple[Any, ...] = ()
        if self._events:
            # Not what another session wrote since the head was read: it would be read a second time.
            news = store.journal.page(_NEWS, after=self._head, before=head + 1)
        if not self._events or len(news) == _NEWS:
            for kind in self._kinds:
                page = store.journal.page(ENOUGH, kind=kind, before=head + 1)
                self._events[kind], self._more[kind] = list(reversed(page)), len(page) == ENOUGH
        else:
            for event in reversed(news):
                if event.kind in self._events:
                    self._events[event.kind].append(event)
        self._head, self._hash = head, digest
