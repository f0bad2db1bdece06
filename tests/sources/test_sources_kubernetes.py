"""The kubernetes kind against a stand-in API server: what is well, what is not, what says nothing."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.kubernetes import KubernetesSpec
from artisan_tui.sources.checks.kubernetes.state import Pod, Workload
from support.kube_api import KubeApi, kube_api
from support.kube_objects import Object, stamp
from support.kube_probing import Seen, watching
from support.probing import run_probe
from support.servers import certificate, http_answer, saying, talking, until

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("kube"))


@pytest.fixture
def api(pair: tuple[Path, Path]) -> Iterator[KubeApi]:
    with kube_api(tls=pair) as server:
        server.cluster.add("deployments", "api")
        yield server


@pytest.fixture
def config(api: KubeApi, tmp_path: Path) -> str:
    return str(api.kubeconfig(tmp_path / "config"))


@pytest.fixture
def ask(config: str) -> Ask:
    """One probe of the cluster; at the deployment api unless told otherwise."""

    async def once(**keys: Any) -> Outcome:
        keys = {"namespace": "artisan", "kubeconfig": config, "timeout": "5s", **keys}
        if not {"deployment", "statefulset", "daemonset", "pods"} & set(keys):
            keys["deployment"] = "api"
        seen: Seen = await run_probe("kubernetes", **keys)
        assert (seen[1].detail + seen[0].excerpt.replace("\n", "")).isprintable()
        return seen[1]

    return once


def edit_status(api: KubeApi, resource: str = "deployments", name: str = "api", **status: Any) -> None:
    """What the cluster says, without a controller that says otherwise."""
    api.cluster.controller = False
    api.cluster.edit(resource, name, lambda found: found["status"].update(status))


# What is well.


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


# What is not.


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


async def test_pending_too_long(api: KubeApi, ask: Ask) -> None:
    pod = api.cluster.pods("api")[0]

    def starve(found: Object) -> None:
        found["status"] = {
            "phase": "Pending",
            "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes: insufficient memory"}],
        }
        found["metadata"]["creationTimestamp"] = stamp(400)

    api.cluster.edit("pods", pod, starve)
    assert (await ask(pending_for="10m")).detail == "2 of 3 ready"
    outcome = await ask()
    assert outcome.detail.startswith(f"2 of 3 ready: {pod} pending since ")
    assert outcome.detail.endswith("UTC: 0/3 nodes: insufficient memory")


async def test_pods_that_ended_and_pods_on_their_way_out(api: KubeApi, ask: Ask) -> None:
    first, second, third = api.cluster.pods("api")
    api.cluster.controller = False
    api.cluster.edit("pods", first, lambda found: found["status"].update(phase="Failed", reason="Evicted"))
    api.cluster.edit("pods", second, lambda found: found["metadata"].update(deletionTimestamp=stamp()))
    assert (await ask(pods="app=api", expect=["value == 1", "body.desired == 1"])).verdict is State.UP
    api.cluster.edit("pods", third, lambda found: found["status"].update(phase="Succeeded"))
    outcome = await ask(pods="app=api")
    assert (outcome.reason, outcome.detail) == (Reason.NOT_READY, f"no pod runs: {first} failed: Evicted")
    api.cluster.delete("pods", "artisan", first)
    assert (await ask(pods="app=api")).detail == "no pod runs, 1 have completed"
    api.cluster.delete("pods", "artisan", third)
    assert (await ask(pods="app=api")).reason is Reason.ABSENT


async def test_restarts_are_counted_from_probe_to_probe(api: KubeApi, config: str) -> None:
    pod = api.cluster.pods("api")[0]
    api.cluster.restart(pod, 50, ago=9000)

    def old(found: Object) -> None:
        found["metadata"]["creationTimestamp"] = found["status"]["startTime"] = stamp(90_000)

    api.cluster.edit("pods", pod, old)
    async with watching(config, restarts=2) as once:
        assert (await once())[1].verdict is State.UP, "those of long ago do not count"
        api.cluster.restart(pod, 2)
        assert (await once())[1].verdict is State.UP
        api.cluster.restart(pod, 1)
        seen, outcome = await once()
        assert (outcome.verdict, outcome.detail) == (
            State.DEGRADED,
            f"{pod} restarted 3 times within 10m, at most 2 expected",
        )
        assert seen.answers["body"]["restarts"] == 53  # type: ignore[index]
        assert seen.answers["body"]["restarts_lately"] == 3  # type: ignore[index]


async def test_a_young_pod_s_restarts_count_at_once(api: KubeApi, ask: Ask) -> None:
    pod = api.cluster.pods("api")[2]
    api.cluster.restart(pod, 5)
    assert (await ask()).detail == f"{pod} restarted 5 times within 10m, at most 3 expected"


async def test_absent(ask: Ask) -> None:
    outcome = await ask(deployment="nope")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT)
    assert outcome.detail == "deployment nope does not exist in namespace artisan"
    assert (await ask(namespace="nowhere")).reason is Reason.ABSENT


# What says nothing about the app.


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("close", Reason.PROTOCOL),
        ("cut", Reason.PROTOCOL),
        ("garbage", Reason.PROTOCOL),
        ("flood", Reason.TOO_LARGE),
        (401, Reason.AUTH),
        (403, Reason.DENIED),
        (409, Reason.PROTOCOL),
        (429, Reason.REJECTED),
        (500, Reason.STATUS),
        (503, Reason.REJECTED),
        (302, Reason.REDIRECT),
    ],
)
async def test_an_api_server_in_trouble(api: KubeApi, ask: Ask, fault: str | int, reason: Reason) -> None:
    await ask()
    api.requests.clear()
    api.fail(fault)
    outcome = await ask()
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, reason), outcome.detail
    assert len(api.requests) == 1, "nothing is tried twice in secret"
    api.heal()
    assert (await ask()).verdict is State.UP


async def test_a_server_that_says_nothing(api: KubeApi, config: str) -> None:
    async with watching(config, timeout="5s") as once:
        await once()  # the package is loaded
    async with watching(config, timeout="400ms") as once:
        api.fail("hang")
        outcome = (await once())[1]
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TIMEOUT)
        assert outcome.detail == "no response within 400ms, waiting for the API server"
        api.heal()
        deadline = time.monotonic() + 10
        while (await once())[1].verdict is not State.UP:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


async def test_a_trickle_blocks_one_thread_and_no_more(api: KubeApi, config: str) -> None:
    api.fail("trickle", times=1)
    async with watching(config, timeout="400ms") as once:
        while (await once())[1].reason is not Reason.TIMEOUT:
            pass
        outcome = (await once())[1]
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.BLOCKED)
        api.over.set()
        await asyncio.to_thread(until, lambda: not any(t.name == "probe kubernetes x" for t in threading.enumerate()))
        assert (await once())[1].reason is not Reason.BLOCKED


async def test_what_is_no_api_server(tmp_path: Path) -> None:
    for answer, wanted in (
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", Reason.PROTOCOL),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"items": 42}', Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", Reason.PROTOCOL),
        (http_answer('{"metadata": {}, "spec": {"replicas": "many"}}'), Reason.PROTOCOL),
    ):
        async with talking(saying(answer)) as port:
            with kube_api() as other:
                other.url = f"http://127.0.0.1:{port}"
                path = str(other.kubeconfig(tmp_path / "config"))
            _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=path, timeout="5s")
            assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, wanted), (answer, outcome.detail)
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=path, timeout="5s")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.REFUSED)


async def test_a_certificate_nobody_trusts(api: KubeApi, tmp_path: Path) -> None:
    api.ca = None
    path = str(api.kubeconfig(tmp_path / "config"))
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=path, timeout="5s")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TLS)
    assert "self-signed" in outcome.detail


async def test_what_rbac_forbids(api: KubeApi, ask: Ask, config: str) -> None:
    api.forbid("list", "pods")
    seen, outcome = await run_probe(
        "kubernetes", deployment="api", namespace="artisan", kubeconfig=config, timeout="5s"
    )
    assert outcome.verdict is State.UP, "the deployment itself tells enough"
    assert seen.remarks == ("restarts and reasons are unknown: needs list on pods in namespace artisan",)
    outcome = await ask(pods="app=api")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.DENIED)
    assert outcome.detail == "permission denied: needs list on pods in namespace artisan"
    api.forbid("get", "deployments")
    assert "needs get on deployments, and list on pods, in namespace artisan" in (await ask()).detail


async def test_a_list_that_expires_is_begun_again_once(api: KubeApi, ask: Ask) -> None:
    api.cluster.add("deployments", "big", replicas=130)
    api.fail(410, "continue=", times=1)
    assert (await ask(pods="app=big", expect=["value == 130"])).verdict is State.UP
    api.fail(410, "continue=")
    outcome = await ask(pods="app=big")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.STALE)


async def test_without_the_package(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "kubernetes"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    for name in ("access", "reader"):
        monkeypatch.delitem(sys.modules, f"artisan_tui.sources.checks.kubernetes.{name}", raising=False)
        monkeypatch.delattr(f"artisan_tui.sources.checks.kubernetes.{name}", raising=False)
    outcome = await ask()
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.NOT_INSTALLED)
    assert outcome.detail == "the kubernetes package is not installed: pip install artisan-tui"


def test_hostile_words_of_a_pod() -> None:
    evil = "\x1b]0;x\x07\u202eA\x00\x9b31m[bold]" * 50
    waiting = {"name": evil, "state": {"waiting": {"reason": evil, "message": evil}}, "lastState": {"terminated": {}}}
    document: Object = {
        "metadata": {"name": evil, "uid": evil, "creationTimestamp": evil},
        "status": {"phase": evil, "conditions": [{"type": "Ready", "status": evil}], "containerStatuses": [waiting]},
    }
    pod = Pod.read(document, 0.0, 300.0)
    assert (pod.name + pod.trouble + pod.phase).isprintable()
    assert len(pod.trouble) < 600


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"deployment": "a", "pods": "app=a"},
        {"deployment": "a", "statefulset": "b"},
        {"deployment": "A"},
        {"deployment": "../x"},
        {"deployment": "a", "namespace": "a/b"},
        {"pods": ""},
        {"deployment": "a", "at_least": 0},
        {"deployment": "a", "expect": ["status == 200"], "restarts": -1},
    ],
)
def test_what_is_no_target(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KubernetesSpec.model_validate({"id": "x", **keys})
