"""Every shipped runbook in a drill: it succeeds, it fails at each step that the stack breaks, and it is undone as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.undo import undo_order
from artisan_tui.drill.shapes import APP, SHAPES, Shape
from artisan_tui.engine.runbooks.rules import RunRules
from support.drill_runs import REPOSITORY, DrillRun, LiveStack, drill_rules, live_stack
from support.leaving import what_leaves

LIBRARY = load_library([REPOSITORY / "runbooks.toml"])

#: Runbooks that the stack cannot carry out yet, by the reason. None is left: keep it so.
NOT_YET: Final[Mapping[str, str]] = {}

#: What is broken before the run begins, and how many seconds it lasts until it is seen.
BROKEN: Final[Mapping[str, tuple[str, float]]] = {
    "qwen_failure_downshift": ("qwen_down", 5),
    "rl_reward_runaway_rollback": ("reward_runaway", 120),
    "api_high_latency_scaleup": ("latency_high", 30),
    "database_connection_failure": ("database_refusing", 5),
    "cache_service_failure": ("redis_down", 30),
    "api_availability": ("errors_5xx", 5),
    "p0_first_minutes": ("errors_5xx", 5),
    "rollback_quick": ("errors_5xx", 5),
    "job_success": ("workers_stuck", 60),
    "llm_outage": ("qwen_down", 5),
}
STANDBY: Final = {
    "kind": "command",
    "do": "act",
    "action": {"mark": "RUN-0/switch", "request": {"argv": ["./scripts/switch_region.sh", "standby"]}},
}
#: What operators did before: (path, body).
BEFORE: Final[Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]] = {
    "qwen_recovery": (
        ("/admin/breakers/qwen/open", {}),
        ("/admin/modes/creative/downshift", {"to": "balanced"}),
    ),
    "dr_switch_back": (("/admin/act", STANDBY),),
    "downscale_gradual": (("/admin/scale/app", {"replicas": 5}),),
}
PARAMS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "qwen_failure_downshift": ({}, {"restart": "true"}),
    "cache_service_failure": ({},),
    "deployment_gate": ({"version": "v0.3.0"},),
    "rollback_quick": ({"version": "v0.1.0"}, {"version": "v0.1.0", "part": "worker-llm"}),
    "rollback_full": ({"version": "v0.1.0"},),
    "deploy_canary": ({"version": "v0.3.0"}, {"version": "v0.3.0", "schema": "7d8e9fa0b1c2"}),
    "helm_rollback": ({"schema": "1f2e3d4c5b6a"},),
    "runbook_review": ({"runbook": "cache_service_failure"},),
    "llm_outage": ({"model": "qwen"},),
}
#: Reads that fail and let the run go on, by why: the page or the incident is only there where it is real.
NOT_THERE: Final = frozenset({"docs", "detailed", "resolve_incident"})
#: Reads that find the very fault that the run is for, also afterwards where the person chose to do nothing yet.
FINDS_FAULT: Final = frozenset(
    {"pool_state", "redis_health_compose", "redis_health_kubernetes", "workers_compose", "workers_kubernetes"}
    | {"errors", "queue", "queue_falls", "check_errors"}
)
#: (runbook, step) that were made to fail already: a step that several places have is made to fail at the first.
BROKEN_ONCE: set[tuple[str, str]] = set()
PLACES = [
    (each.id, target)
    for each in LIBRARY
    for target in (each.targets or ("compose", "kubernetes", "drill"))
    if each.id not in NOT_YET
]


@pytest.fixture(scope="module")
def live() -> Iterator[LiveStack]:
    with live_stack() as running:
        yield running


@pytest.fixture(scope="module")
def rules(live: LiveStack) -> RunRules:
    return drill_rules(live)


@pytest.fixture(scope="module")
def library(live: LiveStack) -> Mapping[str, Runbook]:
    """The shipped runbooks with the stack's address, as the demo has them."""
    host = live.url.removeprefix("http://")
    return load_library([REPOSITORY / "runbooks.toml"], addresses={"127.0.0.1:8000": host}).runbooks


def estate(live: LiveStack) -> Mapping[str, Any]:
    """The whole state that operators set; what only grows, such as the backups, is left out."""
    live.passes(60)  # replicas start, a region takes over
    found: dict[str, Any] = live.request("GET", "/admin/estate")
    del found["kept"]
    return found


def shape_of(target: str) -> Shape:
    return SHAPES.get(target.removeprefix("drill-"), APP)


def prepared(live: LiveStack, name: str, target: str, answers: Mapping[str, str]) -> Mapping[str, Any]:
    """A fresh stack as it is before the run; its state."""
    live.fresh(shape_of(target))
    for path, body in BEFORE.get(name, ()):
        live.request("POST", path, body)
    fault, seconds = BROKEN.get(name, ("", 5.0))
    if fault and "reset the pools" not in answers.values():  # pools are reset where the database itself is well
        live.stack.break_fault(fault, live.time.now)
    live.passes(seconds, whole=True)
    return estate(live)


def choices(definition: Runbook, number: int) -> Mapping[str, str]:
    """The answers of the ``number``-th variant: each option of each choice is taken by one."""
    found = {}
    for step in definition.steps:
        if step.kind == "choice":
            options = step.action.body["options"]
            found[step.id] = str(options[number % len(options)]["label"])
    return found


def variants(definition: Runbook) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    many = max((len(each.action.body["options"]) for each in definition.steps if each.kind == "choice"), default=1)
    for params in PARAMS.get(definition.id, ({},)):
        for number in range(many):
            yield params, choices(definition, number)


def undo(one: DrillRun) -> None:
    if undo_order(one.run, one.definition.at(one.target)):
        one.roll_back()


@pytest.mark.parametrize(("name", "target"), PLACES, ids=lambda each: str(each))
def test_a_shipped_runbook_in_a_drill(
    live: LiveStack, rules: RunRules, library: Mapping[str, Runbook], tmp_path: Path, name: str, target: str
) -> None:
    definition = library[name]

    def run(params: Mapping[str, Any], answers: Mapping[str, str]) -> DrillRun:
        return DrillRun(live, rules, definition, target, tmp_path, params=params, answers=answers)

    may_fail = NOT_THERE | (FINDS_FAULT if name in BROKEN else frozenset())
    # What a person puts back by hand, and what cannot be put back, is not called done.
    undone = {"none", "done", "manual_done"} | {"accepted" for each in definition.steps if each.irreversible}
    with what_leaves() as left:
        for params, answers in variants(definition):
            before = prepared(live, name, target, answers)
            one = run(params, answers)
            over = one.go()
            assert over.state == "succeeded", (over.why, answers)
            assert set(over.passed_over) <= may_fail, {each: over.step(each).why for each in over.passed_over}
            changing = one.done_steps()
            undo(one)
            assert one.run.rollback_state in undone, {each.id: each.undo_state for each in one.run.steps}
            assert estate(live) == before
            for step in changing:
                if (name, step) in BROKEN_ONCE:
                    continue
                BROKEN_ONCE.add((name, step))
                before = prepared(live, name, target, answers)
                live.ledger.breaks = {step}
                other = run(params, answers)
                over = other.go()
                assert (over.state, over.step(step).state) == ("failed", "failed"), (step, over.state, over.why)
                assert "told to break it" in over.step(step).why or "500" in over.step(step).why, over.step(step).why
                live.ledger.breaks = set()
                undo(other)
                assert other.run.rollback_state in undone, step
                assert estate(live) == before, step
    assert left == []
