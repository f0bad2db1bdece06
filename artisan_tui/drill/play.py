"""A play of a scenario: the stack, what happens to it by itself, what people do, and the lines of all that.

There is no clock. A play is at a tick; acts come at that tick and take effect from the next one. The same scenario,
seed and acts give the same lines, whoever reads the stack in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from artisan_tui.domain.drills import record
from artisan_tui.domain.drills.record import PlayLine
from artisan_tui.domain.drills.scenario import Criterion, DrillObjective, Inject, PlannedAct, Scenario
from artisan_tui.domain.drills.vocabulary import OPERATIONS, Argument
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.model.outcome import Outcome, refused
from artisan_tui.drill.model.releases import Release
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.world import World
from artisan_tui.drill.stack import SimulatedStack

#: The world is held against bounds every so many seconds.
EVERY: Final = 5
#: The measures that a player has on screen at a decision, besides those of the objectives.
HEADLINES: Final = ("api.p95", "api.error_ratio", "queue.length", "cache.hit_ratio", "database.connections")
_ALWAYS: Final = "Watchdog"


def settings_of(scenario: Scenario) -> WorldSettings:
    """The settings of the scenario's stack."""
    chosen = {name: getattr(scenario.world, name) for name in WorldSettings.__dataclass_fields__ if name != "breaker"}
    return WorldSettings(**{name: value for name, value in chosen.items() if value is not None})


def prepare(world: World, scenario: Scenario) -> None:
    """Tell a new world the versions that the scenario brings along."""
    for each in scenario.world.releases:
        world.releases.known[each.version] = Release(
            each.errors, each.slow, each.parse_failures, each.workflow_failures, each.needs
        )


def operate(world: World, do: str, arguments: Mapping[str, Argument]) -> Outcome:
    """Carry out an operation by its name. A wrong argument is refused, as the stack refuses it."""
    if do not in OPERATIONS:
        return refused(f"no operation {do}")
    try:
        return getattr(world.operate, do)(**arguments)  # type: ignore[no-any-return]
    except TypeError as error:
        return refused(f"{do}: {str(error).rpartition('.')[2]}")


def happen(world: World, scenario: Scenario) -> list[tuple[str, str]]:
    """Let everything of the scenario happen that happens by itself at this tick: (kind of line, name)."""
    done = []
    for index, each in enumerate(scenario.faults):
        if each.at == world.tick:
            if each.fault:
                world.break_fault(each.fault, each.ramp, each.level)
            else:
                operate(world, each.do, each.arguments)
            done.append((record.FAULT, each.fault or f"{each.do}-{index}"))
        if each.ends == world.tick:
            world.mend_fault(each.fault)
    for herring in scenario.red_herrings:
        if herring.at == world.tick:
            if herring.fault:
                world.break_fault(herring.fault)
            done.append((record.HERRING, herring.id))
    return done


def bad_requests(scenario: Scenario, acts: Iterable[PlannedAct], seed: int) -> int:
    """The requests that fail until the end, as `Play` counts them, without anything that is only looked at."""
    world = World(seed, settings=settings_of(scenario))
    prepare(world, scenario)
    waiting = _by_tick(each for each in acts if each.mutates)
    stops = sorted({*waiting, *_stops(scenario), scenario.ends})
    for tick in stops:
        world.advance_to(tick)
        if tick < scenario.ends:
            happen(world, scenario)
            for each in waiting.get(tick, ()):
                operate(world, each.do, each.arguments)
    return world.counters.bad


def _stops(scenario: Scenario) -> set[int]:
    ticks = {each.at for each in scenario.faults} | {each.at for each in scenario.red_herrings}
    return {each for each in ticks | {f.ends for f in scenario.faults if f.ends is not None} if each < scenario.ends}


def _by_tick(acts: Iterable[PlannedAct]) -> dict[int, list[PlannedAct]]:
    found: dict[int, list[PlannedAct]] = {}
    for each in acts:
        found.setdefault(each.at, []).append(each)
    return found


