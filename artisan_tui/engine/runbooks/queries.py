"""What screens ask about runs: one run with what it asks and prints, and the past of a runbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.runbooks.records import RunHistory, RunRecord
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunPiece:
    """``output`` is the end of what the act that runs has printed, masked; "" when none runs. ``events`` newest first."""

    record: RunRecord
    output: str = ""
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class OneRun:
    """The query for one run with its newest ``limit`` events. LookupError for one that is not there, or cannot be read."""

    run_id: str
    limit: int = 50
    #: Bytes of output.
    most: int = 16 * 1024

    async def run(self, core: Core) -> RunPiece:
        state = core.options.place.state_dir
        return await _asked(core, lambda store: self._read(store, state))

    def _read(self, store: Store, state: Path) -> RunPiece:
        from artisan_tui.engine.runbooks.attempt import Attempt
        from artisan_tui.engine.runbooks.journaled import run_store
        from artisan_tui.engine.runbooks.records import read_record
        from artisan_tui.engine.runbooks.spawner import attempt_folder

        record = read_record(store, self.run_id)
        at = record.run.current or record.run.unknown
        output = "" if at is None else Attempt(attempt_folder(state, self.run_id, at.name)).output(self.most)
        return RunPiece(record, output, run_store(store).events(self.run_id, self.limit))


@dataclass(frozen=True, slots=True)
class PastRuns:
    """The query for the newest runs, of one runbook with how it fares, or of all. LookupError while nothing can be read."""

    runbook: str = ""
    limit: int = 50

    async def run(self, core: Core) -> RunHistory:
        now = core.clock.now()

        def read(store: Store) -> RunHistory:
            from artisan_tui.domain.runbooks.summary import run_statistics
            from artisan_tui.engine.runbooks.journaled import run_store
            from artisan_tui.engine.runbooks.records import RunHistory

            runs = run_store(store).recent(self.runbook, limit=max(self.limit, 200) if self.runbook else self.limit)
            return RunHistory(now, runs[: self.limit], run_statistics(runs) if self.runbook else None)

        return await _asked(core, read)


async def _asked(core: Core, read: Callable[[Store], T]) -> T:
    from artisan_tui.engine.command import CommandRefused

    refused: list[CommandRefused] = []

    def boxed(store: Store) -> T | None:
        try:
            return read(store)
        except CommandRefused as error:
            refused.append(error)  # no trouble of the store's
            return None

    found = await core.ask(boxed)
    if refused:
        raise LookupError(str(refused[0]))
    if found is None:
        raise LookupError(_("the journal cannot be read at the moment"))
    return found
