"""Runs as they were after an event of the journal."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from artisan_tui.domain.runbooks.fold import apply
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.store.journal import JournalStore
from artisan_tui.store.model import table
from artisan_tui.store.rows import micros
from artisan_tui.store.runbooks.part import RunRow

_RUN = table(RunRow)
#: How far another clock may be ahead that dated a start.
_AHEAD = timedelta(days=1)


def active_then(connection: Connection, journal: JournalStore, seq: int, at: datetime) -> tuple[Run, ...]:
    """Runs that were not over after event ``seq`` at ``at``, the newest change first."""
    begun = _RUN.c.started_at <= micros(at + _AHEAD)
    query = select(_RUN.c.id).where(begun, or_(_RUN.c.over == 0, _RUN.c.changed > seq))
    found = (run_then(connection, journal, name, seq) for name in connection.execute(query).scalars().all())
    runs = [run for run in found if run is not None and not run.over]
    return tuple(sorted(runs, key=lambda run: run.last_seq, reverse=True))


def run_then(connection: Connection, journal: JournalStore, name: str, seq: int) -> Run | None:
    """What its events up to ``seq`` add up to."""
    run: Run | None = None
    for event in journal.about(connection, name):
        if event.seq > seq:
            break
        run = apply(run, event)
    return run
