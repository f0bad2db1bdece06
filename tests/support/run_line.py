"""A run's events without a store: acts and turns are applied to a fold, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.event import GENESIS, Entry, Event, seal
from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.acting import RunActor
from artisan_tui.domain.runbooks.acts import StartRequest
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step, Undo, Verify
from artisan_tui.domain.runbooks.fold import apply
from artisan_tui.domain.runbooks.run import Run

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DO = Action("command", {"run": ("do",)}, ("exit == 0",))
LOOK = Action("command", {"run": ("look",)}, ("exit == 0",))
BACK = Action("command", {"run": ("undo",)}, ("exit == 0",))


def sim_step(name: str, **given: object) -> Step:
    """A step that changes something and has an undo, unless it is told otherwise."""
    given.setdefault("mutates", True)
    given.setdefault("rollback", Undo(BACK))
    return Step(name, name, given.pop("action", DO), **given)  # type: ignore[arg-type]


def sim_book(*steps: Step, **given: object) -> Runbook:
    given.setdefault("resources", ("deploy/api",))
    return Runbook(str(given.pop("id", "example")), "Example", steps, **given)  # type: ignore[arg-type]


def verified() -> Verify:
    return Verify(LOOK)


class RunLine:
    """``events`` oldest first, the runs that they add up to, and the definitions that were journaled."""

    def __init__(self) -> None:
        self.now = NOON
        self.events: list[Event] = []
        self.runs: dict[str, Run] = {}

    def by(self, name: str = "alice", session: str = "s1") -> RunActor:
        return RunActor(name, self.now, session)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def write(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            before = self.events[-1].hash if self.events else GENESIS
            event = seal(entry, len(self.events) + 1, self.now, before)
            self.events.append(event)
            changed = apply(self.runs.get(event.subject), event)
            if changed is not None:
                self.runs[event.subject] = changed

    def start(self, book: Runbook, run_id: str = "RUN-1", **given: object) -> Run:
        by = self.by(str(given.pop("name", "alice")), str(given.pop("session", "s1")))
        holders = given.pop("holders", {})
        severe = given.pop("severe", ())
        request = StartRequest(**given)  # type: ignore[arg-type]
        self.write(acts.start(run_id, book, by, request, holders=holders, severe=severe))  # type: ignore[arg-type]
        return self.runs[run_id]

    @property
    def one(self) -> Run:
        """The run that was started first."""
        return next(iter(self.runs.values()))
