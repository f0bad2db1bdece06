"""The shapes of Kubernetes objects, for the stand-in cluster. Pure: nothing lives here."""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Object = dict[str, Any]
#: resource -> (apiVersion, kind, short name)
KINDS = {
    "namespaces": ("v1", "Namespace", "ns"),
    "pods": ("v1", "Pod", "po"),
    "events": ("v1", "Event", "ev"),
    "deployments": ("apps/v1", "Deployment", "deploy"),
    "replicasets": ("apps/v1", "ReplicaSet", "rs"),
    "statefulsets": ("apps/v1", "StatefulSet", "sts"),
    "daemonsets": ("apps/v1", "DaemonSet", "ds"),
    "controllerrevisions": ("apps/v1", "ControllerRevision", ""),
    "horizontalpodautoscalers": ("autoscaling/v2", "HorizontalPodAutoscaler", "hpa"),
}
REVISION = "deployment.kubernetes.io/revision"


class Refusal(Exception):
    """The API says no: becomes a Status object."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, dict(details or {})

    @property
    def status(self) -> Object:
        told: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        return told | {"message": self.message, "reason": self.reason, "details": self.details, "code": self.code}


def stamp(ago: float = 0.0) -> str:
    """A time as the API writes it, ``ago`` seconds in the past."""
    return (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def workload(resource: str, name: str, *, namespace: str, image: str, replicas: int) -> Object:
    """A deployment, stateful set or daemon set, labelled ``app=NAME``."""
    labels = {"app": name}
    spec: Object = {
        "selector": {"matchLabels": dict(labels)},
        "template": {
            "metadata": {"labels": dict(labels)},
            "spec": {"containers": [{"name": "app", "image": image}], "restartPolicy": "Always"},
        },
    }
    if resource == "deployments":
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    else:
        spec["updateStrategy"] = {"type": "RollingUpdate"}
    if resource == "statefulsets":
        spec["serviceName"] = name
    if resource != "daemonsets":
        spec["replicas"] = replicas
    meta = {"name": name, "namespace": namespace, "labels": labels, "annotations": {}}
    return _object(resource, meta) | {"spec": spec, "status": {}}


def autoscaler(name: str, target: str, *, namespace: str, least: int, most: int) -> Object:
    """An HPA of the deployment ``target``."""
    of = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    spec = {"scaleTargetRef": of, "minReplicas": least, "maxReplicas": most}
    made = _object("horizontalpodautoscalers", {"name": name, "namespace": namespace, "annotations": {}})
    return made | {"spec": spec, "status": {}}


def replica_set(deployment: Object, digest: str) -> Object:
    meta = deployment["metadata"]
    template = copy.deepcopy(deployment["spec"]["template"])
    labels = template["metadata"]["labels"]
    labels["pod-template-hash"] = digest
    mine = {"name": f"{meta['name']}-{digest}", "namespace": meta["namespace"], "labels": labels, "annotations": {}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    owned = {**mine, "ownerReferences": [_owner(deployment)], "generation": 1}
    return _object("replicasets", owned) | {"spec": spec, "status": {"replicas": 0}}


def pod(owner: Object, name: str, node: str, waiting: str = "") -> Object:
    """One of ``owner``'s template, running and ready unless its container is ``waiting`` for a reason."""
    template = owner["spec"]["template"]
    image = template["spec"]["containers"][0]["image"]
    labels = {**template["metadata"]["labels"], "controller-revision-hash": digest_of(template)}
    meta = {"name": name, "namespace": owner["metadata"]["namespace"], "labels": labels}
    ids = {"imageID": f"sha256:{digest_of(template)}", "containerID": f"containerd://{uuid.uuid4().hex}"}
    container = {
        **ids,
        "name": "app",
        "image": image,
        "ready": True,
        "started": True,
        "restartCount": 0,
        "lastState": {},
    }
    made = _object("pods", {**meta, "ownerReferences": [_owner(owner)]}) | {
        "spec": {**copy.deepcopy(template["spec"]), "nodeName": node},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "startTime": stamp(),
            "conditions": [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Initialized", "Ready")],
            "containerStatuses": [{**container, "state": {"running": {"startedAt": stamp()}}}],
        },
    }
    if waiting:
        wait(made, waiting, f'Back-off pulling image "{image}"', "Pending")
    return made


def wait(made: Object, reason: str, message: str, phase: str) -> None:
    """A pod's container waits for ``reason``."""
    made["status"]["phase"] = phase
    made["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": reason, "message": message}}
    unready(made)


def unready(made: Object) -> None:
    """A pod is not ready, whatever its phase."""
    made["status"]["containerStatuses"][0]["ready"] = False
    why = {"status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [app]"}
    for condition in made["status"]["conditions"]:
        condition.update(why if condition["type"] == "Ready" else {})


def is_ready(made: Object) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in made["status"]["conditions"])


def is_owned(made: Object, owner: Object) -> bool:
    return any(o["uid"] == owner["metadata"]["uid"] for o in made["metadata"].get("ownerReferences", ()))


def digest_of(template: Object) -> str:
    """Of what is in it: kubectl sends nulls and empty tables along that mean nothing."""
    return hashlib.sha256(json.dumps(_pruned(template), sort_keys=True).encode()).hexdigest()[:10]


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kept for key, each in value.items() if (kept := _pruned(each)) not in (None, {}, [])}
    return [_pruned(each) for each in value] if isinstance(value, list) else value


def _object(resource: str, meta: Object) -> Object:
    version, kind, _ = KINDS[resource]
    born = {"uid": str(uuid.uuid4()), "creationTimestamp": stamp()}
    return {"apiVersion": version, "kind": kind, "metadata": meta | born}


def _owner(owner: Object) -> Object:
    meta = owner["metadata"]
    told = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {**told, "controller": True, "blockOwnerDeletion": True}
