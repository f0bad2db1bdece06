"""What a part of the store is, and what the store gives it.

A part owns its tables, its statements, its pruning and its projections. The part of a wing is
``store/<wing>/part.py`` with ``PART = ItsClass``; the store finds it there. Other code reaches it by its
class: ``store.part(CheckStore).samples(...)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy import Connection, Dialect

from artisan_tui.domain.event import Entry, Event
from artisan_tui.store.projection import Projection
from artisan_tui.store.prune import Shelf

#: Writes entries into the journal, and what follows from them into the projections.
Append = Callable[[Connection, Sequence[Entry], datetime], tuple[Event, ...]]


@dataclass(slots=True)
class Transaction:
    """A write transaction: all of it is committed, or nothing. It holds the write lock from its start.

    ``pulse`` is the beat of the lease that it is written with, 0 when it was begun without a fence.
    """

    connection: Connection
    pulse: int
    _append: Append
    _after: list[Callable[[], None]] = field(default_factory=list)
    #: Nothing more is added; whether it is committed is open. What was appended: entries, and the events made of them.
    ended: bool = False
    appended: tuple[list[Entry], list[Event]] = field(default_factory=lambda: ([], []))

    def append(self, entries: Sequence[Entry], at: datetime) -> tuple[Event, ...]:
        """The entries as events of the journal, recorded ``at``; the projections follow in this transaction.

        ValueError or TypeError for a body that is not JSON or a moment without a zone.
        """
        if not entries:
            return ()
        events = self._append(self.connection, entries, at)
        self.appended[0].extend(entries)
        self.appended[1].extend(events)
        return events

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call ``act`` once this is committed, not at all when it is rolled back."""
        self._after.append(act)

    def committed(self) -> None:
        """The store calls this after the commit."""
        for act in self._after:
            act()


class Transactions(Protocol):
    """The store, as a part sees it. ``where`` names the store in errors."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def where(self) -> str: ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one state of the store."""
        ...

    def writing(self, fence: int | None = None, *, quiet: bool = False) -> AbstractContextManager[Transaction]:
        """A transaction that writes. With ``fence`` it is a beat of the lease: LeaseLost when it is not held.

        ``quiet``: other sessions need not hear of it.
        """
        ...


class Part:
    """Base of every part. A public method opens its own transaction, unless it takes one."""

    #: Tables of this part that are rebuilt from events.
    projections: ClassVar[tuple[Projection, ...]] = ()

    def __init__(self, store: Transactions) -> None:
        self._store = store

    def shelves(self, now: datetime) -> Iterable[Shelf]:
        """What this part no longer keeps at ``now``."""
        return ()
