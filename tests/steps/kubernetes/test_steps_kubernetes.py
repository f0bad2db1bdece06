"""Steps that scale, undo and restart, against a stand-in API server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import StepRefused, Until
from support.kube_api import KubeApi
from support.kube_steps import OBJECT, act, deploy, replicas, scale, writes
from support.step_runs import captured, carried_out, evidence, result_of, started, undone

pytestmark = pytest.mark.xdist_group("steps-kubernetes")


def image(api: KubeApi) -> str:
    return str(api.cluster.get("deployments", "artisan", "api")["spec"]["template"]["spec"]["containers"][0]["image"])


def test_a_scale_and_its_undo_put_back_what_was_captured(api: KubeApi, tmp_path: Path) -> None:
    step = scale(8)
    before = captured(step)
    assert before["replicas"] == 3
    job = StepJob("act", step, before)
    assert result_of(job, started(job, tmp_path / "a")).outcome == "ok"
    assert replicas(api) == 8
    assert len(writes(api)) == 1  # number and mark in one patch
    assert evidence(step, before).verdict == "happened"
    status = act({"status": OBJECT}, expect=("body.replicas == 8",), until=Until(5.0, 0.05), part="verify")
    assert carried_out(status, does="verify")["state"] == "ok"
    back = undone(step, before)
    assert back is not None
    assert carried_out(back, captured(back))["state"] == "ok"
    assert replicas(api) == 3


def test_exec_case_1_an_autoscaler_is_named_and_a_number_taken_back_fails_verify(api: KubeApi) -> None:
    api.cluster.autoscale("api", 2, 10)
    findings = str(carried_out(scale(8), does="preflight")["findings"])
    assert "the autoscaler api-hpa (2 to 10) scales api and will take 8 back" in findings
    assert "set minReplicas = 8 of it instead" in findings
    refused = carried_out(scale(8))
    assert (refused["state"], refused["question"], replicas(api)) == ("failed", True, 3)
    forced = scale(8, force=True)
    assert carried_out(forced, captured(forced))["state"] == "ok"
    verify = act({"status": OBJECT}, until=Until(0.4, 0.05), part="verify")
    assert carried_out(verify, does="verify")["state"] == "ok"
    api.cluster.recommend("api", 4)
    found = carried_out(verify, does="verify")
    assert found["state"] == "failed"
    assert "8 replicas were set and 4 are wanted now" in found["why"]


def test_exec_case_2_another_number_than_captured_is_left_alone(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    api.cluster.edit("deployments", "api", lambda d: d["spec"].update(replicas=5))
    found = carried_out(step, before)
    assert found["state"] == "failed"
    assert "3 replicas were expected and 5 are there: nothing was written" in found["why"]
    assert (writes(api), replicas(api)) == ([], 5)
    assert carried_out(scale(8, from_replicas=4))["state"] == "failed"


def test_the_undo_of_a_scale_that_never_happened_finds_what_it_would_put_back(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    back = undone(step, before)
    assert back is not None
    assert carried_out(back, captured(back))["state"] == "ok"
    assert replicas(api) == 3


def test_exec_case_3_what_another_hand_scaled_is_asked_about_and_not_set_back(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    carried_out(step, before)
    api.cluster.edit("deployments", "api", lambda d: d["spec"].update(replicas=10))
    back = undone(step, before)
    assert back is not None
    with pytest.raises(StepRefused) as refused:
        captured(back)
    assert refused.value.question
    assert "8 replicas were expected and 10 are there" in str(refused.value)
    assert carried_out(back, {})["question"] is True
    assert replicas(api) == 10


@pytest.mark.parametrize("verb", ["undo", "restart"])
def test_exec_case_4_a_paused_deployment_is_refused_before_any_write(api: KubeApi, verb: str) -> None:
    deploy(api, "app:2")
    api.cluster.edit("deployments", "api", lambda d: d["spec"].update(paused=True))
    step = act({verb: OBJECT})
    assert "is paused" in str(carried_out(step, does="preflight")["findings"])
    with pytest.raises(StepRefused, match="is paused"):
        captured(step)
    found = carried_out(step, {})
    assert found["state"] == "failed"
    assert "is paused: nothing was written" in found["why"]
    assert writes(api) == []


def test_exec_case_5_an_undo_to_what_runs_already_failed(api: KubeApi) -> None:
    deploy(api, "app:2")
    found = carried_out(act({"undo": OBJECT, "revision": 2}))
    assert found["state"] == "failed"
    assert "is what runs already: no effect" in found["why"]
    assert writes(api) == []


def test_exec_case_6_an_undo_repeated_after_a_crash_is_still_at_its_target(api: KubeApi) -> None:
    for number in range(2, 9):
        deploy(api, f"app:{number}")
    step = act({"undo": OBJECT, "revision": 7})
    before = captured(step)
    assert before["to"]["revision"] == 7
    assert before["from"]["revision"] == 8
    assert carried_out(step, before)["state"] == "ok"
    assert image(api) == "app:7"
    assert evidence(step, before).verdict == "happened"
    assert carried_out(step, before)["state"] == "ok"  # 7 is revision 9 by now; without a number it would toggle
    assert image(api) == "app:7"
    back = undone(step, before)
    assert back is not None
    assert carried_out(back, captured(back))["state"] == "ok"
    assert image(api) == "app:8"


def test_exec_case_7_without_a_history_it_cannot_be_undone(api: KubeApi) -> None:
    step = act({"undo": OBJECT})
    findings = str(carried_out(step, does="preflight"))
    assert "cannot be undone: there is no history" in findings
    api.cluster.edit("deployments", "api", lambda d: d["spec"].update(revisionHistoryLimit=0))
    assert "revisionHistoryLimit is 0" in str(carried_out(step, does="preflight"))
    gone = act({"undo": OBJECT, "revision": 7})
    assert "revision 7 is not in the history, which has 1" in str(carried_out(gone, does="preflight"))
    for kind in ("statefulset/db", "daemonset/logs"):
        with pytest.raises(StepRefused, match="has no undo"):
            act({"undo": kind})


def test_exec_case_8_a_generation_that_is_not_observed_is_not_done(api: KubeApi) -> None:
    def change(found: dict[str, Any]) -> None:
        found["spec"]["template"]["metadata"]["annotations"] = {"a": "b"}
        found["status"]["observedGeneration"] = found["metadata"]["generation"]

    api.cluster.controller = False
    api.cluster.edit("deployments", "api", change)
    look = act({"status": OBJECT}, until=Until(0.3, 0.05), part="verify")
    found = carried_out(look, does="verify")
    assert found["state"] == "failed"
    assert "generation 2 is not observed yet, the controller saw 1" in found["why"]


def test_old_pods_that_are_still_there_are_not_done(api: KubeApi) -> None:
    api.cluster.controller = False
    api.cluster.edit("deployments", "api", lambda d: d["status"].update(replicas=4))
    found = carried_out(act({"status": OBJECT}, until=Until(0.2, 0.05), part="verify"), does="verify")
    assert "1 old pods are still there" in found["why"]
