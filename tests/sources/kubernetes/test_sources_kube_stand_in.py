"""The stand-in API server is like the real one: kubectl and the official client work on it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from support.kube_api import KubeApi
from support.servers import require


def run_kubectl(config: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [require("kubectl"), "--kubeconfig", config, "--cache-dir", f"{config}-cache", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_kubectl_works_on_the_stand_in(api: KubeApi, config: str) -> None:
    api.cluster.add("statefulsets", "db", replicas=2)
    api.cluster.add("daemonsets", "log")
    done = run_kubectl(config, "get", "deploy,sts,ds,pods", "-n", "artisan", "-o", "json")
    found = json.loads(done.stdout)["items"]
    assert [each["kind"] for each in found] == ["Deployment", "StatefulSet", "DaemonSet", *["Pod"] * 8]
    assert "deployment.apps/api   3/3" in run_kubectl(config, "get", "deploy,sts,ds,pods", "-o", "wide").stdout
    assert run_kubectl(config, "scale", "deploy/api", "--replicas=5").stdout == "deployment.apps/api scaled\n"
    assert len(api.cluster.pods("api")) == 5
    assert run_kubectl(config, "scale", "deploy/api", "--current-replicas=3", "--replicas=4").returncode == 1
    assert run_kubectl(config, "scale", "deploy/api", "--replicas=2", "--dry-run=server").returncode == 0
    assert len(api.cluster.pods("api")) == 5
    first = api.cluster.pods("api")
    assert run_kubectl(config, "set", "image", "deploy/api", "app=app:2").returncode == 0
    assert "successfully rolled out" in run_kubectl(config, "rollout", "status", "deploy/api", "--timeout=9s").stdout
    assert not set(first) & set(api.cluster.pods("api"))
    assert run_kubectl(config, "rollout", "undo", "deploy/api").returncode == 0
    image = api.cluster.get("deployments", "artisan", "api")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "app:1"
    api.cluster.logs[api.cluster.pods("api")[0]] = "one\ntwo\n"
    assert run_kubectl(config, "logs", api.cluster.pods("api")[0], "--tail=1").stdout == "two\n"


def test_kubectl_is_told_why_not(api: KubeApi, config: str) -> None:
    assert "(NotFound)" in run_kubectl(config, "get", "deploy", "nope").stderr
    api.forbid("patch", "deployments")
    assert "(Forbidden)" in run_kubectl(config, "scale", "deploy/api", "--replicas=5").stderr
    api.heal()
    api.cluster.broken["bad"] = "ErrImagePull"
    assert run_kubectl(config, "set", "image", "deploy/api", "app=bad").returncode == 0
    stuck = run_kubectl(config, "rollout", "status", "deploy/api", "--timeout=500ms")
    assert (stuck.returncode, "Waiting for deployment" in stuck.stdout) == (1, True)


def test_kubectl_sees_autoscalers(api: KubeApi, config: str) -> None:
    api.cluster.autoscale("api", 2, 10)
    assert run_kubectl(config, "get", "hpa", "-o", "name").stdout == "horizontalpodautoscaler.autoscaling/api-hpa\n"
    assert "api-hpa" in run_kubectl(config, "get", "hpa").stdout
    assert run_kubectl(config, "scale", "deploy/api", "--replicas=12").returncode == 0
    api.cluster.recommend("api", 12)
    assert len(api.cluster.pods("api")) == 10


def restarts(event: Any) -> int:
    count: int = event["object"].status.container_statuses[0].restart_count
    return count


def test_watches_of_the_stand_in(api: KubeApi, config: str) -> None:
    from kubernetes import client, watch
    from kubernetes.config import new_client_from_config
    from urllib3.exceptions import HTTPError

    with new_client_from_config(config, persist_config=False) as made:
        pods = client.CoreV1Api(made)
        version = pods.list_namespaced_pod("artisan").metadata.resource_version
        name = api.cluster.pods("api")[0]
        api.cluster.restart(name)
        told = watch.Watch().stream(pods.list_namespaced_pod, "artisan", resource_version=version, timeout_seconds=1)
        seen = [(event["type"], event["object"].metadata.name, restarts(event)) for event in told]
        assert seen == [("MODIFIED", name, 1)]
        stream = watch.Watch().stream(pods.list_namespaced_pod, "artisan", resource_version=version)
        assert restarts(next(stream)) == 1
        api.cluster.restart(name)
        assert restarts(next(stream)) == 2
        api.drop_watches()
        with pytest.raises(HTTPError):
            next(stream)
        api.cluster.forget()
        with pytest.raises(client.ApiException) as gone:
            next(watch.Watch().stream(pods.list_namespaced_pod, "artisan", resource_version=version, timeout_seconds=5))
        assert gone.value.status == 410
        page = pods.list_namespaced_pod("artisan", limit=2)
        assert (len(page.items), page.metadata.remaining_item_count) == (2, 1)
        api.cluster.forget()
        with pytest.raises(client.ApiException) as gone:
            pods.list_namespaced_pod("artisan", limit=2, _continue=page.metadata._continue)
        assert gone.value.status == 410