class Play:
    """A play that goes on as far as `advance_to` says. ``lines`` are what happened so far."""

    def __init__(self, scenario: Scenario, seed: int, stack: SimulatedStack | None = None) -> None:
        self.scenario = scenario
        self.stack = stack or SimulatedStack(seed, settings=settings_of(scenario))
        self.world = self.stack.world
        if stack is None:
            self.world.observer = None  # nobody reads histograms
        prepare(self.world, scenario)
        self.lines: list[PlayLine] = []
        self._alerts = AlertRules(self.stack)
        self._firing: tuple[str, ...] = ()
        self._due: dict[str, int] = {each.id: each.at for each in scenario.injects if each.at is not None}
        self._arrived: dict[str, Inject] = {}
        self._hinted: set[int] = set()
        criteria = [each.reach for each in scenario.objectives] + [each.when for each in scenario.injects]
        self._wanted = frozenset(each.measure for one in criteria for each in one)
        self._states = [_ObjectiveState(each) for each in scenario.objectives if each.reach]
        self._begin()

    @property
    def tick(self) -> int:
        """The present tick."""
        return self.world.tick

    @property
    def over(self) -> bool:
        """Whether the end of the scenario is reached."""
        return self.tick >= self.scenario.ends

    def advance_to(self, tick: int) -> None:
        """Let time pass until ``tick``, or until the end."""
        while self.tick < min(tick, self.scenario.ends):
            self.stack.advance(self.stack.started + self.tick + 1)
            self._observe()
            self._begin()

    def play(self, acts: Sequence[PlannedAct]) -> None:
        """Carry out acts at their ticks, and go on to the end. Those of the past come at once."""
        for each in sorted(acts, key=lambda act: act.at):
            self.advance_to(each.at)
            if not self.over:
                self.act(each)
        self.advance_to(self.scenario.ends)

    def act(self, act: PlannedAct) -> PlayLine:
        """Carry out an act at the present tick."""
        # What was on screen is what was seen before the act.
        screen = self._screen()
        outcome = self._carry_out(act)
        data: dict[str, Any] = {
            "arguments": dict(act.arguments),
            "ok": outcome.ok,
            "output": outcome.output,
            "screen": screen,
        }
        if act.runbook:
            data["runbook"] = act.runbook
        line = self._say(record.ACT, act.do, data)
        for each in self.scenario.injects:
            if each.on == act.do:
                self._due.setdefault(each.id, self.tick + each.after)
        return line

    def _carry_out(self, act: PlannedAct) -> Outcome:
        if act.mutates:
            return operate(self.world, act.do, act.arguments)
        if act.do == "answer" and act.arguments.get("inject") not in self._arrived:
            return refused("nothing of this name has arrived")
        if act.do == "hint":
            return self._hint(str(act.arguments.get("objective", "")))
        return Outcome(True, "")

    def _hint(self, objective: str) -> Outcome:
        for index, each in enumerate(self.scenario.hints):
            if index not in self._hinted and objective in ("", each.objective):
                self._hinted.add(index)
                return Outcome(True, each.text)
        return refused("there are no further hints")

    # -- a second

    def _begin(self) -> None:
        """What comes at the beginning of a second."""
        if self.over:
            self._say(record.ENDED, self.scenario.id)
            return
        for kind, name in happen(self.world, self.scenario):
            self._say(kind, name)
        for each in self.scenario.injects:
            if self._due.get(each.id, self.tick + 1) <= self.tick and each.id not in self._arrived:
                self._arrived[each.id] = each
                self._say(record.INJECT, each.id)

    def _observe(self) -> None:
        """What can be seen at the end of a second."""
        firing = tuple(each.rule.name for each in self._alerts.active() if each.firing and each.rule.name != _ALWAYS)
        if firing != self._firing:
            for name in firing:
                if name not in self._firing:
                    self._say(record.ALERT, name)
            for name in self._firing:
                if name not in firing:
                    self._say(record.ALERT_OVER, name)
            self._firing = firing
        if self.tick % EVERY == 0 and self.tick > self.scenario.onset:
            self._hold_against_bounds()

    def _hold_against_bounds(self) -> None:
        waiting = [each for each in self.scenario.injects if each.when and each.id not in self._due]
        if not self._states and not waiting:
            return
        measures = self.world.measures(self._wanted)
        for each in waiting:
            if _all_hold(each.when, measures):
                self._due[each.id] = self.tick + each.after
        for state in self._states:
            kind = state.see(_all_hold(state.objective.reach, measures), self.tick)
            if kind:
                self._say(kind, state.objective.id, {"since": state.since})

    def _screen(self) -> dict[str, Any]:
        """What a player sees now: alerts, and the measures that matter."""
        wanted = [each.measure for objective in self.scenario.objectives for each in objective.reach]
        shown = dict.fromkeys((*HEADLINES, *wanted))
        measures = self.world.measures(shown)
        return {"alerts": list(self._firing), "measures": {name: rounded(measures[name]) for name in shown}}

    def _say(self, kind: str, name: str, data: Mapping[str, Any] | None = None) -> PlayLine:
        line = PlayLine(len(self.lines) + 1, self.tick, kind, name, dict(data or {}))
        self.lines.append(line)
        return line


class _ObjectiveState:
    """Whether the world is where an objective wants it. ``since`` is when the last change began."""

    def __init__(self, objective: DrillObjective) -> None:
        self.objective = objective
        self.met = False
        self.since = 0
        self._other: int | None = None  # since when the opposite of `met` is seen

    def see(self, holds: bool, tick: int) -> str:
        """The kind of the line to write, or nothing."""
        if holds == self.met:
            self._other = None
            return ""
        if self._other is None:
            self._other = tick
        if tick - self._other < self.objective.hold:
            return ""
        self.met, self.since, self._other = holds, self._other, None
        return record.MET if holds else record.LOST


def _all_hold(criteria: Iterable[Criterion], measures: Mapping[str, float]) -> bool:
    return all(each.holds(measures) for each in criteria)


def rounded(value: float) -> float:
    """A measure as it is written down: four digits are what a screen shows, and the same on every machine."""
    return float(f"{value:.4g}")
