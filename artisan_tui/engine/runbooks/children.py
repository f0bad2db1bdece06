"""Steps that are runs: the runner's port to child runs, beside that to processes. A child is started at most once.

A child is a run like any other: its session carries it out, persons answer it, and its journal is its own. What its parent's
attempt came to is read from it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from artisan_tui.config.runbooks.rendering import UnrenderableAct
from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks import events as kinds
from artisan_tui.domain.runbooks.acting import RunActor, RunRefused
from artisan_tui.domain.runbooks.acts import StartRequest
from artisan_tui.domain.runbooks.attempts import RUNNER
from artisan_tui.domain.runbooks.children import LONGEST_ID, child_id, children_of, same_family
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.ports import (
    EXITED,
    NOT_STARTED,
    RUNNING,
    SEALED,
    Observed,
    RunClock,
    StaleCommit,
)
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.engine.runbooks.journaled import JournaledRuns
from artisan_tui.engine.runbooks.known_children import KnownChildren
from artisan_tui.engine.runbooks.planner import bare_params
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.spawner import FolderSpawner
from artisan_tui.steps.runbooks.runbook import ROLL_BACK
from artisan_tui.store.runbooks.part import RunView

_GOOD = frozenset({"done", "manual_done"})


class AttemptSpawner(FolderSpawner):
    """Attempts in folders, and those of kind ``runbook`` as child runs in the store."""

    def __init__(self, *where: Any, runs: JournaledRuns, rules: RunRules, clock: RunClock) -> None:
        super().__init__(*where)
        self._runs, self._rules, self._clock = runs, rules, clock
        #: What attempts were asked to do: it is asked for with every poll.
        self._requests: dict[tuple[str, int], dict[str, Any] | None] = {}
        #: Why a child was not started, by its parent and the attempt.
        self._refused: dict[tuple[str, str], str] = {}
        self._below = KnownChildren(runs, self._state, clock)

    def _request(self, run: Run, attempt: InFlight) -> dict[str, Any] | None:
        """What an attempt of kind runbook was asked to do; None for every other."""
        if attempt.part not in ("do", "undo"):
            return None
        key = (run.id, attempt.seq)
        if key not in self._requests:
            while len(self._requests) >= 64:
                self._requests.pop(next(iter(self._requests)))
            self._requests[key] = _request_in(self._runs.intent(run.id, attempt.seq).act)
        return self._requests[key]

    # -- the port

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        request = self._request(run, attempt)
        if request is None:
            super().spawn(run, attempt, act)
            return
        try:
            if request["verb"] == ROLL_BACK:
                self._roll_back(run, attempt)
            else:
                self._start(run, attempt, request)
        except (RunRefused, UnrenderableAct) as refused:
            self._refused[run.id, attempt.name] = str(refused)
        except StaleCommit:
            pass  # another session carries the parent out: what it finds is not started, it seals

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        request = self._request(run, attempt)
        if request is None:
            return super().observe(run, attempt)
        refused = self._refused.get((run.id, attempt.name))
        if refused is not None:
            return Observed(SEALED, why=refused)
        if request["verb"] == ROLL_BACK:
            return self._rolled_back(run, attempt)
        name = child_id(run, attempt.step, attempt.number, attempt.part)
        child = self._below.find(name)
        if child is None:
            return self._below.without(name)
        if child.state == "succeeded" and attempt.part == "do":
            self._settle_earlier(run, attempt, child)
        return _forward(child)

    def seal(self, run: Run, attempt: InFlight) -> Observed:
        """Whoever adopted the parent has a new fence, and no earlier owner starts a child under the old one."""
        if self._request(run, attempt) is None:
            return super().seal(run, attempt)
        seen = self.observe(run, attempt)
        return Observed(SEALED) if seen.state == NOT_STARTED else seen

    def terminate(self, run: Run, attempt: InFlight) -> None:
        if self._request(run, attempt) is None:
            super().terminate(run, attempt)
        else:
            self._abort(run, attempt, 1)

    def kill(self, run: Run, attempt: InFlight) -> None:
        if self._request(run, attempt) is None:
            super().kill(run, attempt)
        else:
            self._abort(run, attempt, 2)

    # -- a child forward

    def _start(self, run: Run, attempt: InFlight, request: dict[str, Any]) -> None:
        from artisan_tui.engine.runbooks.starting import with_resources

        name = child_id(run, attempt.step, attempt.number, attempt.part)
        pinned = run.children.get(str(request["id"]))
        definition = self._runs.definition(pinned) if pinned else self._rules.runbook(str(request["id"]))
        if definition is None:
            raise RunRefused(f"there is no runbook {request['id']}")
        if len(name) > LONGEST_ID:
            raise RunRefused(f"{definition.id} would be too deep: runbooks run each other five levels deep at most")
        if request.get("definition") not in (None, definition.digest):
            raise RunRefused(f"{definition.id} changed since this step was resolved")
        wanted = StartRequest(
            target=run.target,
            environment=run.environment,
            mode=run.mode,
            params=bare_params(request["params"]),
            yes=run.yes,
            incident=run.incident,
            evidence=f"step {attempt.step} of {run.id}",
            parent=run.id,
            children=run.children,
        )
        complete = with_resources(definition, wanted, name)

        def decide(view: RunView) -> Sequence[Entry]:
            _check_mine(view, run, attempt)
            if view.get(name) is not None:
                return ()
            holders = view.holders(locks.wanted(definition.id, run.target, complete.resources))
            family = {lock for lock, holder in holders.items() if same_family(holder.id, name)}
            others = {lock: holder for lock, holder in holders.items() if lock not in family}
            by = RunActor(run.started_by, self._clock.now(), run.owner)
            known = view.definition(definition.digest) is not None
            return acts.start(name, definition, by, complete, holders=others, known=known, shared=frozenset(family))

        self._runs.act(None, decide)

    def _abort(self, run: Run, attempt: InFlight, presses: int) -> None:
        """The child is told what its parent was told; a rollback is not touched."""
        if attempt.part != "do":
            return
        child = self._runs.find(child_id(run, attempt.step, attempt.number))
        if child is None or child.finished or child.abort_presses >= presses:
            return
        found = child

        def decide(view: RunView) -> Sequence[Entry]:
            now = view.get(found.id)
            if now is None or now.finished or now.abort_presses >= presses:
                return ()
            return acts.abort(now, RunActor(RUNNER, self._clock.now()), f"{run.id} is aborted")

        self._runs.act(found, decide)

    def _settle_earlier(self, run: Run, attempt: InFlight, child: Run) -> None:
        """The call was tried again and succeeded: nobody need answer what an earlier child of it was offered.

        A rollback of the parent undoes them all, whatever was answered.
        """
        reason = f"{child.id} succeeded instead; a rollback of {run.id} undoes both"
        for earlier in self._children(run, attempt):
            if earlier.rollback_state == "offered":
                with contextlib.suppress(StaleCommit):
                    self._runs.act(earlier, partial(self._leave, run, attempt, earlier.id, reason))

    def _leave(self, run: Run, attempt: InFlight, earlier: str, reason: str, view: RunView) -> Sequence[Entry]:
        _check_mine(view, run, attempt)
        now = view.get(earlier)
        if now is None or now.rollback_state != "offered":
            return ()
        return acts_undo.decline_rollback(now, RunActor(RUNNER, self._clock.now()), reason)

    # -- children back

    def _children(self, run: Run, attempt: InFlight) -> tuple[Run, ...]:
        return children_of(run, attempt.step, self._runs.find)

    def _rolled_back(self, run: Run, attempt: InFlight) -> Observed:
        """Every child of the step is undone, the newest first."""
        begun = False
        for name, child in self._below.begun(run, attempt.step):
            if child is None:
                folder = self._below.folder_of(name)
                why = f"the database lost {name}: undo by hand what its steps did, see {folder}"
                return Observed(EXITED, "failed", why=why)
            since = child.last_seq > attempt.seq
            if child.rolling_back or not child.finished:
                return Observed(RUNNING, child=child.id)
            if child.rollback_state in _GOOD or not self._has_undo(child):
                begun |= since
                continue
            if child.rollback_state == "accepted":
                return Observed(EXITED, "failed", why=f"the rollback of {child.id} was left incomplete")
            if child.rollback_state == "failed" and since:
                return Observed(EXITED, "failed", why=f"the rollback of {child.id} is incomplete: {child.why}"[:500])
            if not begun:
                return Observed(NOT_STARTED)
            self.spawn(run, attempt, "")  # the next older child, in the same attempt
            refused = self._refused.get((run.id, attempt.name))
            return Observed(EXITED, "failed", why=refused) if refused else Observed(RUNNING, child=child.id)
        return Observed(EXITED, "ok")

    def _has_undo(self, child: Run) -> bool:
        try:
            acts_undo.preview(replace(child, rollback_state="none"), self._definition(child))
        except RunRefused:
            return False
        return True

    def _roll_back(self, run: Run, attempt: InFlight) -> None:
        """Begin with the newest child that is not undone."""
        for _name, child in self._below.begun(run, attempt.step):
            if child is None:
                return  # what is older is undone after it
            if child.rollback_state in _GOOD or not self._has_undo(child):
                continue
            self._begin(run, attempt, child)
            return

    def _begin(self, run: Run, attempt: InFlight, child: Run) -> None:
        definition = self._definition(child)

        def decide(view: RunView) -> Sequence[Entry]:
            _check_mine(view, run, attempt)
            now = view.get(child.id)
            if now is None or now.rolling_back:
                return ()
            by = RunActor(RUNNER, self._clock.now(), run.owner)
            if now.rollback_state == "failed":
                begin = acts_undo.retry_undo(now, by)
            else:
                holders = {lock: holder for lock, holder in view.holders(now.resources).items() if holder.id != now.id}
                begin = acts_undo.start_rollback(now, definition, by, holders=holders)
            if now.owner == run.owner:
                return begin
            adopted = kinds.RunAdopted(
                owner=run.owner, fence=now.fence + 1, before=now.owner, reason=f"rolled back with {run.id}"
            )
            return (*begin, by.entry(adopted, now.id))

        self._runs.act(child, decide)

    def _definition(self, child: Run) -> Runbook:
        return self._runs.definition(child.definition).at(child.target)


def _request_in(act: str) -> dict[str, Any] | None:
    try:
        resolved = json.loads(act)["resolved"]
        return dict(resolved["request"]) if resolved["kind"] == "runbook" else None
    except (ValueError, KeyError, TypeError):
        return None


def _forward(child: Run) -> Observed:
    """How a child is, on its way forward, as the outcome of its parent's attempt."""
    if not child.finished or child.rolling_back:
        return Observed(RUNNING, child=child.id, aborting=child.abort_presses)
    outcome = {"succeeded": "ok", "failed": "failed"}.get(child.state, "cancelled")
    why = "" if outcome == "ok" else f"{child.id} {child.state}" + (f": {child.why}" if child.why else "")
    return Observed(EXITED, outcome, why=why[:500])


def _check_mine(view: RunView, run: Run, attempt: InFlight) -> None:
    """Raise StaleCommit where another session carries the parent out by now."""
    now = view.get(run.id)
    if now is None or (now.owner, now.fence) != (run.owner, run.fence) or now.current is None:
        raise StaleCommit(f"{run.id} is carried out elsewhere")
    if now.current.name != attempt.name:
        raise StaleCommit(f"{run.id} went on")
