"""The shipped runbooks on the simulated stack: each request is sent as it is written, forward and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from artisan_tui.config.runbooks.load import load_library
from artisan_tui.config.runbooks.rendering import RenderedAct, is_met, rendered
from artisan_tui.config.runbooks.templates import Values
from artisan_tui.domain.condition import examine, parse_condition
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.parameters import resolved
from artisan_tui.sources.lookup import search

SHIPPED = Path(__file__).parents[2] / "runbooks.toml"
Eventually = Callable[..., bool]
State = Callable[[], dict[str, Any]]


def shipped(wanted: str, client: httpx.Client) -> Runbook:
    host = f"{client.base_url.host}:{client.base_url.port}"
    return load_library([SHIPPED], addresses={"127.0.0.1:8000": host}).runbooks[wanted].at("drill")


def send(client: httpx.Client, act: RenderedAct) -> tuple[list[str], Any]:
    """What of the conditions is not met, and the body."""
    request = act.action.body["request"]
    response = client.request(request.get("method", "GET"), request["url"], json=request.get("json"))
    body = json.loads(response.text, parse_float=Decimal)
    seen = ProbeResult(answers={"status": response.status_code, "body": body})
    results = [examine(parse_condition(text), seen, search) for text in act.action.expect]
    return [f"{each.condition}: {each.actual}" for each in results if not each.ok], body


class Walk:
    """Carries out the http steps of a runbook; a measure gives what ``measured`` says."""

    def __init__(self, runbook: Runbook, client: httpx.Client, eventually: Eventually, **params: Any) -> None:
        self.runbook, self.client, self.eventually = runbook, client, eventually
        self.values = Values(resolved(runbook, params), {}, runbook.vars, "drill", "drill", "RUN-1")
        self.undos: list[tuple[str, RenderedAct, RenderedAct]] = []

    def captured(self, step: Step, found: Mapping[str, Any]) -> None:
        self.values = replace(self.values, steps={**self.values.steps, step.id: found})

    def forward(self) -> None:
        for step in self.runbook.steps:
            if not is_met(step, self.values):
                continue
            act = rendered(step, "do", self.values)
            assert act is not None
            undo, after = rendered(step, "undo", self.values), rendered(step, "undo-verify", self.values)
            if step.kind != "http":
                self.captured(step, dict.fromkeys(step.capture, 150))
                continue
            if undo is not None:
                assert after is not None, f"{step.id}: an undo without a verify"
                self.undos.append((step.id, undo, after))
            missed, body = send(self.client, act)
            assert missed == [], step.id
            self.captured(
                step, {name: as_json(search(where.removeprefix("body."), body)) for name, where in step.capture.items()}
            )
            self.met(step.id, rendered(step, "verify", self.values))

    def back(self) -> None:
        for name, undo, after in reversed(self.undos):
            missed, _ = send(self.client, undo)
            assert missed == [], name
            self.met(name, after)

    def met(self, name: str, look: RenderedAct | None) -> None:
        if look is not None:
            assert self.eventually(lambda: send(self.client, look)[0] == []), name


@pytest.fixture
def state(stack: httpx.Client) -> State:
    return lambda: dict(stack.get("/admin/state").json())


def levers(state: dict[str, Any]) -> tuple[Any, ...]:
    wanted = {name: each["wanted"] for name, each in state["replicas"].items()}
    return state["breakers"], state["modes"], wanted, state["rl"]["training"]


def test_qwen_is_downshifted_and_put_back(stack: httpx.Client, state: State, eventually: Eventually) -> None:
    before = levers(state())
    stack.post("/admin/faults/qwen_down/break")
    walk = Walk(shipped("qwen_failure_downshift", stack), stack, eventually)
    walk.forward()
    assert state()["modes"]["creative"] == {"served_as": "balanced", "model": "mistral"}
    assert state()["breakers"]["qwen"] == "open"
    walk.back()
    assert levers(state()) == before


def test_qwen_is_restarted_where_that_is_wanted(stack: httpx.Client, state: State, eventually: Eventually) -> None:
    stack.post("/admin/faults/qwen_down/break")
    walk = Walk(shipped("qwen_failure_downshift", stack), stack, eventually, restart="true")
    walk.forward()
    walk.back()
    assert stack.get("/health/llm?model=qwen").status_code == 200


def test_a_healthy_qwen_stops_the_runbook_before_anything_is_changed(
    stack: httpx.Client, eventually: Eventually
) -> None:
    runbook = shipped("qwen_failure_downshift", stack)
    act = rendered(runbook.steps[0], "do", Walk(runbook, stack, eventually).values)
    assert act is not None
    assert send(stack, act)[0][0].startswith("body.models.qwen == unhealthy: ")
    assert not runbook.steps[0].mutates


def test_training_goes_back_to_the_checkpoint_that_was_found(
    stack: httpx.Client, state: State, eventually: Eventually
) -> None:
    stack.post("/admin/faults/reward_runaway/break")
    assert eventually(lambda: state()["rl"]["reward"] > 100)
    checkpoint, rate = state()["rl"]["stable_checkpoint"], state()["rl"]["learning_rate"]
    walk = Walk(shipped("rl_reward_runaway_rollback", stack), stack, eventually)
    walk.forward()
    assert walk.values.steps["find_checkpoint"]["checkpoint"] == checkpoint
    assert state()["rl"]["training"] is True
    assert state()["rl"]["learning_rate"] == pytest.approx(rate / 2)
    assert [name for name, _, _ in walk.undos] == ["stop_training", "resume_training"]
    walk.back()
    assert state()["rl"]["training"] is True


def test_the_api_gets_more_instances_and_goes_back_to_what_it_had(
    stack: httpx.Client, state: State, eventually: Eventually
) -> None:
    stack.post("/admin/scale/app", json={"replicas": 5})
    walk = Walk(shipped("api_high_latency_scaleup", stack), stack, eventually, replicas="9")
    walk.forward()
    assert state()["replicas"]["app"] == {"wanted": 9, "ready": 9}
    walk.back()
    assert state()["replicas"]["app"]["wanted"] == 5
