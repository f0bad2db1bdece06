"""Carrying a run out: one turn of the runner after the other, and how long to wait in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.runbooks.effects import Effect, Finish, Stop, Wait
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from artisan_tui.engine.runbooks.children import AttemptSpawner
from artisan_tui.engine.runbooks.journaled import JournaledRuns
from artisan_tui.engine.runbooks.planner import StepPlanner
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.spawner import FolderSpawner

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.ports import RunClock
    from artisan_tui.domain.runbooks.run import Run

#: Seconds between two looks at a process: at first, and when it has lasted.
_SOON, _LATER = 0.02, 0.25
#: Seconds after a signal before the next look.
_AFTER_SIGNAL: Final = 0.15


def ports_of(
    rules: RunRules, store: JournaledRuns, state: Path, environ: Mapping[str, str], clock: RunClock
) -> RunnerPorts:
    """The runner's ports to the store, to the kinds of steps, and to real processes."""
    planner = StepPlanner(rules, state, environ, store.intent, definition=store.definition)
    spawner = AttemptSpawner(state, environ, store.intent, runs=store, rules=rules, clock=clock)
    return RunnerPorts(store, planner, spawner, clock)


@dataclass(slots=True)
class TurnPace:
    """How long to wait after an effect. ``polls`` counts those of the same process."""

    polls: int = 0

    def after(self, effect: Effect) -> float | None:
        """Seconds until the next turn, None when only a change from outside leads on."""
        match effect:
            case Wait(why):
                if why != "process":
                    return None
                self.polls += 1
                return _SOON if self.polls < 50 else min(_LATER, _SOON * (self.polls - 48))
            case Stop():
                return _AFTER_SIGNAL
            case Finish():
                return None
        self.polls = 0
        return 0.0


class Drive:
    """Runs of one session, carried out through ``ports``."""

    def __init__(self, ports: RunnerPorts, session: str) -> None:
        self.ports, self.session = ports, session
        self._runner = Runner(ports, session)

    def turn(self, run: str) -> Effect:
        """One turn. What changed meanwhile is looked at anew. Raises `journaled.RunsUnavailable`."""
        while True:
            try:
                return self._runner.turn(run)
            except StaleCommit:
                continue

    def until_waiting(
        self,
        run: str,
        between: Callable[[Run], None] = lambda run: None,
        meanwhile: Callable[[Run], None] = lambda run: None,
    ) -> Effect:
        """Turn until somebody else has to do something, or it is over; what it waits for. Blocks.

        ``between`` sees the run after each change, ``meanwhile`` several times a second while an attempt runs.
        """
        pace, version = TurnPace(), -1
        while True:
            effect = self.turn(run)
            now = self.ports.store.load(run)
            if now.version != version:
                version = now.version
                between(now)
            if now.current is not None:
                meanwhile(now)
            if isinstance(effect, Wait) and effect.child:
                inner = self.until_waiting(effect.child, between)
                if isinstance(inner, Wait):
                    return inner  # somebody has to answer the child
                self.clean_up(effect.child)
                continue
            wait = pace.after(effect)
            if wait is None:
                return effect
            if wait:
                time.sleep(wait)

    def clean_up(self, run: str) -> None:
        """After an abort nothing may stay of what its steps had started. Raises `journaled.RunsUnavailable`."""
        found = self.ports.store.load(run)
        if found.abort_presses and isinstance(self.ports.spawner, FolderSpawner):
            self.ports.spawner.end_survivors(found)
