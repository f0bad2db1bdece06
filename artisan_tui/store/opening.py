"""What was last known, read fast enough for the first frame: without SQLModel, in one read-only transaction.

The one reader beside `Store`. It knows the tables by the names in `rows` and `checks.rows`, and gives up
on anything unexpected: `Store.open` comes a moment later and says what is wrong.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from urllib.parse import quote

from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import Lease
from artisan_tui.store.checks.rows import STATUS, status_of
from artisan_tui.store.errors import StoreError
from artisan_tui.store.files import inspect
from artisan_tui.store.place import StorePlace
from artisan_tui.store.rows import EVENT, LEADER, LEASE, event_of, lease_of

_STATUSES = (
    f"SELECT r.check_id, {', '.join('s.' + name for name in STATUS)} "
    "FROM check_state s JOIN check_ref r ON r.id = s.check_ref ORDER BY r.check_id"
)
_LEASE = f"SELECT {', '.join(LEASE)} FROM lease WHERE name = '{LEADER}'"
_EVENTS = f"SELECT {', '.join(EVENT)} FROM event ORDER BY seq DESC LIMIT ?"
#: Seconds to wait for a lock: the first frame does not wait for anybody's backup.
_PATIENCE = 0.05


@dataclass(frozen=True, slots=True)
class Opening:
    """``check_statuses`` by check id, ``events`` newest first, and who probes."""

    check_statuses: tuple[CheckStatus, ...]
    events: tuple[Event, ...]
    lease: Lease


def last_known(place: StorePlace, limit: int = 200) -> Opening | None:
    """What the store held when it was last written, with its latest ``limit`` events.

    None if there is no store, it is not SQLite, or it cannot be read. Never raises for a bad store.
    """
    path = place.sqlite_path
    if path is None:
        return None
    try:
        inspect(path)  # first: it knows a file server that may not answer by its name
        if not path.exists():
            return None
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with contextlib.closing(
            sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        ) as database:
            database.execute("BEGIN")
            check_statuses = tuple(status_of(row) for row in database.execute(_STATUSES))
            events = tuple(event_of(row) for row in database.execute(_EVENTS, (limit,)))
            lease = lease_of(database.execute(_LEASE).fetchone())
    except (StoreError, sqlite3.Error, OSError, ValueError, TypeError, OverflowError):
        return None
    return Opening(check_statuses, events, lease)
