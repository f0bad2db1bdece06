"""The schedule as it was known at a moment, from the store alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.schedule import Schedule

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.store.store import Store


def schedule_at(store: Store, config: Config, at: datetime) -> Schedule:
    """The rotations of ``config`` with the overrides and swaps that were written down at or before ``at``.

    Runs in the store's thread. Raises StoreError.
    """
    changes = OnCallChanges()
    changes.configure(config.schedule())
    upto = store.journal.count()
    events = store.journal.replay(store.reading, OnCallChanges.KINDS, upto)
    changes.apply(event for event in events if event.recorded_at <= at)
    return changes.schedule
