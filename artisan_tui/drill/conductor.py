"""Conducts a live drill: real time becomes ticks, and whatever comes from outside is recorded before it takes effect.

After a kill the next process with the same record is at the same tick, stands still until it is told to go on, and
fires nothing twice: what the record holds is carried out again, and not written again.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.vocabulary import PERSON_ACTS, fault_in
from artisan_tui.drill import record as lines
from artisan_tui.drill.actions.ledger import ActLedger
from artisan_tui.drill.before import TimeBefore
from artisan_tui.drill.clock import DrillClock
from artisan_tui.drill.live_play import DrillActRefused, LivePlay
from artisan_tui.drill.model.outcome import Outcome, refused
from artisan_tui.drill.play import settings_of
from artisan_tui.drill.record import RecordFile
from artisan_tui.drill.stack import SimulatedStack

SLOWEST: Final = 1.0
FASTEST: Final = 20.0
# Why a drill stands still.
BY_PERSON: Final = "paused"
NOT_BEGUN: Final = "begins"
REOPENED: Final = "reopened"
REAL_INCIDENT: Final = "real-incident"
NOBODY: Final = "nobody"
REASONS: Final = (BY_PERSON, NOT_BEGUN, REOPENED, REAL_INCIDENT, NOBODY)

#: Of which runbook the operations of the present request are a step, and who does them.
BY: Final[ContextVar[tuple[str, str]]] = ContextVar("by", default=("", ""))


class ConductedStack(SimulatedStack):
    """A stack whose time the conductor makes, whoever reads it."""

    conductor: Conductor | None = None

    def advance(self, now: float) -> None:
        """Simulate the time until ``now``."""
        if self.conductor is None or self.conductor.advancing:
            super().advance(now)
        else:
            self.conductor.advance()


class _RecordedOperations:
    """The operations of the world, each recorded before it is carried out."""

    def __init__(self, conductor: Conductor, operations: object) -> None:
        self._conductor, self._operations = conductor, operations

    def __getattr__(self, name: str) -> Callable[..., Outcome]:
        operation: Callable[..., Outcome] = getattr(self._operations, name)
        if self._conductor.advancing:
            return operation

        def recorded(*given: Any, **named: Any) -> Outcome:
            bound = inspect.signature(operation).bind(*given, **named).arguments
            return self._conductor.operate(name, {key: value for key, value in bound.items() if value is not None})

        return recorded


class _RecordedMarks(dict[str, None]):
    """The marks of steps that were carried out, each recorded."""

    def __init__(self, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._keep = keep

    def __setitem__(self, mark: str, value: None) -> None:
        if mark not in self:
            self._keep(mark)
        super().__setitem__(mark, value)


class Conductor:
    """``record`` is open. The drill stands still until `resume`."""

    def __init__(self, scenario: Scenario, seed: int, record: RecordFile, clock: DrillClock | None = None) -> None:
        self.scenario, self.seed = scenario, seed
        self.removed: list[str] = []
        self.ended = False
        #: Why it stands still, empty while it runs.
        self.why = REOPENED if record.before else NOT_BEGUN
        #: Whether the play itself lets time pass or acts: nothing of that is recorded.
        self.advancing = True
        #: What the metrics show of the time before the drill begins; None where nobody reads them.
        self.before: TimeBefore | None = None
        self._record = record
        self.stack = ConductedStack(seed, settings=settings_of(scenario))
        self.play = LivePlay(scenario, seed, self.stack)
        self.ledger = ActLedger(_RecordedMarks(self._mark))
        self._replay()
        self.clock = clock or DrillClock()
        self.clock.set_to(float(self.tick))
        self.stack.conductor = self
        self.stack.world.operate = _RecordedOperations(self, self.stack.world.operate)  # type: ignore[assignment]
        self.advancing = False

    @property
    def tick(self) -> int:
        """Seconds of the drill so far."""
        return self.play.tick

    def _replay(self) -> None:
        for line in self._record.before:
            self.play.advance_to(line["tick"])
            kind, name, data = line["kind"], line.get("name", ""), line.get("data", {})
            if kind == lines.ACT:
                self._carry_out(name, data)
            elif kind == lines.FACILITATOR:
                self._facilitate(name, data)
            elif kind == lines.MARK:
                self.ledger.marks[name] = None
            elif kind == lines.ENDED:
                self.play.finish()
        self.ended = self.play.finished
        if self.ended:
            self.why = ""

    def _mark(self, mark: str) -> None:
        if not self.advancing:
            self._record.write(self.tick, lines.MARK, mark)

    # -- time

    def advance(self) -> None:
        """Bring the stack to the present."""
        if self.before is not None and self.why == NOT_BEGUN:
            self.before.advance()
        if self.ended or self.advancing or not self.clock.running:
            return
        target = min(math.floor(self.clock.elapsed() + 1e-6), self.scenario.ends)
        if target <= self.tick:
            return
        self._record.write(target, lines.TICK)
        self.advancing = True
        try:
            self.play.advance_to(target)
        finally:
            self.advancing = False
        if self.play.finished:
            self.ended = True
            self.clock.stop()

    def resume(self) -> None:
        """Let time pass. Raises DrillActRefused after the end."""
        self._not_over()
        if self.why:
            self._record.write(self.tick, lines.RESUMED, self.why)
            self.why = ""
            self.clock.run()

    def pause(self, why: str = BY_PERSON) -> None:
        """Let time stand still. Raises DrillActRefused after the end."""
        self.advance()
        self._not_over()
        if self.why != why:
            self._record.write(self.tick, lines.PAUSED, why)
            self.why = why
            self.clock.stop()

    def change_speed(self, speed: float) -> None:
        """From 1 to 20. Raises DrillActRefused."""
        if not SLOWEST <= speed <= FASTEST:
            raise DrillActRefused(f"the speed is a number from {SLOWEST:g} to {FASTEST:g}")
        self.advance()
        self.clock.speed = speed
        if self.clock.running:
            self.clock.run()

    def end(self) -> None:
        """The drill is over; what remains is the debrief."""
        self.advance()
        if not self.ended:
            self._record.write(self.tick, lines.ENDED)
            self.play.finish()
            self.ended, self.why = True, ""
            self.clock.stop()

    def _not_over(self) -> None:
        if self.ended:
            raise DrillActRefused("the drill is over")

    # -- acts

    def operate(self, do: str, arguments: Mapping[str, Any]) -> Outcome:
        """An operation on the stack. A refusal is an outcome."""
        try:
            return self._act(do, arguments, *BY.get())
        except DrillActRefused as error:
            return refused(str(error))

    def act(self, do: str, arguments: Mapping[str, Any], actor: str = "") -> Outcome:
        """What a person does besides operating the stack. Raises DrillActRefused."""
        if do not in PERSON_ACTS:
            raise DrillActRefused(f"there is no such act; there are {', '.join(PERSON_ACTS)}")
        return self._act(do, arguments, "", actor)

    def _act(self, do: str, arguments: Mapping[str, Any], runbook: str, actor: str) -> Outcome:
        self.advance()
        self._not_over()
        if self.why:
            raise DrillActRefused("the drill stands still")
        if actor in self.removed:
            raise DrillActRefused("the facilitator took you out of this drill")
        _key, wrong, mend = fault_in(do, arguments)
        if wrong:
            raise DrillActRefused(f"{wrong}: {mend}")
        if do == "answer" and arguments["inject"] not in self.play.arrived:
            raise DrillActRefused("there is no such message to answer")
        data = {"arguments": dict(arguments)}
        data |= {name: value for name, value in (("runbook", runbook), ("actor", actor)) if value}  # type: ignore[misc]
        self._record.write(self.tick, lines.ACT, do, data)
        return self._carry_out(do, data)

    def _carry_out(self, do: str, data: Mapping[str, Any]) -> Outcome:
        self.advancing, before = True, self.advancing
        try:
            self.play.act(PlannedAct(self.tick, do, data["arguments"], data.get("runbook", "")))
        finally:
            self.advancing = before
        return self.play.outcome

    # -- the facilitator

    def facilitate(self, do: str, data: Mapping[str, Any]) -> None:
        """``inject``, ``hold`` or ``release`` an ``inject``; ``remove`` or ``return`` a ``player``. Raises DrillActRefused."""
        self.advance()
        self._not_over()
        if do in ("inject", "hold", "release"):
            self.play.check(str(data.get("inject", "")))
        elif not str(data.get("player", "")).strip():
            raise DrillActRefused("name the player")
        self._record.write(self.tick, lines.FACILITATOR, do, data)
        self._facilitate(do, data)

    def _facilitate(self, do: str, data: Mapping[str, Any]) -> None:
        if do == "inject":
            self.play.send(data["inject"])
        elif do == "hold":
            self.play.hold(data["inject"])
        elif do == "release":
            self.play.release(data["inject"])
        elif do == "remove" and data["player"] not in self.removed:
            self.removed.append(data["player"])
        elif do == "return" and data["player"] in self.removed:
            self.removed.remove(data["player"])
