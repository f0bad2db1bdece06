"""What the engine reads and writes of checks in the store. Every function runs in the store's thread.

`CheckStore` is imported when it is first used: it brings SQLModel, a third of a second, and the store has it by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.events import CheckStateChanged
from artisan_tui.domain.checks.heartbeat import Heartbeat
from artisan_tui.domain.checks.sample import CheckHour, CheckSample, CheckStatus, RollUp
from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.shown import ShownPiece
from artisan_tui.domain.state import State

if TYPE_CHECKING:
    from artisan_tui.store.checks.part import CheckStore
    from artisan_tui.store.store import Store


def samples_between(
    store: Store, check_id: str, since: datetime, until: datetime | None = None
) -> tuple[CheckSample, ...]:
    """Raw samples with ``since`` <= at < ``until``, oldest first."""
    return _checks(store).samples(check_id, since, until)


def roll_ups_since(store: Store, check_id: str, since: datetime) -> tuple[RollUp, ...]:
    """Roll-ups from the one that ``since`` falls in, oldest first."""
    return _checks(store).roll_ups(check_id, since)


def hours_since(store: Store, check_ids: Sequence[str], since: datetime) -> Mapping[str, Sequence[CheckHour]]:
    """Hours of each of these checks that began at ``since`` or later, oldest first."""
    return _checks(store).hours(check_ids, since)


def statuses_after(store: Store, beat: int) -> tuple[CheckStatus, ...]:
    """The statuses written with a later beat of the lease than ``beat``."""
    return _checks(store).statuses(beat)


def states_told(store: Store, check_ids: Sequence[str]) -> Mapping[str, State | None]:
    """The state that the journal knows of each of these checks, None for none. Statuses may be newer than the journal."""
    found = {}
    for check_id in check_ids:
        event = next(iter(store.journal.page(1, kind=CheckStateChanged.KIND, subject=check_id)), None)
        told = None if event is None else event.body.get("to")
        found[check_id] = State(told) if isinstance(told, str) and told in set(State) else None
    return found


def record(
    store: Store,
    samples: Sequence[CheckSample],
    statuses: Sequence[CheckStatus],
    fence: int,
    shown: Sequence[ShownPiece] = (),
) -> bool:
    """Samples, statuses and what was shown, and a beat of the lease; True, because None says that nothing was written."""
    from artisan_tui.store.shown import ShownStore  # heavy

    pieces = store.part(ShownStore)
    _checks(store).record(samples, statuses, fence=fence, also=lambda transaction: pieces.put(transaction, shown))
    return True


def append(
    store: Store, entries: Sequence[Entry], statuses: Sequence[CheckStatus], at: datetime, fence: int
) -> tuple[Event, ...]:
    """Entries and the statuses that belong to them, in one transaction: a kill after it costs no event."""
    with store.writing(fence) as transaction:
        events = transaction.append(entries, at)
        _checks(store).put_statuses(transaction, statuses)
    return events


def heartbeats(store: Store) -> Mapping[str, Heartbeat]:
    """The last call of every heartbeat check, by check id."""
    return _checks(store).heartbeats()


def put_heartbeats(store: Store, beats: Mapping[str, Heartbeat]) -> bool:
    """Remember these calls; True, because None says that nothing was written."""
    _checks(store).put_heartbeats(beats)
    return True


def _checks(store: Store) -> CheckStore:
    from artisan_tui.store.checks.part import CheckStore  # heavy

    return store.part(CheckStore)
