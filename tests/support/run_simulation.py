"""A run carried out in the simulated world, with faults, and what must hold of it."""

from __future__ import annotations

import random
from collections.abc import Callable

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import Entries, RunActor, RunRefused
from artisan_tui.domain.runbooks.definition import Runbook, Step, Undo
from artisan_tui.domain.runbooks.effects import Finish, Stop, Wait
from artisan_tui.domain.runbooks.events import RunLost, RunSettled
from artisan_tui.domain.runbooks.fold import fold
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from support.run_line import BACK, sim_book, sim_step, verified
from support.run_world import (
    RUN,
    Broken,
    Crashed,
    LostAcknowledgement,
    MakeRunner,
    SimClock,
    SimPlanner,
    SimSpawner,
    SimStore,
    World,
)


def random_book(rng: random.Random) -> Runbook:
    """Two to four steps, some verified, some idempotent, some that ask."""
    steps: list[Step] = []
    for number in range(rng.randint(2, 4)):
        idempotent = rng.random() < 0.3
        steps.append(
            sim_step(
                f"s{number}",
                idempotent=idempotent,
                retries=1 if idempotent else 0,
                confirm=rng.choice(("none", "none", "ask")),
                verify=verified() if rng.random() < 0.4 else None,
                rollback=Undo(BACK, verified() if rng.random() < 0.5 else None),
            )
        )
    return sim_book(*steps)


def simulate(
    seed: int,
    make: MakeRunner = Runner,
    prepare: Callable[[World], None] = lambda world: None,
    faults: float = 0.06,
) -> World:
    """A whole life of one run under faults, with its promises checked. Raises Broken."""
    world = World(seed, random_book(random.Random(f"book {seed}")), faults)
    prepare(world)
    ports = RunnerPorts(SimStore(world), SimPlanner(world), SimSpawner(world), SimClock(world))
    world.line.start(world.book, RUN, target="t", session="session 1")
    runners = [make(ports, "session 1")]

    def adopt() -> Runner:
        world.sessions += 1
        session = f"session {world.sessions}"
        try:
            world.line.write(acts.adopt(world.run, RunActor("bob", world.line.now, session), "the other one is gone"))
        except RunRefused as refused:
            world.say(f"refused: {refused}")
        world.say(f"adopt {session}")
        return make(ports, session)

    def intrude() -> None:
        """Another operator adopts in the middle of a call, and goes on; the first one is still there."""
        world.quiet = True
        other = adopt()
        for _ in range(world.rng.randint(1, 4)):
            with_care(other)
        world.quiet = False
        runners.insert(0, other)

    def with_care(runner: Runner) -> object:
        try:
            return runner.turn(RUN)
        except StaleCommit:
            return None

    world.intrude = intrude
    for turn in range(400):
        world.quiet = turn > 250  # in the end everything is calm, and the run has to come to an end
        if world.run.over and not operator(world):
            break
        runner = world.rng.choice(runners) if len(runners) > 1 and world.rng.random() < 0.3 else runners[0]
        try:
            effect = runner.turn(RUN)
        except Crashed:
            if not world.durable and world.line.events:
                forget(world)
            check(world)
            runners = [adopt()]
            continue
        except (LostAcknowledgement, StaleCommit):
            continue
        check(world)
        if isinstance(effect, Finish) and not operator(world):
            break
        if isinstance(effect, Stop):
            world.tick()
        if isinstance(effect, Wait):
            if effect.why == "other":
                runners = [each for each in runners if each is not runner] or [adopt()]
            elif effect.why in ("person", "settle"):
                operator(world)
            world.tick()
    final(world)
    return world


def forget(world: World) -> None:
    """What a store without fsync loses in a crash: the last event."""
    if len(world.line.events) > 2 and world.line.events[-1].subject == RUN:
        world.line.events.pop()
        run = fold(event for event in world.line.events if event.subject == RUN)
        assert run is not None
        world.line.runs[RUN] = run
        world.say("forgotten")


