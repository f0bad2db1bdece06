"""Steps that wait for a cluster, or are refused or not answered by it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from artisan_tui.steps.runbooks.protocol import StepRefused
from support.kube_api import KubeApi
from support.kube_steps import OBJECT, act, deploy, replicas, scale, writes
from support.servers import free_port
from support.step_runs import captured, carried_out, evidence, undone

pytestmark = pytest.mark.xdist_group("steps-kubernetes")


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
