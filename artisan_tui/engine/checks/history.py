"""What the store remembers: of one check for its plot, and of a stretch of time for whoever asks what happened then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS, CheckSample, RollUp
from artisan_tui.engine.checks.stored import roll_ups_since, samples_between
from artisan_tui.engine.snapshot import STRIP, CheckView

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.core import Engine
    from artisan_tui.store.store import Store

#: Beyond this many seconds raw samples are too many to draw; roll-ups serve.
RAW_UP_TO = 6 * 3600
#: Events of one page, and what may have been written down so much later than it happened.
_PAGE = 500
_LATE = timedelta(days=1)


async def look_back(
    engine: Engine, check_id: str, seconds: float
) -> tuple[tuple[CheckSample, ...], tuple[RollUp, ...]]:
    """(raw samples, roll-ups) of the last ``seconds``, oldest first; what waits to be written is included."""
    since = engine.clock.now() - timedelta(seconds=min(seconds, 90 * 86400))
    waiting = tuple(s for s in engine.journal_writer.waiting if s.check_id == check_id and s.at >= since)
    if seconds <= min(RAW_UP_TO, RAW_KEPT_SECONDS):
        stored = await engine.journal_writer.store_thread.ask(lambda store: samples_between(store, check_id, since))
        known = {s.at for s in stored or ()}
        return (*(stored or ()), *(s for s in waiting if s.at not in known)), ()
    rolled = await engine.journal_writer.store_thread.ask(lambda store: roll_ups_since(store, check_id, since))
    return waiting, rolled or ()


def recent_looks(store: Store, views: Sequence[CheckView], now: datetime) -> dict[str, tuple[CheckSample, ...]]:
    """What the strips showed when an earlier session ended, by check; samples of this session are not in it.

    Runs in the store's thread. Looks older than a strip can hold are not read.
    """
    past = {}
    for view in views:
        since = now - timedelta(seconds=1.5 * STRIP * view.every)
        held = samples_between(store, view.id, since)
        past[view.id] = held[-STRIP:]
    return past


async def happened(engine: Engine, since: datetime, until: datetime) -> tuple[Event, ...]:
    """What the journal says happened in ``[since, until)``, oldest first. Raises LookupError while it cannot be read."""
    found = await engine.journal_writer.store_thread.ask(lambda store: events_between(store, since, until))
    if found is None:
        raise LookupError("the journal cannot be read at the moment")
    return found


def events_between(store: Store, since: datetime, until: datetime) -> tuple[Event, ...]:
    """Oldest first; what was written down up to a day late is found too. Runs in the store's thread.

    The journal is in the order in which it was written, so its beginning is found by halving: twenty reads in a million.
    """
    low, high = 0, store.journal.count()  # everything up to ``low`` was written before ``since``
    while low < high:
        middle = (low + high) // 2
        newest = store.journal.page(1, before=middle + 2)
        if newest and newest[0].recorded_at < since:
            low = middle + 1
        else:
            high = middle
    found: list[Event] = []
    while page := store.journal.page(_PAGE, after=low, before=low + _PAGE + 1):
        found += [event for event in reversed(page) if since <= event.occurred_at < until]
        low = page[0].seq
        if page[0].recorded_at > until + _LATE:
            break
    return tuple(sorted(found, key=lambda event: (event.occurred_at, event.seq)))
