"""The kubernetes kind against a stand-in API server: what is well and what is not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.kubernetes import KubernetesSpec
from artisan_tui.sources.checks.kubernetes.state import Workload
from support.kube_api import KubeApi
from support.kube_asking import Ask
from support.kube_objects import Object
from support.probing import run_probe
from support.servers import http_answer, saying, talking

pytestmark = pytest.mark.xdist_group("kubernetes")


def edit_status(api: KubeApi, resource: str = "deployments", name: str = "api", **status: Any) -> None:
    """What the cluster says, without a controller that says otherwise."""
    api.cluster.controller = False
    api.cluster.edit(resource, name, lambda found: found["status"].update(status))


@pytest.mark.parametrize("kind", ["deployment", "statefulset", "daemonset"])
async def test_workloads_that_are_well(api: KubeApi, ask: Ask, kind: str) -> None:
    api.cluster.add(f"{kind}s", "some", replicas=3)
    expect = ["value == 3", "body.desired == 3", "body.updated == 3", "body.available == 3", "latency < 3s"]
    outcome = await ask(**{kind: "some", "expect": expect})
    assert outcome.verdict is State.UP, outcome
    assert all(line.startswith("GET ") for line in api.requests)


@pytest.mark.parametrize("kind", ["deployment", "statefulset", "daemonset"])
async def test_a3_pods_of_others_have_the_same_labels(api: KubeApi, ask: Ask, kind: str) -> None:
    """Helm charts give the pods of a migration job the labels of the application."""
    api.cluster.add(f"{kind}s", "some", replicas=2)
    example = api.cluster.get("pods", "artisan", api.cluster.pods("some")[0])
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "some-migrate", "uid": "job", "controller": True}
    others = [owner, {**owner, "kind": "ReplicaSet", "name": "some-else-7d9f"}]
    api.cluster.controller = False
    for number, each in enumerate(others):
        stray = copy.deepcopy(example)
        stray["metadata"] |= {"name": f"stray-{number}", "uid": f"stray-{number}", "ownerReferences": [each]}
        stray["status"]["containerStatuses"][0] |= {
            "restartCount": 9,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        }
        api.cluster.put("pods", stray)
    outcome = await ask(**{kind: "some", "expect": ["body.restarts == 0"]})
    assert (outcome.verdict, outcome.detail) == (State.UP, ""), outcome


@pytest.mark.parametrize(
    "changed", [{"name": "api2"}, {"namespace": "other"}, {"kind": "StatefulSet"}, {"selector": {}}, {"selector": None}]
)
async def test_a3_an_answer_about_another_object_says_nothing(
    api: KubeApi, tmp_path: Path, changed: dict[str, Any]
) -> None:
    found = copy.deepcopy(api.cluster.get("deployments", "artisan", "api"))
    for key, value in changed.items():
        {"kind": found, "selector": found["spec"]}.get(key, found["metadata"])[key] = value
    async with talking(saying(http_answer(json.dumps(found)), keep=True)) as port:
        config = tmp_path / "other"
        config.write_text(
            f'apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]\n'
            "contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: x}}]\n"
        )
        _, outcome = await run_probe(
            "kubernetes", deployment="api", namespace="artisan", kubeconfig=str(config), timeout="5s"
        )
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.PROTOCOL), outcome


@pytest.mark.parametrize("pods", [" ", ",", " , "])
def test_a3_a_selector_that_selects_everything(pods: str) -> None:
    with pytest.raises(ValidationError, match="every pod"):
        KubernetesSpec.model_validate({"id": "x", "pods": pods})


async def test_pods_by_their_labels(api: KubeApi, ask: Ask) -> None:
    api.cluster.add("daemonsets", "log")
    assert (await ask(pods="app=api", expect=["value == 3"])).verdict is State.UP
    assert (await ask(pods="app in (api, log)", expect=["value == 6", "body.pending == 0"])).verdict is State.UP
    outcome = await ask(pods="app=nobody")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT)
    outcome = await ask(pods="app in in in")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.QUERY)
    assert "unable to parse" in outcome.detail


async def test_many_pods_come_by_pages(api: KubeApi, ask: Ask) -> None:
    api.cluster.add("deployments", "big", replicas=230)
    api.requests.clear()
    assert (await ask(pods="app=big", expect=["value == 230"])).verdict is State.UP
    assert len(api.requests) == 3


async def test_fewer_ready_than_wanted(api: KubeApi, ask: Ask) -> None:
    pods = api.cluster.pods("api")
    api.cluster.unready(pods[0])
    outcome = await ask()
    assert (outcome.verdict, outcome.reason) == (State.DEGRADED, Reason.PARTIAL)
    assert outcome.detail.startswith(f"2 of 3 ready: {pods[0]} not ready: containers with unready")
    outcome = await ask(at_least=3)
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.NOT_READY)
    assert "2 of 3 ready, at least 3 needed" in outcome.detail
    assert (await ask(pods="app=api")).verdict is State.DEGRADED
    for pod in pods[1:]:
        api.cluster.unready(pod)
    for keys in ({}, {"pods": "app=api"}):
        outcome = await ask(**keys)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.NOT_READY)
        assert outcome.detail.startswith("0 of 3 ready")


async def test_the_reason_and_the_pod_are_named(api: KubeApi, ask: Ask) -> None:
    pods = api.cluster.pods("api")
    api.cluster.restart(pods[1], 2)
    api.cluster.waiting(pods[1], "CrashLoopBackOff", "back-off \x1b[31m5m0s\u202e restarting\x00 failed container")
    outcome = await ask()
    assert outcome.detail == (
        f"2 of 3 ready: {pods[1]} CrashLoopBackOff, last exit code 137 OOMKilled: "
        "back-off 5m0s restarting failed container"
    )
    api.cluster.waiting(pods[1], "ImagePullBackOff", phase="Pending")
    assert f"{pods[1]} ImagePullBackOff" in (await ask()).detail


async def test_scaled_to_zero_paused_and_not_taken_up(api: KubeApi, ask: Ask) -> None:
    api.cluster.edit("deployments", "api", lambda found: found["spec"].update(paused=True))
    assert (await ask()).detail == "its rollout is paused"
    api.cluster.edit("deployments", "api", lambda found: found["spec"].update(paused=False, replicas=0))
    outcome = await ask()
    assert (outcome.verdict, outcome.detail) == (State.DEGRADED, "scaled to zero")
    assert (await ask(at_least=1)).verdict is State.DOWN
    api.cluster.edit("deployments", "api", lambda found: found["spec"].update(replicas=3))
    api.cluster.controller = False
    api.cluster.edit("deployments", "api", lambda found: found["spec"].update(minReadySeconds=5))
    outcome = await ask()
    assert (outcome.verdict, outcome.detail) == (State.DEGRADED, "the latest change has not been processed yet")


async def test_a_rollout_that_sticks(api: KubeApi, ask: Ask, config: str) -> None:
    api.cluster.broken["app:bad"] = "ImagePullBackOff"
    containers = [{"name": "app", "image": "app:bad"}]
    api.cluster.edit(
        "deployments", "api", lambda found: found["spec"]["template"]["spec"].update(containers=containers)
    )
    outcome = await ask(expect=["body.pending == 1", "value == 3"])
    assert (outcome.verdict, outcome.detail) == (State.DEGRADED, "rollout in progress, 1 of 3 updated")
    seen, _ = await run_probe("kubernetes", deployment="api", namespace="artisan", kubeconfig=config, timeout="5s")
    assert "ImagePullBackOff" in seen.notes[1], "the new pod's trouble, although enough old ones are ready"
    overdue = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
    edit_status(api, conditions=overdue)
    assert (await ask()).detail == "the rollout is stuck, 1 of 3 updated"
    edit_status(api, readyReplicas=0)
    outcome = await ask()
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.NOT_READY)
    assert "ImagePullBackOff" in outcome.detail


@pytest.mark.parametrize(
    ("spec", "status", "rolling"),
    [
        (
            {},
            {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1},
            "rollout in progress, 1 of 3 updated",
        ),
        ({}, {"currentRevision": "b", "updateRevision": "b"}, ""),
        ({"type": "OnDelete"}, {"currentRevision": "a", "updateRevision": "b"}, ""),
        (
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}},
            {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1},
            "",
        ),
    ],
)
def test_rollouts_of_stateful_sets(spec: Object, status: Object, rolling: str) -> None:
    own = {"replicas": 3, "updateStrategy": spec, "selector": {"matchLabels": {"app": "x"}}}
    document = {"metadata": {}, "spec": own, "status": status}
    assert Workload.read("statefulsets", document).rolling == rolling


def test_a_selector_with_expressions() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "x", "operator": "NotIn", "values": ["c"]},
        {"key": "y", "operator": "Exists"},
        {"key": "z", "operator": "DoesNotExist"},
    ]
    spec = {"selector": {"matchLabels": {"app": "api"}, "matchExpressions": expressions}}
    read = Workload.read("deployments", {"metadata": {}, "spec": spec})
    assert read.selector == "app=api,tier in (a,b),x notin (c),y,!z"
    assert read.desired == 1, "what Kubernetes takes when nothing is said"
