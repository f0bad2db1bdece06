"""The runner under crashes, lost acknowledgements and other operators at every port call; and bugs that it has to find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import runner
from artisan_tui.domain.runbooks.attempts import written
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.effects import Commit, Effect, Spawn
from artisan_tui.domain.runbooks.events import RunEnded, RunIntended, RunSettled
from artisan_tui.domain.runbooks.planning import planned
from artisan_tui.domain.runbooks.ports import NOT_STARTED, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner, decide
from support.run_simulation import simulate
from support.run_world import Broken, MakeRunner, World

SEEDS = 200


@pytest.mark.parametrize("block", range(10))
def test_no_promise_is_broken_whatever_fails(block: int) -> None:
    for seed in range(block * SEEDS // 10, (block + 1) * SEEDS // 10):
        simulate(seed)


def test_rb_exec_case_35_the_same_seed_gives_the_same_trace_byte_for_byte() -> None:
    for seed in range(30):
        first, second = (simulate(seed, faults=0.15).trace for _ in range(2))
        assert "\n".join(first).encode() == "\n".join(second).encode()
    assert simulate(1).trace != simulate(2).trace


def test_the_faults_really_happen() -> None:
    said = "\n".join(line for seed in range(120) for line in simulate(seed, faults=0.15).trace)
    for fault in ("crash at spawn", "crash-after at spawn", "crash-after at commit", "lost at commit", "lost at spawn"):
        assert f"fault {fault}" in said
    for what in (
        "seal ",
        "stale",
        "lost s",
        "run.settled",
        "run.rollback-finished",
        "adopt session 3",
        "run.undo-retried",
    ):
        assert what in said, what


# -- planted bugs ---------------------------------------------------------------------------

Prepare = Callable[[World], None]


def _nothing(world: World) -> None:
    pass


class LateIntent(Runner):
    """Starts the act first, and commits the intent when that went well."""

    def _resolve(self, run: Run, definition: Runbook, step: str, part: str) -> None:
        plan = self._plan(run, definition, step, part)
        bodies = planned(run, definition, step, part, plan, self._ports.clock.now())
        for body in bodies:
            if isinstance(body, RunIntended):
                attempt = InFlight(body.step, body.part, body.number, self._ports.clock.now())
                self._ports.spawner.spawn(run, attempt, body.act)
        self._ports.store.commit(run, written(self._ports.clock.now(), run, *bodies))


def _no_fsync(world: World) -> None:
    world.durable = False


def _double_adopt(world: World) -> None:
    world.checked = False
    world.exclusive = False


def any_owner(run: Run, definition: Runbook, seen: Observed | None, **given: Any) -> Effect:
    """Whoever comes along carries the run out, and whoever was there before, too."""
    given["session"] = run.owner
    if run.current is not None and seen is None:
        seen = Observed(NOT_STARTED)
    return decide(run, definition, seen, **given)


def blind_retry(run: Run, definition: Runbook, seen: Observed | None, **given: Any) -> Effect:
    """What is unknown is simply done again."""
    unknown = run.unknown
    if unknown is None or run.owner != given["session"] or run.current is not None:
        return decide(run, definition, seen, **given)
    body = RunSettled(
        step=unknown.step,
        part=unknown.part,
        number=unknown.number,
        outcome="failed",
        after="pending",
        by="evidence",
        reason="try again",
    )
    return Commit(written(given["now"], run, body))


def eager_spawn(run: Run, definition: Runbook, seen: Observed | None, **given: Any) -> Effect:
    """An intent without a folder is started, whoever committed it."""
    effect = decide(run, definition, seen, **given)
    started = (
        seen is not None and seen.state == NOT_STARTED and run.current is not None and run.owner == given["session"]
    )
    return Spawn(run.current) if started and run.current is not None else effect


def hopeful_end(run: Run, definition: Runbook, seen: Observed | None, **given: Any) -> Effect:
    """An undo that failed counts as done."""
    effect = decide(run, definition, seen, **given)
    if not isinstance(effect, Commit):
        return effect
    return Commit(tuple(_hopeful(each) for each in effect.entries))


def _hopeful(entry: Entry) -> Entry:
    if entry.kind == RunEnded.KIND and entry.body["part"] == "undo" and entry.body["after"] == "failed":
        return replace(entry, body={**entry.body, "after": "done"})
    return entry


def lost_is_success(run: Run, definition: Runbook, seen: Observed | None, **given: Any) -> Effect:
    """A process of which nobody knows the end is taken for a good one."""
    if seen is not None and seen.state == "lost":
        seen = replace(seen, state="exited", outcome="ok", exit=0)
    return decide(run, definition, seen, **given)


def deciding(wrong: Callable[..., Effect]) -> MakeRunner:
    return lambda ports, session: Runner(ports, session, wrong)


def _first_in_first_out(run: Run, definition: Runbook) -> tuple[str, ...]:
    return tuple(step.id for step in run.steps if step.order and step.mutated)


def _successes_only(run: Run, definition: Runbook) -> tuple[str, ...]:
    found = [step for step in run.steps if step.order and step.mutated and step.state == "succeeded"]
    return tuple(step.id for step in sorted(found, key=lambda each: -each.order))


BUGS: dict[str, tuple[MakeRunner, Prepare]] = {
    "the intent is committed late": (LateIntent, _nothing),
    "the store does not sync": (Runner, _no_fsync),
    "adopting does not take the run away": (deciding(any_owner), _double_adopt),
    "what is unknown is tried again": (deciding(blind_retry), _nothing),
    "whoever finds an intent starts it": (deciding(eager_spawn), _double_adopt),
    "a failed undo counts as done": (deciding(hopeful_end), _nothing),
    "a lost process counts as a success": (deciding(lost_is_success), _nothing),
}
PATCHED: dict[str, tuple[str, Any]] = {
    "undone in the order of the start": ("undo_order", _first_in_first_out),
    "only what succeeded is undone": ("undo_order", _successes_only),
}


def found_by(make: MakeRunner, prepare: Prepare, seeds: Sequence[int]) -> int | None:
    """The first seed that finds a bug."""
    for seed in seeds:
        try:
            simulate(seed, make, prepare, faults=0.12)
        except Broken:
            return seed
    return None


@pytest.mark.parametrize("bug", BUGS)
def test_rb_exec_case_35_a_planted_bug_is_found_within_200_seeds(bug: str) -> None:
    make, prepare = BUGS[bug]
    assert found_by(make, prepare, range(SEEDS)) is not None


@pytest.mark.parametrize("bug", PATCHED)
def test_rb_exec_case_35_a_bug_in_the_order_of_undo_is_found_within_200_seeds(
    bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artisan_tui.domain.runbooks import acts_undo

    name, wrong = PATCHED[bug]
    monkeypatch.setattr(acts_undo, name, wrong)
    monkeypatch.setattr(runner, name, wrong)
    assert found_by(Runner, _nothing, range(SEEDS)) is not None


def test_rb_exec_case_35_locks_that_are_given_back_early_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from artisan_tui.domain.runbooks import locks

    monkeypatch.setattr(locks, "held", lambda run: () if run.finished else run.resources)
    assert found_by(Runner, _nothing, range(SEEDS)) is not None


def test_without_a_planted_bug_the_same_seeds_find_nothing() -> None:
    assert found_by(Runner, _nothing, range(60)) is None
