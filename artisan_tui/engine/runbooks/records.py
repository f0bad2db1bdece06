"""Runs as the store has them, for the command line and for reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.summary import RunStatistics, run_statistics
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.offline import with_journal
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from datetime import tzinfo

    from artisan_tui.domain.event import Event
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.domain.runbooks.summary import RunSummary
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

#: Events of one run that a record has.
_MOST = 5000


@dataclass(frozen=True, slots=True)
class RunRecord:
    """``definition`` is the one that the run was started with, at its target; ``events`` oldest first."""

    run: Run
    definition: Runbook | None
    events: tuple[Event, ...]
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The newest first."""

    runs: tuple[RunSummary, ...]
    statistics: RunStatistics
    zone: tzinfo


def run_record(options: GlobalOptions, wanted: str) -> RunRecord:
    """Raises CommandRefused for a run that is not there, ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> RunRecord:
        from artisan_tui.store.runbooks.part import RunbookStore

        runs = store.part(RunbookStore)
        run = runs.get(wanted)
        if run is None:
            raise CommandRefused(_("there is no run {id}").format(id=wanted[:60]))
        definition = runs.definition(run.definition)
        events = tuple(reversed(runs.events(run.id, _MOST)))
        return RunRecord(run, None if definition is None else definition.at(run.target), events, config.zone)

    return with_journal(options, work, read_only=options.read_only)


def run_history(options: GlobalOptions, runbook: str = "", limit: int = 50) -> RunHistory:
    """Raises ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> RunHistory:
        from artisan_tui.store.runbooks.part import RunbookStore

        found = store.part(RunbookStore).recent(runbook, limit=limit)
        return RunHistory(found, run_statistics(found), config.zone)

    return with_journal(options, work, read_only=options.read_only)
