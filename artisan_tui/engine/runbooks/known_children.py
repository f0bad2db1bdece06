"""Child runs as the store has them, and those that it had: a child that had begun is lost without it, and not begun anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from artisan_tui.domain.runbooks.children import child_id
from artisan_tui.domain.runbooks.ports import LOST, NOT_STARTED, RUNNING, Observed, RunClock
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.engine.runbooks.journaled import JournaledRuns

#: Seconds until the store is asked once more for a run that it had and has not: two answers are an answer.
ASKED_AGAIN: Final = 2.0


class KnownChildren:
    """What one session saw of them, and what was left of them on this machine, below ``state``."""

    def __init__(self, runs: JournaledRuns, state: Path, clock: RunClock) -> None:
        self._runs, self._state, self._clock = runs, state, clock
        self._seen: set[str] = set()
        #: Since when the store has not those that it was asked for.
        self._missing: dict[str, datetime] = {}

    def find(self, name: str) -> Run | None:
        child = self._runs.find(name)
        if child is not None:
            self._seen.add(name)
            self._missing.pop(name, None)
        return child

    def without(self, name: str) -> Observed:
        """How the attempt is whose child the store has not."""
        if not self.was_begun(name):
            return Observed(NOT_STARTED)
        now = self._clock.now()
        if (now - self._missing.setdefault(name, now)).total_seconds() < ASKED_AGAIN:
            return Observed(RUNNING, why=f"the store does not have {name} now")
        folder = self.folder_of(name)
        return Observed(LOST, why=f"the database lost {name}: see {folder} for what its steps did")

    def was_begun(self, name: str) -> bool:
        """By what this session saw, by what its steps left on this machine, or by the word of who carried it out."""
        return name in self._seen or self.folder_of(name).is_dir() or self._runs.was_lost(name)

    def begun(self, run: Run, step: str) -> Iterator[tuple[str, Run | None]]:
        """The children that the attempts of a step began, the newest first; None for one that the database lost."""
        for number in range(run.step(step).attempt, 0, -1):
            name = child_id(run, step, number)
            child = self.find(name)
            if child is not None or self.was_begun(name):
                yield name, child

    def folder_of(self, name: str) -> Path:
        """Where the attempts of a run are."""
        return self._state / "runs" / name
