"""Runs as they were at an earlier event of the journal."""

from __future__ import annotations

from sqlalchemy import or_, select

from artisan_tui.domain.runbooks.fold import apply
from artisan_tui.domain.runbooks.run import Run, read_run
from artisan_tui.store.model import table
from artisan_tui.store.runbooks.part import RunRow
from artisan_tui.store.store import Store

_RUN = table(RunRow)


def runs_not_over(store: Store, high: int) -> tuple[Run, ...]:
    """The runs that were not over after the event ``high``, the newest first. Runs in the store's thread."""
    column = _RUN.c
    query = select(column.id, column.changed, column.body).where(or_(column.over == 0, column.changed > high))
    found: list[Run] = []
    with store.reading() as connection:
        for name, changed, text in connection.execute(query):
            run: Run | None = None
            if changed <= high:
                run = read_run(text)
            else:
                for event in store.journal.about(connection, name):
                    if event.seq > high:
                        break
                    run = apply(run, event)
            if run is not None and not run.over:
                found.append(run)
    return tuple(sorted(found, key=lambda each: each.last_seq, reverse=True))
