"""Steps that change a cluster, and what they left there."""

from __future__ import annotations

from typing import Any

from artisan_tui.steps.runbooks.protocol import Resolved
from support.kube_api import KubeApi
from support.step_runs import resolved

OBJECT = "deployment/api"


def act(body: dict[str, Any], **more: Any) -> Resolved:
    return resolved("kubernetes", {"namespace": "artisan", **body}, **more)


def scale(number: int, **more: Any) -> Resolved:
    return act({"scale": {OBJECT: number}, **more})


def replicas(api: KubeApi) -> int:
    return int(api.cluster.get("deployments", "artisan", "api")["spec"]["replicas"])


def deploy(api: KubeApi, name: str) -> None:
    api.cluster.edit("deployments", "api", lambda d: d["spec"]["template"]["spec"]["containers"][0].update(image=name))


def writes(api: KubeApi) -> list[str]:
    return [each for each in api.requests if not each.startswith("GET") and "selfsubject" not in each]
