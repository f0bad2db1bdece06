"""Runs within runs under crashes, lost acknowledgements and other operators at every port call; and planted bugs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.children import child_id
from artisan_tui.domain.runbooks.ports import EXITED, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.engine.runbooks import children, families
from artisan_tui.engine.runbooks.known_children import KnownChildren
from support.run_family import simulate_family
from support.run_world import Broken

SEEDS = 80


@pytest.mark.parametrize("block", range(4))
def test_no_promise_of_a_family_is_broken_whatever_fails(block: int) -> None:
    for seed in range(block * SEEDS // 4, (block + 1) * SEEDS // 4):
        simulate_family(seed)


def test_the_same_seed_gives_the_same_family_byte_for_byte() -> None:
    for seed in range(10):
        first, second = ("\n".join(simulate_family(seed, 0.12).trace) for _ in range(2))
        assert first.encode() == second.encode()


def test_children_are_started_adopted_aborted_and_rolled_back_under_faults() -> None:
    worlds = [simulate_family(seed, 0.1) for seed in range(40)]
    said = "\n".join(line for world in worlds for line in world.trace)
    for what in (
        *("fault crash at act", "fault crash-after at act", "fault lost at act", "fault intrude at act"),
        *("act RUN-1.2.1 run.started", "act RUN-1.2.1 run.rollback-started", "act RUN-1.2.1 run.aborting"),
        *("act RUN-1.2.1.2.1 run.started", "act RUN-1.2.2 run.started", "run.undo-retried", "run.settled"),
    ):
        assert what in said, what
    adopted = {event.subject for world in worlds for event in world.line.events if event.kind == "run.adopted"}
    assert {"RUN-1", "RUN-1.2.1", "RUN-1.2.1.2.1"} <= adopted


# -- planted bugs ---------------------------------------------------------------------------


#: The children of a step, the newest first.
AS_IT_IS = KnownChildren.begun


def _adopts_alone(find: Any, run: Run, by: Any, reason: str) -> Any:
    """Whoever adopts a run leaves those below it where they are."""
    return acts.adopt(run, by, reason)


def _oldest_first(self: KnownChildren, run: Run, step: str) -> Any:
    return tuple(AS_IT_IS(self, run, step))[::-1]


def _newest_only(self: KnownChildren, run: Run, step: str) -> Any:
    return tuple(AS_IT_IS(self, run, step))[:1]


def _anybody(view: Any, run: Run, attempt: InFlight) -> None:
    """A child is started for whoever carried its parent out some time ago."""


def _another_id(run: Run, step: str, number: int, part: str = "do") -> str:
    """The id of a child does not say which attempt started it."""
    return child_id(run, step, 1, part)


def _over_at_once(child: Run) -> Any:
    """A child that was started counts as done."""
    return Observed(EXITED, "ok")


BUGS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "a run is adopted without those below it": (families, "adopt_line", _adopts_alone),
    "children are undone in the order of their start": (KnownChildren, "begun", _oldest_first),
    "only the newest child is undone": (KnownChildren, "begun", _newest_only),
    "every attempt has the same child": (children, "child_id", _another_id),
    "a started child counts as done": (children, "_forward", _over_at_once),
    "a former owner starts a child": (children, "_check_mine", _anybody),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_planted_into_children_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = BUGS[bug]
    monkeypatch.setattr(where, name, wrong)
    for seed in range(SEEDS):
        try:
            simulate_family(seed, 0.1)
        except Broken as broken:
            print(f"seed {seed}: {broken}")
            return
    raise AssertionError("it was not found")
