"""The kubernetes kind: pods that wait, end or restart, and servers that say nothing."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.kubernetes import KubernetesSpec
from artisan_tui.sources.checks.kubernetes.state import Pod
from support.kube_api import KubeApi, kube_api
from support.kube_asking import Ask
from support.kube_objects import Object, stamp
from support.kube_probing import watching
from support.probing import run_probe
from support.servers import http_answer, saying, talking, until

pytestmark = pytest.mark.xdist_group("kubernetes")


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
