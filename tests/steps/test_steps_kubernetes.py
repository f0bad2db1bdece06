"""Steps of kind kubernetes against the stand-in API server, by the official client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused, Until
from support.kube_api import KubeApi, kube_api
from support.servers import free_port
from support.step_runs import captured, carried_out, evidence, resolved, result_of, started, undone

OBJECT = "deployment/api"


@pytest.fixture(scope="module")
def server() -> Iterator[KubeApi]:
    with kube_api() as made:
        yield made


@pytest.fixture
def api(server: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KubeApi:
    server.heal()
    server.cluster.objects.clear()
    server.cluster.controller = True
    server.cluster.add("deployments", "api", replicas=3)
    server.requests.clear()
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path / "config")))
    return server


def act(body: dict[str, Any], **more: Any) -> Resolved:
    return resolved("kubernetes", {"namespace": "artisan", **body}, **more)


def scale(number: int, **more: Any) -> Resolved:
    return act({"scale": {OBJECT: number}, **more})


def replicas(api: KubeApi) -> int:
    return int(api.cluster.get("deployments", "artisan", "api")["spec"]["replicas"])


def image(api: KubeApi) -> str:
    return str(api.cluster.get("deployments", "artisan", "api")["spec"]["template"]["spec"]["containers"][0]["image"])


def deploy(api: KubeApi, name: str) -> None:
    api.cluster.edit("deployments", "api", lambda d: d["spec"]["template"]["spec"]["containers"][0].update(image=name))


def writes(api: KubeApi) -> list[str]:
    return [each for each in api.requests if not each.startswith("GET") and "selfsubject" not in each]


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


def test_exec_case_9_watches_that_close_or_hang_are_ended_by_our_clock(api: KubeApi) -> None:
    api.cluster.broken["app:2"] = "ImagePullBackOff"
    deploy(api, "app:2")
    api.fail("close", "watch=1", times=3)
    api.fail("hang", "watch=1")
    begun = time.monotonic()
    found = carried_out(act({"status": OBJECT}), seconds=2.5)
    assert found["state"] == "failed"
    assert "not complete in time: 1 of 3 pods are new" in found["why"]
    assert 2.0 < time.monotonic() - begun < 8
    assert sum("watch=1" in each for each in api.requests) >= 4


def test_a_watch_that_closes_early_does_not_end_the_wait(api: KubeApi) -> None:
    api.cluster.controller = False
    api.cluster.edit("deployments", "api", lambda d: d["spec"].update(replicas=5))
    api.fail("close", "watch=1", times=3)
    job = act({"status": OBJECT})

    class Meanwhile:
        times = 0

    def sleep(seconds: float) -> None:
        Meanwhile.times += 1
        if Meanwhile.times == 3:
            api.cluster.controller = True
            api.cluster.edit("deployments", "api", lambda d: None)

    assert carried_out(job, sleep=sleep)["state"] == "ok"


def test_a_patch_that_is_not_answered_is_unknown_and_the_mark_tells(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    assert evidence(step, before).verdict == "absent"
    api.fail("lost", "PATCH")
    found = carried_out(step, before)
    api.heal()
    assert found["state"] == "unknown"
    assert sum(each.startswith("PATCH") for each in api.requests) == 1
    assert evidence(step, before).verdict == "happened"
    api.cluster.edit(
        "deployments", "api", lambda d: d["metadata"]["annotations"].update({"artisan-tui/step": "other/x"})
    )
    other = evidence(step, before)
    assert other.verdict == "unsure"
    assert "other/x" in other.why


def test_another_change_meanwhile_is_read_again_and_not_overwritten(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    api.fail(409, "PATCH", times=1)
    api.cluster.edit("deployments", "api", lambda d: d["metadata"]["labels"].update(other="hand"))
    assert carried_out(step, before)["state"] == "ok"
    assert api.cluster.get("deployments", "artisan", "api")["metadata"]["labels"]["other"] == "hand"


def test_a_restart_replaces_the_pods_and_status_waits_for_it(api: KubeApi) -> None:
    old = api.cluster.pods("api")
    step = act({"restart": OBJECT})
    before = captured(step)
    assert carried_out(step, before)["state"] == "ok"
    assert carried_out(act({"status": OBJECT}))["state"] == "ok"
    assert not set(old) & set(api.cluster.pods("api"))
    assert undone(step, before) is None


def test_exec_case_37_preflight_only_reads_and_names_the_right_that_is_missing(api: KubeApi) -> None:
    api.forbid("patch", "deployments")
    found = carried_out(scale(8), does="preflight")
    assert "the right to patch deployments is not there" in str(found["findings"])
    api.heal()
    assert carried_out(scale(8), does="preflight")["state"] == "ok"
    assert carried_out(scale(8), does="dry")["state"] == "ok"
    assert "there is no deployment nobody" in str(carried_out(act({"restart": "deployment/nobody"}), does="preflight"))
    assert "there is no context staging" in str(
        carried_out(act({"get": OBJECT, "context": "staging"}), does="preflight")
    )
    assert writes(api) == []


def test_logs_and_get_are_shown(api: KubeApi) -> None:
    pod = api.cluster.pods("api")[0]
    api.cluster.logs[pod] = "one\ntwo\n"
    said: list[str] = []
    assert carried_out(act({"logs": OBJECT, "tail": 1}, expect=('stdout ~ "two"',)), said=said)["state"] == "ok"
    assert any("two" in line and "one" not in line for line in said)
    found = carried_out(act({"get": OBJECT}, capture={"n": "body.spec.replicas", "g": "body.generation"}))
    assert found["captures"] == {"n": "3", "g": "1"}


def test_nobody_there_is_said(api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(config.read_text().replace(api.url, f"http://127.0.0.1:{free_port()}"))
    found = carried_out(scale(8))
    assert found["state"] == "failed"
    assert "the current context cannot be reached" in found["why"]
    config.write_text("{nonsense: [")
    assert "cannot be read" in carried_out(scale(8))["why"]


@pytest.mark.parametrize(("resource", "kind"), [("statefulsets", "statefulset"), ("daemonsets", "daemonset")])
def test_other_workloads_are_restarted_and_waited_for(api: KubeApi, resource: str, kind: str) -> None:
    api.cluster.add(resource, "db", replicas=2)
    step = act({"restart": f"{kind}/db"})
    before = captured(step)
    assert carried_out(step, before)["state"] == "ok"
    assert evidence(step, before).verdict == "happened"
    assert carried_out(act({"status": f"{kind}/db"}))["state"] == "ok"
    api.cluster.edit(resource, "db", lambda d: d["spec"].update(updateStrategy={"type": "OnDelete"}))
    with pytest.raises(StepRefused, match="OnDelete"):
        captured(step)


def test_what_was_deleted_and_made_again_is_not_changed(api: KubeApi) -> None:
    step = scale(8)
    before = captured(step)
    api.cluster.delete("deployments", "artisan", "api")
    api.cluster.add("deployments", "api", replicas=3)
    found = carried_out(step, before)
    assert "was deleted and made again" in found["why"]
    assert (writes(api), replicas(api)) == ([], 3)
    assert evidence(step, before).verdict == "unsure"


def test_a_missing_right_is_said_with_what_the_server_says(api: KubeApi) -> None:
    api.forbid("patch", "deployments")
    step = act({"restart": OBJECT})
    found = carried_out(step, captured(step))
    assert found["state"] == "failed"
    assert "refused (403)" in found["why"]
    assert "ask for the right" in found["why"]
    assert evidence(step, captured(step)).verdict == "absent"
