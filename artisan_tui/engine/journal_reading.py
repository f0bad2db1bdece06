"""What the journal says that may still be in force, read when a session starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_kinds import kinds_of

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

#: Events of each kind: more than that are not in force at once.
ENOUGH = 500


def read_kinds(store: Store, wanted: Iterable[str], enough: int = ENOUGH) -> tuple[Event, ...]:
    """The latest of the kinds that are ``wanted``, oldest first; ``alert.`` stands for all that begin so.

    Runs in the store's thread.
    """
    found = [event for kind in kinds_of(wanted) for event in store.events(enough, kind=kind)]
    return tuple(sorted(found, key=lambda event: event.seq))
