"""Which failures explain which, and what is to be probed before a symptom pages."""

from __future__ import annotations

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.health import Health, Policy
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.causes import Causes
from artisan_tui.engine.checks.runtime import CheckRuntime, blank
from support.clock import Hands

NEEDS = {"api": ("database", "elsewhere"), "page": ("api",)}


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def runtimes(clock: Hands) -> dict[str, CheckRuntime]:
    spec = CheckSpec.model_validate({"id": "x", "kind": "http", "every": "30s", "timeout": "5s"})
    return {name: blank(name, spec, clock.now()) for name in ("database", "api", "page", "alone")}


@pytest.fixture
def causes(clock: Hands, runtimes: dict[str, CheckRuntime]) -> Causes:
    return Causes(clock, runtimes, NEEDS)


def stands(runtime: CheckRuntime, clock: Hands, state: State, downs: int = 0) -> None:
    health = Health(state, Reason.OK, "", clock.now(), downs=downs)
    runtime.view = runtime.view._replace(health=health, policy=Policy(rise=2))


def root_cause(runtimes: dict[str, CheckRuntime]) -> dict[str, str]:
    return {name: runtime.view.root_cause for name, runtime in runtimes.items() if runtime.view.root_cause}


def test_a_failure_is_explained_by_what_it_needs_however_far(
    causes: Causes, runtimes: dict[str, CheckRuntime], clock: Hands
) -> None:
    for name in ("database", "api", "page", "alone"):
        stands(runtimes[name], clock, State.DOWN)
    assert causes.explain()
    assert root_cause(runtimes) == {"api": "database", "page": "database"}
    assert causes.any
    assert not causes.explain(), "told once"


def test_a15_one_missed_probe_of_what_it_needs_is_no_cause(
    causes: Causes, runtimes: dict[str, CheckRuntime], clock: Hands
) -> None:
    stands(runtimes["api"], clock, State.DOWN)
    stands(runtimes["database"], clock, State.UP, downs=1)
    assert not causes.explain()
    assert root_cause(runtimes) == {}
    stands(runtimes["database"], clock, State.DOWN, downs=2)
    assert causes.explain()
    assert root_cause(runtimes) == {"api": "database"}


def test_what_is_in_maintenance_or_well_explains_nothing(
    causes: Causes, runtimes: dict[str, CheckRuntime], clock: Hands
) -> None:
    stands(runtimes["api"], clock, State.DOWN)
    for state in (State.UP, State.MAINTENANCE):
        stands(runtimes["database"], clock, state, downs=0 if state is State.UP else 3)
        assert not causes.explain()
        assert not causes.any


def test_a_cause_that_is_well_again_excuses_for_as_long_as_recovery_may_take(
    causes: Causes, runtimes: dict[str, CheckRuntime], clock: Hands
) -> None:
    for name in ("database", "api"):
        stands(runtimes[name], clock, State.DOWN)
    causes.explain()
    stands(runtimes["database"], clock, State.UP)
    causes.explain()
    clock.turn(3 * 30 + 5 - 1)  # two good probes, one that was under way, and its time limit
    causes.explain()
    assert root_cause(runtimes) == {}, "what is up again is no cause"
    assert runtimes["api"].view.past_cause == "database"
    assert causes.any
    clock.turn(1)
    assert causes.explain()
    assert runtimes["api"].view.past_cause == ""
    assert not causes.any


def test_what_a_failing_check_needs_is_probed_unless_somebody_just_did(
    causes: Causes, runtimes: dict[str, CheckRuntime], clock: Hands
) -> None:
    assert causes.to_probe(runtimes["api"]) == ()
    stands(runtimes["api"], clock, State.UP, downs=1)
    assert causes.to_probe(runtimes["api"]) == ("database",), "what nobody watches cannot be probed"
    runtimes["database"].probed_mono = clock.monotonic() - 1.0
    assert causes.to_probe(runtimes["api"]) == ()
    clock.turn(0.1)
    assert causes.to_probe(runtimes["api"]) == ("database",)
    runtimes["api"].view = runtimes["api"].view._replace(root_cause="database")
    assert causes.to_probe(runtimes["api"]) == ()
