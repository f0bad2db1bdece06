"""A play whose injects a facilitator can send early or keep back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from artisan_tui.domain.drills import record as kinds
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import Inject, PlannedAct, Scenario
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.model.outcome import Outcome
from artisan_tui.drill.play import EVERY, Play, bad_requests
from artisan_tui.drill.playing import harms_of
from artisan_tui.drill.stack import SimulatedStack

_NEVER: Final = sys.maxsize


class DrillActRefused(ValueError):
    """What was asked cannot be done in this drill now. The message says why."""


class LivePlay(Play):
    """Acts may come at any tick, and the facilitator's too."""

    def __init__(self, scenario: Scenario, seed: int, stack: SimulatedStack) -> None:
        #: The tick at which a held inject was due, None where that was not known.
        self._held: dict[str, int | None] = {}
        #: What came of the last act, with its values.
        self.outcome = Outcome(True, "")
        #: (tick, what was on screen), every few seconds.
        self.trace: list[tuple[int, Any]] = []
        super().__init__(scenario, seed, stack)

    def _observe(self) -> None:
        super()._observe()
        if self.tick % EVERY == 0:
            self.trace.append((self.tick, self._screen()))

    def _carry_out(self, act: PlannedAct) -> Outcome:
        self.outcome = super()._carry_out(act)
        return self.outcome

    @property
    def alerts(self) -> AlertRules:
        """The alert rules, held against the stack with every tick."""
        return self._alerts

    @property
    def arrived(self) -> Mapping[str, int]:
        """The ticks at which injects arrived, by their ids."""
        return {each.name: each.tick for each in self.lines if each.kind == kinds.INJECT}

    @property
    def answered(self) -> Mapping[str, int]:
        """The ticks at which injects were answered, by their ids."""
        found: dict[str, int] = {}
        for each in self.lines:
            if each.kind == kinds.ACT and each.name == "answer" and each.data["ok"]:
                found.setdefault(str(each.data["arguments"]["inject"]), each.tick)
        return found

    @property
    def held(self) -> frozenset[str]:
        """The injects that are kept back."""
        return frozenset(self._held)

    def due(self, inject: Inject) -> int | None:
        """The tick at which an inject will arrive, None while that is not known or it is held."""
        found = self._due.get(inject.id)
        return None if inject.id in self._held else found

    def check(self, inject_id: str) -> None:
        """Raises DrillActRefused if this inject cannot be sent or held."""
        if self.scenario_inject(inject_id) is None:
            raise DrillActRefused("the scenario has no such inject")
        if inject_id in self._arrived:
            raise DrillActRefused("it has arrived already")

    def scenario_inject(self, inject_id: str) -> Inject | None:
        """The inject of that id."""
        return next((each for each in self.scenario.injects if each.id == inject_id), None)

    def send(self, inject_id: str) -> None:
        """Let an inject arrive now."""
        inject = self.scenario_inject(inject_id)
        if inject is not None and inject_id not in self._arrived:
            self._held.pop(inject_id, None)
            self._due[inject_id] = self.tick
            self._arrived[inject_id] = inject
            self._say(kinds.INJECT, inject_id)

    def hold(self, inject_id: str) -> None:
        """Keep an inject back until `release`."""
        if inject_id not in self._held and inject_id not in self._arrived:
            self._held[inject_id] = self._due.get(inject_id)
            self._due[inject_id] = _NEVER

    def release(self, inject_id: str) -> None:
        """Keep an inject back no longer; one that was due in the meantime arrives with the next second."""
        if inject_id in self._held:
            due = self._held.pop(inject_id)
            if due is None:
                del self._due[inject_id]
            else:
                self._due[inject_id] = due

    @property
    def began(self) -> bool:
        """Whether time has passed."""
        return self.tick > 0

    def finish(self) -> None:
        """End it at the present tick."""
        if not self.finished:
            self._say(kinds.ENDED, self.scenario.id)

    @property
    def finished(self) -> bool:
        """Whether it is over."""
        return bool(self.lines) and self.lines[-1].kind == kinds.ENDED

    def measured(self) -> Mapping[str, Any]:
        """Whether each objective that the world decides is reached now, by id."""
        return {each.objective.id: each.met for each in self._states}


def compared_play(play: LivePlay, seed: int) -> PlayRecord:
    """The whole play, compared with doing nothing and with the reference over the same ticks."""
    scenario, counters = play.scenario, play.world.counters
    short = replace(
        scenario,
        ends=play.tick,
        reference=tuple(each for each in scenario.reference if each.at < play.tick),
    )
    nothing, reference = bad_requests(short, (), seed), bad_requests(short, short.reference, seed)
    return PlayRecord(
        scenario.id,
        scenario.digest,
        seed,
        play.tick,
        tuple(play.lines),
        counters.fresh,
        counters.bad,
        nothing,
        reference,
        harms_of(short, play.lines, seed, counters.bad),
        live=True,
    )
