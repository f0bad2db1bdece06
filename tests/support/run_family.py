"""A simulated world for runs within runs: the port to child runs as it is, over a durable store and simulated attempts.

As `support.run_world`, which it extends: everything follows from a seed, and every port call may crash, lose its
acknowledgement, or find that somebody else adopted the run.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import Entries, RunActor, RunRefused
from artisan_tui.domain.runbooks.children import parent_of
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step, Undo
from artisan_tui.domain.runbooks.effects import Wait
from artisan_tui.domain.runbooks.events import RunIntended, RunStarted
from artisan_tui.domain.runbooks.fold import fold
from artisan_tui.domain.runbooks.ports import EXITED, NOT_STARTED, RUNNING, SEALED, ActPlan, Observed, StaleCommit
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from artisan_tui.engine.runbooks import families
from artisan_tui.engine.runbooks.children import AttemptSpawner
from artisan_tui.engine.runbooks.spawner import FolderSpawner
from artisan_tui.steps.runbooks.runbook import ROLL_BACK, START
from support.run_line import BACK, sim_book, sim_step
from support.run_world import RUN, Broken, Crashed, LostAcknowledgement, Process, SimClock, SimStore, World

#: Turns until everything is calm, and in all.
_CALM, _TURNS = 350, 900


@dataclass
class FamilyWorld(World):
    """Processes and effects are those of all runs, by ``<run>/<step>``."""

    definitions: dict[str, Runbook] = field(default_factory=dict)

    def find(self, run: str) -> Run | None:
        return self.line.runs.get(run)

    @property
    def runs(self) -> Iterable[Run]:
        return tuple(self.line.runs.values())


@dataclass
class FamilyView:
    """What a transaction sees."""

    world: FamilyWorld

    def get(self, wanted: str) -> Run | None:
        return self.world.find(wanted)

    def definition(self, digest: str) -> Runbook | None:
        return self.world.definitions.get(digest)

    def holders(self, resources: Iterable[str]) -> Mapping[str, Run]:
        return {each: run for run in self.world.runs for each in locks.held(run) if each in set(resources)}


class FamilyStore(SimStore):
    """The store of the runner and of the port to child runs."""

    def __init__(self, world: FamilyWorld) -> None:
        super().__init__(world)
        self.family = world

    def definition(self, digest: str) -> Runbook:
        return self.family.definitions[digest]

    def find(self, run: str) -> Run | None:
        self.world.through("find", lambda: None)
        return self.family.find(run)

    def was_lost(self, run: str) -> bool:
        return False  # this store loses nothing

    def act(self, run: Run | None, decide: Callable[[Any], Sequence[Entry]]) -> None:
        def work() -> None:
            entries = decide(FamilyView(self.family))
            self.world.line.write(entries)
            for each in entries:
                self.world.say(f"act {each.subject} {each.kind}")

        self.world.through("act", work)


class FamilyPlanner:
    def __init__(self, world: FamilyWorld) -> None:
        self.world = world

    def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan:
        self.world.through("plan", lambda: None)
        defined = definition.step(step)
        assert defined is not None
        if defined.kind != "runbook" or part not in ("do", "undo"):
            return ActPlan(f"{part} {step}", f"undo {step}" if defined.rollback is not None else "", "before", step)
        name = defined.action.body["runbook"]["id"]
        start, back = (
            json.dumps({"resolved": {"kind": "runbook", "request": {"verb": verb, "id": name, "params": {}}}})
            for verb in (START, ROLL_BACK)
        )
        return ActPlan(start, back, "before", step)


class SimAttempts(FolderSpawner):
    """Attempts that are no child runs."""

    world: FamilyWorld

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        world, name = self.world, f"{run.id}/{attempt.name}"

        def work() -> None:
            if name in world.processes or name in world.sealed:
                world.say(f"refused {name}")
                return
            outcome = "ok" if world.quiet else world.rng.choice(("ok", "ok", "ok", "ok", "failed"))
            world.say(f"spawn {name}")
            undoing = run.unknown is not None and run.unknown.part == "undo"
            happened = world.there(f"{run.id}/{attempt.step}") is not undoing
            world.processes[name] = Process(
                f"{run.id}/{attempt.step}",
                attempt.part,
                attempt.number,
                world.rng.randint(1, 3),
                outcome,
                verdict=world.rng.choice(("happened" if happened else "absent", "unsure")),
            )

        world.through("spawn", work)

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        world, name = self.world, f"{run.id}/{attempt.name}"
        world.through("observe", lambda: None)
        process = world.processes.get(name)
        if process is None:
            return Observed(SEALED if name in world.sealed else NOT_STARTED)
        if process.state != EXITED:
            return Observed(process.state, why="the machine was restarted")
        if process.part == "evidence":
            return Observed(EXITED, "ok", 0, verdict=process.verdict)
        return Observed(EXITED, process.outcome, 0 if process.outcome == "ok" else 1)

    def seal(self, run: Run, attempt: InFlight) -> Observed:
        name = f"{run.id}/{attempt.name}"
        if name not in self.world.processes:
            self.world.sealed.add(name)
        return self.observe(run, attempt)

    def terminate(self, run: Run, attempt: InFlight) -> None:
        process = self.world.processes.get(f"{run.id}/{attempt.name}")
        if process is not None and process.state == RUNNING:
            process.left, process.outcome = 0, "cancelled"

    kill = terminate


class FamilySpawner(AttemptSpawner, SimAttempts):
    """The port to child runs as the program has it; what it leaves to processes is simulated."""

    def __init__(self, world: FamilyWorld, store: FamilyStore) -> None:
        self.world = world
        super().__init__(
            Path("/nowhere"), {}, store.intent, runs=cast("Any", store), rules=cast("Any", None), clock=SimClock(world)
        )


def call(name: str, child: str) -> Step:
    """A step that runs the runbook ``child``, and whose undo is its rollback."""
    action = Action("runbook", {"runbook": {"id": child}})
    return sim_step(name, action=action, rollback=Undo(BACK), idempotent=True)


def random_family(rng: random.Random) -> dict[str, Runbook]:
    """A runbook, one that it runs, and often one that this one runs; some of the steps ask."""

    def plain(name: str) -> Step:
        return sim_step(name, confirm=rng.choice(("none", "none", "none", "ask")))

    deep = rng.random() < 0.5
    leaf = sim_book(plain("x"), plain("y"), id="leaf")
    middle = [plain("c"), *([call("deeper", "leaf")] if deep else []), plain("d")]
    top = [plain("a"), call("call", "inner"), *([call("again", "inner")] if rng.random() < 0.3 else []), plain("z")]
    books = [sim_book(*top, id="top"), sim_book(*middle, id="inner"), *([leaf] if deep else [])]
    return {each.id: each for each in books}


def simulate_family(seed: int, faults: float = 0.05) -> FamilyWorld:
    """A whole life of one run with the runs below it, with its promises checked. Raises Broken."""
    books = random_family(random.Random(f"family {seed}"))
    world = FamilyWorld(seed, books["top"], faults)
    world.definitions = {each.digest: each for each in books.values()}
    store = FamilyStore(world)
    ports = RunnerPorts(store, FamilyPlanner(world), FamilySpawner(world, store), SimClock(world))
    below = {name: each.digest for name, each in books.items() if name != "top"}
    world.line.start(books["top"], RUN, target="t", session="session 1", children=below)
    sessions = [("session 1", Runner(ports, "session 1"))]

    def adopted() -> tuple[str, Runner]:
        world.sessions += 1
        session = f"session {world.sessions}"
        try:
            world.line.write(
                families.adopt_line(world.find, world.run, world_actor(world, session), "the other is gone")
            )
        except RunRefused as refused:
            world.say(f"refused: {refused}")
        world.say(f"adopt {session}")
        return session, Runner(ports, session)

    def mine(session: str) -> list[str]:
        return [each.id for each in world.runs if each.owner == session and not each.over] or [RUN]

    def intrude() -> None:
        """Another operator adopts in the middle of a call, and goes on; the first one is still there."""
        world.quiet = True
        session, runner = adopted()
        for _ in range(world.rng.randint(1, 6)):
            with contextlib.suppress(StaleCommit):
                runner.turn(world.rng.choice(mine(session)))
        world.quiet = False
        sessions.insert(0, (session, runner))

    world.intrude = intrude
    for turn in range(_TURNS):
        world.quiet = turn > _CALM
        if not world.quiet and world.rng.random() < 0.01 and not world.run.finished:
            world.line.write(acts.abort(world.run, world_actor(world), "enough"))
        if world.run.over and not operator(world, world.run):
            break
        session, runner = sessions[0] if world.rng.random() < 0.7 else world.rng.choice(sessions)
        name = world.rng.choice(mine(session))
        try:
            effect = runner.turn(name)
        except Crashed:
            sessions = [adopted()]
            continue
        except (LostAcknowledgement, StaleCommit):
            continue
        finally:
            check(world)
        world.tick()
        if isinstance(effect, Wait) and effect.why == "other" and len(sessions) > 1:
            sessions = [each for each in sessions if each[0] != session]
        if not isinstance(effect, Wait) or effect.why in ("person", "settle"):
            operator(world, world.line.runs[name])
    final(world)
    return world


def world_actor(world: FamilyWorld, session: str = "") -> RunActor:
    return RunActor("bob" if session else "alice", world.line.now, session)


def operator(world: FamilyWorld, run: Run) -> bool:
    """What a person does about a run that waits; False when nothing is left to do."""
    by, book = world_actor(world), world.definitions[run.definition]
    choices: list[Callable[[], Entries]] = []
    if run.asked is not None:
        choices = [lambda: acts.confirm(run, by, yes=True)]
    elif run.unknown is not None and run.current is None and run.unknown.evidence:
        happened = world.there(f"{run.id}/{run.unknown.step}") is (run.unknown.part == "do")
        outcome = "done" if happened else "not_done"
        choices = [lambda: acts.settle(run, book, by, outcome, "I looked at the server")]
    elif run.rollback_state == "failed":
        choices = [lambda: acts_undo.retry_undo(run, by)]
    elif run.id == RUN and run.finished and run.rollback_state in ("none", "offered"):
        if run.state == "succeeded" and world.rng.random() < 0.5:
            return False
        choices = [lambda: acts_undo.start_rollback(run, book, by, holders={})]
        if not world.quiet:
            choices += [lambda: acts.retry(run, book, by)] * 3
    if not choices:
        return False
    try:
        entries = world.rng.choice(choices)()
    except RunRefused as refused:
        world.say(f"refused: {refused}")
        return "nothing to undo" not in str(refused)
    world.line.write(entries)
    world.say(f"operator {run.id} {entries[0].kind}")
    return True


def check(world: FamilyWorld) -> None:
    """What holds at every moment. Raises Broken."""
    present: list[str] = []  # what happened and is not undone, in the order in which it happened first
    for name, sign in world.effects:
        if sign > 0 and name not in present:
            present.append(name)
        elif sign < 0 and name in present:
            if present[-1] != name:
                raise Broken(f"{name} is undone while {present[-1]}, which came after it, is still there")
            present.remove(name)
    for run in world.runs:
        above = world.find(parent_of(run.id)) if run.id != RUN else None
        if above is None:
            continue
        if above.finished and not run.finished:
            raise Broken(f"{above.id} is {above.state}, and {run.id} below it goes on")
        # A child whose step succeeded at a later attempt is still offered its own rollback: a person decides.
        if above.over and not run.over and run.rollback_state != "offered":
            raise Broken(f"{above.id} is over, and {run.id} below it waits for somebody")
        check_intent(world, run)


def check_intent(world: FamilyWorld, child: Run) -> None:
    """A child was started after the intent of its parent's step, and with the parent's owner of then."""
    step, number = child.id.rsplit(".", 2)[1:]
    above = world.line.runs[parent_of(child.id)]
    wanted = (above.id, above.steps[int(step) - 1].id, int(number))
    for event in world.line.events:
        if event.kind == RunIntended.KIND and (event.subject, event.body["step"], event.body["number"]) == wanted:
            return
        if event.kind == RunStarted.KIND and event.subject == child.id:
            break
    raise Broken(f"{child.id} was started without an intent")


def final(world: FamilyWorld) -> None:
    """What holds in the end. Raises Broken."""
    check(world)
    for run in world.runs:
        if fold(event for event in world.line.events if event.subject == run.id) != run:
            raise Broken(f"{run.id} is not what its events say")
        if not run.finished or run.rolling_back:
            raise Broken(f"{run.id} never came to an end: {run.state}, {run.rollback_state}")
    left = [name for name, _ in world.effects if world.there(name)]
    if world.run.rollback_state == "done" and left:
        raise Broken(f"rolled back, and {', '.join(left)} is still there")
    if world.run.state == "succeeded" and world.run.rollback_state == "none":
        for run in world.runs:
            own = (each.id for each in run.steps if each.id not in ("call", "again", "deeper"))
            if run.state == "succeeded" and not all(world.there(f"{run.id}/{each}") for each in own):
                raise Broken(f"{run.id} succeeded, and something of it did not happen")