def operator(world: World) -> bool:
    """What a person does about a run that waits; False when nothing is left to do."""
    run, rng = world.run, world.rng
    by = RunActor("alice", world.line.now, "")
    choices: list[Callable[[], Entries]] = []
    if run.asked is not None:
        choices = [lambda: acts.confirm(run, by, yes=True), lambda: acts.confirm(run, by, yes=True)]
        choices.append(lambda: acts.abort(run, by, "enough"))
    elif run.unknown is not None:
        truth = "done" if world.there(run.unknown.step) == (run.unknown.part == "do") else "not_done"
        choices = [lambda: acts.settle(run, world.book, by, truth, "I looked at the server")]
    elif run.rollback_state == "failed":
        choices = [lambda: acts_undo.retry_undo(run, by)]
    elif run.finished and run.rollback_state in ("none", "offered"):
        if run.state == "succeeded" and rng.random() < 0.5:
            return False
        choices = [lambda: acts_undo.start_rollback(run, world.book, by, holders={})]
        choices += [lambda: acts.retry(run, world.book, by), lambda: acts.skip(run, world.book, by, "not needed")]
    if not choices:
        return False
    try:
        entries = rng.choice(choices)()
    except RunRefused as refused:
        world.say(f"refused: {refused}")
        return "nothing to undo" not in str(refused)
    world.line.write(entries)
    world.say(f"operator {entries[0].kind}")
    return True


def check(world: World) -> None:
    """What holds at every moment. Raises Broken."""
    run = world.run
    sampled = len(world.trace) % 8 == 0 or run.over
    if sampled and fold(event for event in world.line.events if event.subject == RUN) != run:
        raise Broken("the stored run is not what its events say")
    if not run.over and set(locks.held(run)) != set(run.resources):
        raise Broken("a lock was given back before everything was over")
    starts: dict[str, int] = {}
    for name, sign in world.effects:
        step = world.book.step(name)
        assert step is not None
        if sign > 0:
            starts[name] = starts.get(name, 0) + 1
            if starts[name] > 1 and not step.idempotent:
                raise Broken(f"{name} happened twice")
        else:
            starts[name] = 0
    undone = [name for name, sign in world.effects if sign < 0]
    order = [run.step(name).order for name in dict.fromkeys(undone)]
    if order != sorted(order, reverse=True):
        raise Broken(f"undone in the order {undone}")
    settled = [event for event in world.line.events if event.kind == RunSettled.KIND]
    lost = sum(event.kind == RunLost.KIND for event in world.line.events)
    if any(not event.body["reason"] for event in settled) or len(settled) > lost:
        raise Broken("unknown was left without evidence or a decision")
    for name, process in world.processes.items():
        step_run = run.step(process.step)
        if process.number > step_run.tries.get(process.part, 0):
            raise Broken(f"{name} was started, and the record does not know it")


def final(world: World) -> None:
    """What holds in the end. Raises Broken."""
    check(world)
    run = world.run
    if not run.finished:
        raise Broken(f"the run never came to an end: {run.state}")
    for step in run.steps:
        there = world.there(step.id)
        if (
            step.state in ("pending", "not_reached")
            and any(name == step.id for name, _ in world.effects)
            and not step.undo_state
        ):
            raise Broken(f"{step.id} is {step.state}, and it happened")
        if step.state == "succeeded" and not step.undo_state and not there:
            raise Broken(f"{step.id} is succeeded, and it did not happen")
    if run.rollback_state == "done":
        left = [step.id for step in run.steps if world.there(step.id)]
        if left:
            raise Broken(f"rolled back, and {', '.join(left)} is still there")


class Drive:
    """A calm world with one runner: outcomes follow ``script``, and turns go on until somebody is needed."""

    def __init__(self, book: Runbook, **given: object) -> None:
        self.world = World(1, book, 0.0)
        self.world.quiet = True
        self.line = self.world.line
        self.ports = RunnerPorts(
            SimStore(self.world), SimPlanner(self.world), SimSpawner(self.world), SimClock(self.world)
        )
        self.runner = Runner(self.ports, "s1")
        self.line.start(book, RUN, **given)

    @property
    def run(self) -> Run:
        return self.world.run

    def go(self, turns: int = 200) -> Run:
        """Turn until a person is needed or everything is over."""
        for _ in range(turns):
            effect = self.runner.turn(RUN)
            if isinstance(effect, Finish) or (isinstance(effect, Wait) and effect.why != "process"):
                break
            if isinstance(effect, Wait | Stop):
                self.world.tick()
        return self.run

    def write(self, entries: Entries) -> Run:
        self.line.write(entries)
        return self.run

    def spawned(self, part: str = "do") -> list[str]:
        """The attempts of this part that were started, in their order."""
        return [name for name in self.world.processes if name.endswith(f".{part}")]


def states(run: Run) -> list[str]:
    return [each.state for each in run.steps]


def undos(run: Run) -> list[str]:
    return [each.undo_state for each in run.steps]
