"""A simulated world for the runner: a durable store, attempts that outlive everybody, and faults at every port call.

Everything follows from a seed. `World.trace` is what happened, byte for byte.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.ports import EXITED, LOST, NOT_STARTED, RUNNING, SEALED, ActPlan, Observed, StaleCommit
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from support.run_line import RunLine, sim_book, sim_step

ABC = sim_book(sim_step("a"), sim_step("b"), sim_step("c"))


RUN = "RUN-1"


class Crashed(Exception):
    """The process of the runner is gone."""


class LostAcknowledgement(Exception):
    """It was done, and whoever asked for it does not get to know."""


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass
class Process:
    """An attempt in the world. ``applied``: its effect has happened."""

    step: str
    part: str
    number: int
    left: int
    outcome: str
    applied: bool = False
    state: str = RUNNING
    verdict: str = ""


@dataclass
class World:
    """``effects`` are (step, +1 or -1) in the order in which they happened."""

    seed: int
    book: Runbook
    faults: float = 0.06
    rng: random.Random = field(init=False)
    line: RunLine = field(default_factory=RunLine)
    processes: dict[str, Process] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)
    effects: list[tuple[str, int]] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    sessions: int = 1
    quiet: bool = False
    intrude: Callable[[], None] = lambda: None
    #: What a planted bug changes.
    exclusive: bool = True
    durable: bool = True
    checked: bool = True
    #: Outcomes of attempts by name, instead of random ones; "lost" loses the process.
    script: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    @property
    def run(self) -> Run:
        return self.line.runs[RUN]

    def say(self, text: str) -> None:
        self.trace.append(text)

    def fault(self, where: str) -> str:
        """The fault at this port call: "" mostly."""
        if self.quiet or self.rng.random() > self.faults:
            return ""
        found = self.rng.choice(("crash", "crash-after", "lost", "intrude"))
        self.say(f"fault {found} at {where}")
        return found

    def through(self, where: str, work: Callable[[], object]) -> object:
        """A port call with its fault."""
        fault = self.fault(where)
        if fault == "crash":
            raise Crashed
        if fault == "intrude":
            self.intrude()
        result = work()
        if fault == "crash-after":
            raise Crashed
        if fault == "lost":
            raise LostAcknowledgement
        return result

    def tick(self) -> None:
        """Time passes: processes go on, and now and then a machine loses one."""
        self.line.later(1)
        for name, each in sorted(self.processes.items()):
            if each.state != RUNNING:
                continue
            each.left -= 1
            if not self.quiet and self.rng.random() < 0.02:
                if self.rng.random() < 0.5:
                    self.apply(each)
                each.state = LOST
                self.say(f"lost {name}")
            elif each.left <= 0 and each.outcome == "lost":
                each.state = LOST
            elif each.left <= 0:
                if each.outcome in ("ok", "timed_out") or self.rng.random() < 0.5:
                    self.apply(each)
                each.state = EXITED
                self.say(f"exited {name} {each.outcome}")

    def apply(self, process: Process) -> None:
        if process.applied:
            return
        process.applied = True
        if process.part == "do":
            self.effects.append((process.step, 1))
        elif process.part == "undo":
            self.effects.append((process.step, -1))

    def there(self, step: str) -> bool:
        """Whether the effect of a step is there; an undo of what is not there changes nothing."""
        state = False
        for name, sign in self.effects:
            if name == step:
                state = sign > 0
        return state


class SimStore:
    def __init__(self, world: World) -> None:
        self.world = world

    def load(self, run: str) -> Run:
        self.world.through("load", lambda: None)
        return self.world.line.runs[run]

    def definition(self, digest: str) -> Runbook:
        return self.world.book

    def intent(self, run: str, seq: int) -> RunIntended:
        body = read_body(self.world.line.events[seq - 1])
        assert isinstance(body, RunIntended)
        return body

    def commit(self, run: Run, entries: Sequence[Entry]) -> None:
        world = self.world

        def work() -> None:
            stored = world.line.runs[run.id]
            if world.checked and (stored.version, stored.fence) != (run.version, run.fence):
                world.say("stale")
                raise StaleCommit
            world.line.write(entries)
            for each in entries:
                world.say(f"commit {each.kind} {sorted(each.body.items())!r}"[:160])

        world.through("commit", work)


class SimPlanner:
    def __init__(self, world: World) -> None:
        self.world = world

    def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan:
        self.world.through("plan", lambda: None)
        defined = definition.step(step)
        undo = f"undo {step}" if defined is not None and defined.rollback is not None else ""
        return ActPlan(f"{part} {step}", undo, "before", f"binding of {step}")


class SimSpawner:
    def __init__(self, world: World) -> None:
        self.world = world

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        world = self.world

        def work() -> None:
            name = attempt.name
            if world.exclusive and (name in world.processes or name in world.sealed):
                world.say(f"refused {name}")
                return
            world.say(f"spawn {name}")
            check_intent(world, attempt)
            if name in world.processes:
                raise Broken(f"{name} is started twice")
            outcome = world.rng.choice(("ok", "ok", "ok", "ok", "failed", "timed_out"))
            if world.quiet:
                outcome = "ok"
            outcome = world.script.get(name, outcome)
            if attempt.part == "undo" and name not in world.script:
                outcome = "ok" if outcome == "timed_out" else outcome
            verdict = ""
            if attempt.part == "evidence":
                wanted = run.unknown is None or run.unknown.part == "do"
                happened = world.there(attempt.step) == wanted
                verdict = world.rng.choice(("happened" if happened else "absent", "unsure"))
            world.processes[name] = Process(
                attempt.step, attempt.part, attempt.number, world.rng.randint(1, 3), outcome, verdict=verdict
            )

        world.through("spawn", work)

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        world = self.world
        world.through("observe", lambda: None)
        process = world.processes.get(attempt.name)
        if process is None:
            return Observed(SEALED if attempt.name in world.sealed else NOT_STARTED)
        if process.state != EXITED:
            return Observed(process.state, why="the machine was restarted")
        code = 0 if process.outcome == "ok" else 1
        verdict = world.script.get("evidence", process.verdict) if process.part == "evidence" else ""
        outcome = "ok" if process.part == "evidence" else process.outcome
        return Observed(EXITED, outcome, code, verdict=verdict)

    def seal(self, run: Run, attempt: InFlight) -> Observed:
        world = self.world

        def work() -> None:
            if attempt.name not in world.processes:
                world.sealed.add(attempt.name)
                world.say(f"seal {attempt.name}")

        world.through("seal", work)
        return Observed(SEALED) if attempt.name in world.sealed else self.observe(run, attempt)

    def terminate(self, run: Run, attempt: InFlight) -> None:
        process = self.world.processes.get(attempt.name)
        if process is not None and process.state == RUNNING:
            process.left, process.outcome = 0, "cancelled"

    kill = terminate


class SimClock:
    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        return self.world.line.now


MakeRunner = Callable[[RunnerPorts, str], Runner]


def check_intent(world: World, attempt: InFlight) -> None:
    """Raise Broken when an attempt would start whose intent is not committed."""
    wanted = (attempt.step, attempt.part, attempt.number)
    for event in reversed(world.line.events):
        body = event.body
        if event.kind == RunIntended.KIND and (body["step"], body["part"], body["number"]) == wanted:
            return
    raise Broken(f"{attempt.name} is started without an intent")
