"""Runs as documents need them: read from the store, with a running session or without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.acts_undo import preview
from artisan_tui.domain.runbooks.children import innermost
from artisan_tui.domain.runbooks.clocks import DueClock, run_clocks
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunAsked, RunIntended
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.runbooks.summary import RunStatistics, RunSummary, run_statistics
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.owner import owner_gone, owner_label

if TYPE_CHECKING:
    from datetime import tzinfo

    from artisan_tui.domain.event import Event
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")
#: Events of one run that an export has.
_MOST_EVENTS = 5000


@dataclass(frozen=True, slots=True)
class UndoLine:
    """An undo of a preview: its step, and the act as text, "" where a person has to do it. ``state`` is how it is."""

    step: str
    act: str
    state: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. ``definition`` is what it began with, at its target. ``act`` and ``undo`` are what is asked about, or
    what runs, as text; ``undos`` what a rollback would do, in that order. ``owner`` is who carries it out.
    """

    run: Run
    definition: Runbook
    kinds: dict[str, str]
    act: str = ""
    undo: str = ""
    undos: tuple[UndoLine, ...] = ()
    owner: str = ""
    orphaned: bool = False
    #: The run within it that is at work or waited for, the innermost; None where it does its own acts.
    child: RunRecord | None = None
    #: By when something has to be reached, counted from the incident's beginning.
    clocks: tuple[DueClock, ...] = ()


def read_record(store: Store, wanted: str) -> RunRecord:
    """Raises CommandRefused for a run that is not there."""
    from artisan_tui.engine.incidents.transaction import incident_store
    from artisan_tui.engine.runbooks.planner import shown_act

    runs = run_store(store)
    run = runs.get(wanted)
    if run is None:
        raise CommandRefused(f"there is no run {printable(wanted, 60)}")
    found = runs.definition(run.definition)
    definition = Runbook(run.runbook, run.title, ()) if found is None else found.at(run.target)
    act, undo = _at_work(store, run)
    steps = [run.step(name) for name in _undo_order(run, definition)]
    # One query: a long run has hundreds, and a screen reads this at every change.
    intents = runs.intents(run.id, (step.undo_seq for step in steps if step.undo_seq))
    undos = tuple(UndoLine(step.id, _undo_text(intents.get(step.undo_seq)), step.undo_state) for step in steps)
    kinds = {step.id: step.kind for step in definition.steps}
    label, gone = owner_label(run.owner), owner_gone(run.owner)
    inner = innermost(run, runs.get)
    child = None if inner is run else read_record(store, inner.id)
    incident = incident_store(store).get(run.incident) if run.incident and definition.clocks else None
    clocks = run_clocks(definition, run, incident)
    return RunRecord(run, definition, kinds, shown_act(act), shown_act(undo), undos, label, gone, child, clocks)


def _at_work(store: Store, run: Run) -> tuple[str, str]:
    """The act and the undo of what is asked about, else of what runs."""
    from artisan_tui.domain.journal_body import BodyError
    from artisan_tui.domain.journal_kinds import read_body

    at = run.current or run.unknown
    seq = run.asked.seq if run.asked is not None else at.seq if at is not None else 0
    events = store.journal.page(1, before=seq + 1, after=seq - 1, subject=run.id) if seq else ()
    for event in events:
        try:
            body = read_body(event)
        except BodyError:
            continue
        if isinstance(body, RunAsked | RunIntended):
            return body.act, body.undo
    return "", ""


def _undo_order(run: Run, definition: Runbook) -> tuple[str, ...]:
    if run.undo:
        return run.undo
    try:
        return preview(run, definition)
    except RunRefused:
        return ()


def _undo_text(intent: RunIntended | None) -> str:
    from artisan_tui.engine.runbooks.planner import shown_act

    return "" if intent is None or not intent.undo else shown_act(intent.undo)


@dataclass(frozen=True, slots=True)
class RunHistory:
    """Runs newest first, and how the runbook fares where one was asked for."""

    at: datetime
    runs: tuple[RunSummary, ...]
    statistics: RunStatistics | None = None


@dataclass(frozen=True, slots=True)
class RunExport:
    """``definition`` is the one that the run was started with, at its target; ``events`` oldest first."""

    run: Run
    definition: Runbook | None
    events: tuple[Event, ...]
    zone: tzinfo


def exported_run(options: GlobalOptions, wanted: str) -> RunExport:
    """Raises CommandRefused for a run that is not there, ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> RunExport:
        runs = run_store(store)
        run = runs.get(wanted)
        if run is None:
            raise CommandRefused(f"there is no run {printable(wanted, 60)}")
        found = runs.definition(run.definition)
        events = tuple(reversed(runs.events(run.id, _MOST_EVENTS)))
        return RunExport(run, None if found is None else found.at(run.target), events, config.zone)

    return with_journal(options, work, read_only=options.read_only)


def run_record(options: GlobalOptions, wanted: str) -> RunRecord:
    """Raises CommandRefused, ConfigError and StoreError."""
    return _read(options, lambda present, store: read_record(store, wanted))


def run_events(options: GlobalOptions, wanted: str, limit: int) -> tuple[Event, ...]:
    """The events of a run, oldest first."""
    return _read(options, lambda present, store: tuple(reversed(run_store(store).events(wanted, limit))))


def run_history(options: GlobalOptions, runbook: str, limit: int) -> RunHistory:
    """Raises ConfigError and StoreError."""

    def read(present: Present, store: Store) -> RunHistory:
        runs = run_store(store).recent(runbook, limit=max(limit, 200) if runbook else limit)
        return RunHistory(present.now, runs[:limit], run_statistics(runs) if runbook else None)

    return _read(options, read)


def active_runs(options: GlobalOptions) -> tuple[RunRecord, ...]:
    """Runs that are not over, the newest change first."""
    return _read(
        options, lambda present, store: tuple(read_record(store, each.id) for each in run_store(store).active())
    )


def run_ids(options: GlobalOptions, beginning: str) -> tuple[str, ...]:
    """For the completion of a shell. Raises ConfigError and StoreError."""
    return _read(options, lambda present, store: run_store(store).ids(beginning))


def _read(options: GlobalOptions, read: Callable[[Present, Store], T]) -> T:
    def work(present: Present, config: Config, store: Store) -> T:
        return read(present, store)

    return with_journal(options, work, read_only=options.read_only)
