"""The columns that `kubectl get` prints, which the real server makes too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from support.kube_objects import Object

#: (column, whether only `-o wide` shows it)
_WORKLOAD = (("CONTAINERS", True), ("IMAGES", True), ("SELECTOR", True))
COLUMNS: dict[str, tuple[tuple[str, bool], ...]] = {
    "deployments": (("READY", False), ("UP-TO-DATE", False), ("AVAILABLE", False), ("AGE", False), *_WORKLOAD),
    "replicasets": (("DESIRED", False), ("CURRENT", False), ("READY", False), ("AGE", False), *_WORKLOAD),
    "statefulsets": (("READY", False), ("AGE", False), *_WORKLOAD[:2]),
    "daemonsets": (
        *((name, False) for name in ("DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE")),
        *_WORKLOAD,
    ),
    "pods": (("READY", False), ("STATUS", False), ("RESTARTS", False), ("AGE", False), ("IP", True), ("NODE", True)),
    "namespaces": (("STATUS", False), ("AGE", False)),
}


def table(resource: str, objects: Sequence[Object], meta: Object) -> Object:
    columns = (("NAME", False), *COLUMNS.get(resource, (("AGE", False),)))
    definitions = [
        {
            "name": name.title(),
            "type": "string",
            "format": "name" if name == "NAME" else "",
            "description": "",
            "priority": int(wide),
        }
        for name, wide in columns
    ]
    rows = []
    for each in objects:
        cells = {"NAME": each["metadata"]["name"], "AGE": _age(each), **_cells(resource, each)}
        shown = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": each["metadata"]}
        rows.append({"cells": [cells[name] for name, _ in columns], "object": shown})
    told: Object = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    return told | {"columnDefinitions": definitions, "rows": rows}


def _cells(resource: str, each: Object) -> Object:
    spec, status = each.get("spec", {}), each.get("status", {})
    if resource == "namespaces":
        return {"STATUS": "Active"}
    if resource == "pods":
        states = status["containerStatuses"]
        waiting = [s["state"]["waiting"]["reason"] for s in states if "waiting" in s["state"]]
        return {
            "READY": f"{sum(s['ready'] for s in states)}/{len(states)}",
            "STATUS": waiting[0] if waiting else status["phase"],
            "RESTARTS": str(sum(s["restartCount"] for s in states)),
            "IP": status.get("podIP", "<none>"),
            "NODE": spec.get("nodeName", "<none>"),
        }
    if "template" not in spec:
        return {}
    containers = spec["template"]["spec"]["containers"]
    wide: Object = {
        "CONTAINERS": ",".join(c["name"] for c in containers),
        "IMAGES": ",".join(c["image"] for c in containers),
        "SELECTOR": ",".join(f"{k}={v}" for k, v in spec["selector"]["matchLabels"].items()),
    }
    ready, wanted = status.get("readyReplicas", 0), spec.get("replicas", 0)
    if resource == "daemonsets":
        names = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
        counts = [status.get(name, 0) for name in (*names, "numberAvailable")]
        columns = ("DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE")
        return wide | dict(zip(columns, counts, strict=True)) | {"NODE SELECTOR": "<none>"}
    if resource == "replicasets":
        return wide | {"DESIRED": wanted, "CURRENT": status.get("replicas", 0), "READY": ready}
    told = {"UP-TO-DATE": status.get("updatedReplicas", 0), "AVAILABLE": status.get("availableReplicas", 0)}
    return wide | told | {"READY": f"{ready}/{wanted}"}


def _age(each: Object) -> str:
    born = datetime.fromisoformat(each["metadata"]["creationTimestamp"])
    seconds = int((datetime.now(UTC) - born).total_seconds())
    return f"{seconds // 60}m" if seconds >= 120 else f"{seconds}s"
