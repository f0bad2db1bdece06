"""The runner: what to do next follows from the run and from how its attempt is seen, and from nothing else.

`decide` is pure. `Runner` carries out one effect at a time through its ports and remembers one thing: the intent that it
has just committed itself, which only it may start. Whatever is lost with it, the journal and the attempts' folders say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks.attempts import ended, never_started, written
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.effects import Commit, Effect, Finish, Resolve, Seal, Spawn, Stop, Wait
from artisan_tui.domain.runbooks.planning import planned
from artisan_tui.domain.runbooks.ports import (
    EXITED,
    LOST,
    NOT_STARTED,
    SEALED,
    ActPlan,
    Observed,
    Planner,
    RunClock,
    RunStore,
    Spawner,
)
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.domain.runbooks.undo import outcome_of, undo_order, undo_way


def decide(run: Run, definition: Runbook, seen: Observed | None, *, session: str, fresh: str, now: datetime) -> Effect:
    """What ``session`` does next. ``fresh`` is the name of the attempt whose intent it has just committed, or ""."""
    if run.owner != session:
        return Wait("other")
    if run.current is not None:
        return _in_flight(run, definition, seen, fresh, now)
    if run.unknown is not None:
        if run.unknown.evidence:
            return Wait("settle")
        return Resolve(run.unknown.step, "evidence")
    if run.rolling_back:
        return _back(run, definition, now)
    if run.finished:
        return Finish()
    return _forward(run, definition, now)


def _in_flight(run: Run, definition: Runbook, seen: Observed | None, fresh: str, now: datetime) -> Effect:
    attempt = run.current
    assert attempt is not None
    assert seen is not None
    if seen.state == NOT_STARTED:
        return Spawn(attempt) if fresh == attempt.name else Seal(attempt)
    if seen.state == SEALED:
        return Commit(written(now, run, *never_started(run, definition, attempt, seen.why)))
    if seen.state in (EXITED, LOST):
        return Commit(written(now, run, *ended(run, definition, attempt, seen)))
    told = bool(seen.child) and seen.aborting >= min(run.abort_presses, 2)
    if run.abort_presses and attempt.forward and not run.finished and not told:
        return Stop(attempt, kill=run.abort_presses > 1)
    return Wait("child", child=seen.child) if seen.child else Wait("process")


def _forward(run: Run, definition: Runbook, now: datetime) -> Effect:
    step = run.position
    if run.abort_presses:
        return Commit(written(now, run, *_finished(run, definition, "aborted", run.why or "aborted")))
    if step is None:
        why = f"went on after {', '.join(run.passed_over)} failed" if run.passed_over else ""
        return Commit(written(now, run, *_finished(run, definition, "succeeded", why)))
    defined = definition.step(step.id)
    assert defined is not None
    if run.asked is not None:
        asked = run.asked
        if asked.expires is not None and now >= asked.expires:
            return Commit(written(now, run, kinds.RunDenied(step=asked.step, reason="nobody approved it in time")))
        return Wait("person", asked.expires)
    if step.state in ("failed", "timed_out", "cancelled"):
        if defined.on_failure == "continue" and step.state != "cancelled":
            return Commit(written(now, run, kinds.RunStepPassed(step=step.id)))
        why = f"{step.id} {step.state.replace('_', ' ')}" + (f": {step.why}" if step.why else "")
        return Commit(written(now, run, *_finished(run, definition, "failed", why)))
    if step.state == "verifying":
        return Resolve(step.id, "verify")
    if step.met < len(defined.pre) and step.attempt == 0:
        return Resolve(step.id, "pre")
    return Resolve(step.id, "do")


def _finished(run: Run, definition: Runbook, state: str, why: str) -> tuple[Body, ...]:
    """The end of the way forward, and the rollback that is offered where something was changed."""
    left = tuple(each.id for each in run.steps if each.state in ("pending", "awaiting", "checking"))
    over = kinds.RunFinished(state=state, why=why[:500], not_reached=left)
    steps = undo_order(run, definition)
    if state == "succeeded" or not steps:
        return (over,)
    offered = kinds.RunRollbackOffered(steps=steps)
    position = run.position
    tried = position is not None and position.order > 0
    if definition.auto_rollback and run.environment != "production" and state == "failed" and tried:
        return (over, offered, kinds.RunRollbackStarted(steps=steps, automatic=1))
    return (over, offered)


def _back(run: Run, definition: Runbook, now: datetime) -> Effect:
    if run.asked is not None:
        return Wait("person")
    keep_on = definition.undo_policy == "continue"
    step = run.next_undo
    if step is not None and step.undo_state == "failed" and keep_on:
        step = next((each for each in map(run.step, run.undo) if each.undo_state in ("pending", "verifying")), step)
    if step is None:
        return Commit(written(now, run, kinds.RunRollbackFinished(state=outcome_of(run))))
    if step.undo_state in ("failed", "unknown"):
        left = tuple(name for name in run.undo if run.step(name).undo_state not in ("done", "skipped", "manual"))
        why = f"the undo of {step.id} failed" + (f": {step.why}" if step.why else "")
        return Commit(written(now, run, kinds.RunRollbackFinished(state="failed", why=why[:500], left=left)))
    defined = definition.step(step.id)
    assert defined is not None
    if step.undo_state == "verifying":
        return Resolve(step.id, "undo-verify")
    way = undo_way(defined)
    if way != "act":
        return Commit(written(now, run, kinds.RunAsked(step=step.id, what="barrier" if way == "barrier" else "undo")))
    return Resolve(step.id, "undo")


@dataclass(frozen=True, slots=True)
class RunnerPorts:
    """Everything outside."""

    store: RunStore
    planner: Planner
    spawner: Spawner
    clock: RunClock


class Runner:
    """Carries runs out for one session, one effect at a turn."""

    def __init__(self, ports: RunnerPorts, session: str, decide: Callable[..., Effect] = decide) -> None:
        self._ports, self._session, self._decide = ports, session, decide
        #: By run: the attempt whose intent this runner has committed and has not started yet.
        self._fresh: dict[str, str] = {}

    def turn(self, run_id: str) -> Effect:
        """Do the next thing; what it was. Whatever a port raises comes out, and nothing is half done."""
        ports = self._ports
        run = ports.store.load(run_id)
        definition = ports.store.definition(run.definition).at(run.target)
        mine = run.owner == self._session
        seen = ports.spawner.observe(run, run.current) if run.current is not None and mine else None
        fresh, now = self._fresh.get(run_id, ""), ports.clock.now()
        effect = self._decide(run, definition, seen, session=self._session, fresh=fresh, now=now)
        match effect:
            case Commit(entries):
                ports.store.commit(run, entries)
            case Resolve(step, part):
                self._resolve(run, definition, step, part)
            case Spawn(attempt):
                act = ports.store.intent(run.id, attempt.seq).act
                self._fresh.pop(run_id, None)  # before it is started: whatever happens, never twice
                ports.spawner.spawn(run, attempt, act)
            case Seal(attempt):
                self._sealed(run, definition, ports.spawner.seal(run, attempt))
            case Stop(attempt, kill):
                (ports.spawner.kill if kill else ports.spawner.terminate)(run, attempt)
        return effect

    def _resolve(self, run: Run, definition: Runbook, step: str, part: str) -> None:
        plan = self._plan(run, definition, step, part)
        now = self._ports.clock.now()
        bodies = planned(run, definition, step, part, plan, now)
        self._ports.store.commit(run, written(now, run, *bodies))
        for body in bodies:
            if isinstance(body, kinds.RunIntended):
                self._fresh[run.id] = f"{body.step}.{body.number}.{body.part}"

    def _plan(self, run: Run, definition: Runbook, name: str, part: str) -> ActPlan:
        """An undo is what was committed before the step ran; everything else is planned now."""
        step: StepRun = run.step(name)
        if part != "undo":
            return self._ports.planner.plan(run, definition, name, part)
        act = self._ports.store.intent(run.id, step.undo_seq).undo
        return ActPlan(act=act) if act else ActPlan(refused="no undo was committed before it ran: undo it by hand")

    def _sealed(self, run: Run, definition: Runbook, seen: Observed) -> None:
        """What the sealing found is committed; an attempt that began meanwhile is looked at in the next turn."""
        if seen.state == SEALED and run.current is not None:
            bodies = never_started(run, definition, run.current, seen.why)
            self._ports.store.commit(run, written(self._ports.clock.now(), run, *bodies))
