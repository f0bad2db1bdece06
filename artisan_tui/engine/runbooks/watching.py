"""What screens ask about runbooks: the catalogue, one run with what it does now, and what an attempt printed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.verifications import Verified
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.summary import RunStatistics, RunSummary
    from artisan_tui.engine.runbooks.records import RunRecord
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

NEVER = Verified()
#: Events that are looked through for what a step did.
_LOOKED_THROUGH = 400
#: Bytes of an output that are shown at most.
SHOWN_OUTPUT = 16 * 1024


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A runbook, how its runs went, and whether it was found that it would still work.

    ``targets`` are the places that there are, ``target`` the one that a run has where nobody says another.
    """

    runbook: Runbook
    known: RunStatistics
    targets: tuple[str, ...] = ()
    target: str = ""
    verified: Verified = NEVER

    @property
    def verified_at(self) -> datetime | None:
        """When this definition was last found to work; None where it is not known to."""
        return self.verified.verified_at


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The query for all runbooks in the order of their files. LookupError while they or the runs cannot be read."""

    async def run(self, core: Core) -> tuple[CatalogueEntry, ...]:
        from artisan_tui.domain.runbooks.verifications import Verifications
        from artisan_tui.engine.runbooks.rules import RunRules
        from artisan_tui.engine.runbooks.starting import target_of
        from artisan_tui.engine.runbooks.verifying import states_of
        from artisan_tui.engine.settings import ConfigError

        if core.config is None:
            raise LookupError(_("the configuration cannot be read"))
        rules = core.state(RunRules)
        try:
            found = await asyncio.to_thread(lambda: rules.library.runbooks)
        except ConfigError as error:
            raise LookupError(printable(str(error.problems[0]), 500)) from None
        known = await core.ask(lambda store: _statistics(store, tuple(found)))
        if known is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        verified = states_of(rules, core.state(Verifications), core.clock.now())
        targets = tuple(each.id for each in rules.config.targets)
        return tuple(
            CatalogueEntry(each, known[name], each.targets or targets, target_of(rules, each, ""), verified[name])
            for name, each in found.items()
        )


@dataclass(frozen=True, slots=True)
class RunsBefore:
    """The query for runs, newest first; of one runbook, or of all."""

    runbook: str = ""
    limit: int = 50

    async def run(self, core: Core) -> tuple[RunSummary, ...]:
        found = await core.ask(lambda store: _recent(store, self.runbook, self.limit))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as a screen shows it. ``act`` and ``undo`` are those of the wanted step, "" before it was worked out."""

    record: RunRecord
    step: str = ""
    act: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """The query for a run, with what its step ``step`` did or would do. LookupError where there is none."""

    id: str
    step: str = ""

    async def run(self, core: Core) -> ShownRun:
        from artisan_tui.engine.command import CommandRefused

        def read(store: Store) -> ShownRun | CommandRefused:
            try:
                return self._read(store)
            except CommandRefused as refused:
                return refused  # an error in the store's thread would be trouble of the store's

        found = await core.ask(read)
        if isinstance(found, CommandRefused):
            raise LookupError(str(found))  # noqa: TRY004  # what was asked for is not there
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found

    def _read(self, store: Store) -> ShownRun:
        from artisan_tui.engine.runbooks.records import read_record

        record = read_record(store, self.id)
        run = record.run
        at = run.asked.step if run.asked is not None else "" if run.current is None else run.current.step
        if not self.step or self.step == at:
            return ShownRun(record, at, record.act, record.undo)
        return ShownRun(record, self.step, *_acts(store, self.id, self.step))


@dataclass(frozen=True, slots=True)
class AttemptOutput:
    """The query for the last that an attempt printed, masked; ``name`` as in `InFlight.name`.

    None where the run's folder is not on this machine; "" for an attempt that has no folder yet.
    """

    run_id: str
    name: str
    most: int = SHOWN_OUTPUT

    async def run(self, core: Core) -> str | None:
        return await asyncio.to_thread(self._read, core)

    def _read(self, core: Core) -> str | None:
        from artisan_tui.engine.runbooks.shim.log import tail_of
        from artisan_tui.engine.runbooks.spawner import attempt_folder

        folder = attempt_folder(core.options.place.state_dir, self.run_id, self.name)
        if not folder.is_dir():
            return "" if folder.parent.is_dir() else None
        return printable(tail_of(folder, self.most).decode("utf-8", "replace"), self.most, lines=True)


def _statistics(store: Store, names: tuple[str, ...]) -> Mapping[str, RunStatistics]:
    from artisan_tui.domain.runbooks.summary import run_statistics

    return {name: run_statistics(_recent(store, name, 200)) for name in names}


def _recent(store: Store, runbook: str, limit: int) -> tuple[RunSummary, ...]:
    from artisan_tui.engine.runbooks.journaled import run_store

    return run_store(store).recent(runbook, limit=limit)


def _acts(store: Store, run: str, step: str) -> tuple[str, str]:
    """What was last resolved for a step, and its undo."""
    from artisan_tui.domain.journal_body import BodyError
    from artisan_tui.domain.journal_kinds import read_body
    from artisan_tui.domain.runbooks.events import RunAsked, RunIntended, RunSkipped
    from artisan_tui.engine.runbooks.journaled import run_store
    from artisan_tui.engine.runbooks.planner import shown_act

    for event in run_store(store).events(run, _LOOKED_THROUGH):
        if event.body.get("step") != step:
            continue
        try:
            body = read_body(event)
        except BodyError:
            continue
        if isinstance(body, RunAsked) or (isinstance(body, RunIntended) and body.part == "do"):
            return shown_act(body.act), shown_act(body.undo)
        if isinstance(body, RunSkipped) and body.by == "dry":
            return shown_act(body.reason), ""
    return "", ""
