"""What the runner needs from outside, as protocols: clock, store, planner and spawner. A test drives it with its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.run import InFlight, Run

#: How an attempt is seen. ``sealed``: it was not started, and never will be.
NOT_STARTED, RUNNING, EXITED, LOST, SEALED = ATTEMPT_STATES = ("not_started", "running", "exited", "lost", "sealed")
OUTCOMES: Final = ("ok", "failed", "timed_out", "cancelled", "unknown")


@dataclass(frozen=True, slots=True)
class Observed:
    """How an attempt is, as its folder says. The rest is known once it has exited.

    ``outcome`` is one of `OUTCOMES`; "unknown" for an act that ended without telling whether it happened.
    ``verdict`` of an evidence is happened, absent or unsure. ``captures`` are JSON texts by name.
    """

    state: str
    outcome: str = ""
    exit: int | None = None
    why: str = ""
    survivors: int = 0
    captures: Mapping[str, str] = field(default_factory=dict)
    tail: str = ""
    log: str = ""
    log_bytes: int = 0
    verdict: str = ""
    #: Seconds that it took by its own record.
    lasted: float | None = None
    #: The run that is waited for, where the attempt is a child run.
    child: str = ""
    #: How often that run was told to end.
    aborting: int = 0


@dataclass(frozen=True, slots=True)
class ActPlan:
    """What an act would be now: resolved, with secrets as references.

    ``skip``: its condition is not met. ``refused``: why it cannot be, "" when it can. ``binding`` is the digest of all
    that a person agrees to: the act, its place, its parameters, the content of its files.
    """

    act: str = ""
    undo: str = ""
    before: str = ""
    binding: str = ""
    skip: bool = False
    refused: str = ""


class StaleCommit(Exception):
    """The run changed, or another session carries it out: nothing was written."""


class RunStore(Protocol):
    """Runs and their events. ``commit`` writes all entries or none, if the run is at this version and has this fence."""

    def load(self, run: str) -> Run: ...

    def definition(self, digest: str) -> Runbook: ...

    def intent(self, run: str, seq: int) -> RunIntended: ...

    def commit(self, run: Run, entries: Sequence[Entry]) -> None: ...


class Planner(Protocol):
    """Renders a step and looks at what is there. Reads only."""

    def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan: ...


class Spawner(Protocol):
    """Starts attempts, each at most once, in folders that outlive everybody.

    ``seal`` makes sure that an attempt that was not started never will be. All of them know an attempt by its run and
    its name, and raise nothing for one that is not there.
    """

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None: ...

    def observe(self, run: Run, attempt: InFlight) -> Observed: ...

    def seal(self, run: Run, attempt: InFlight) -> Observed: ...

    def terminate(self, run: Run, attempt: InFlight) -> None: ...

    def kill(self, run: Run, attempt: InFlight) -> None: ...


class RunClock(Protocol):
    def now(self) -> datetime: ...
