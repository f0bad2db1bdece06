"""Pods and workloads as the Kubernetes API describes them: how many are desired and ready, and why others are not. No
I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.restarts import Starts, moment, since

Document = Mapping[str, Any]
#: Waiting reasons of a container that starts normally.
_STARTING_REASONS = {"ContainerCreating", "PodInitializing"}


def _part(document: Any, *path: str) -> Any:
    """The object at ``path``, or an empty one, because servers omit empty objects."""
    for key in path:
        document = document.get(key) or {}
    return document


def require_subject(document: Document, kind: str, name: str, namespace: str) -> None:
    """Raises ValueError, AttributeError or KeyError unless ``document`` is the object that was asked for."""
    meta = document["metadata"]
    found = (str(document.get("kind") or kind).lower(), meta["name"], meta.get("namespace", namespace))
    if found != (kind, name, namespace):
        raise ValueError("the document is about another object")


def is_part(document: Document, resource: str, workload: Document) -> bool:
    """Whether a pod belongs to a workload. Its labels do not tell: pods of a job often have the same.

    A pod without a controller counts, because the workload adopts it.
    """
    meta = workload["metadata"]
    for owner in document["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            if resource == "deployments":
                # The replica set's name is that of the deployment, with a hash.
                name = str(owner["name"]).rpartition("-")[0]
                return bool(owner["kind"] == "ReplicaSet" and name == meta["name"])
            return bool(owner.get("uid") == meta.get("uid"))
    return True


@dataclass(frozen=True, slots=True)
class Pod:
    """``trouble`` is one printable sentence on why the pod is not well, or empty. Times are Unix seconds."""

    name: str
    phase: str
    ready: bool
    leaving: bool
    trouble: str
    containers: Mapping[str, Starts]

    @property
    def live(self) -> bool:
        """Whether the pod should run: it is neither terminating nor completed."""
        return not self.leaving and self.phase not in {"Succeeded", "Failed"}

    @classmethod
    def read(cls, document: Document, now: float, patience: float) -> Pod:
        """Parse a pod. ``patience`` is how long it may be pending, in seconds; ``now`` is Unix seconds.

        Raises AttributeError, TypeError, KeyError or ValueError for an invalid document.
        """
        meta, status = document["metadata"], _part(document, "status")
        conditions = {str(each["type"]): each for each in status.get("conditions") or ()}
        name, created = printable(str(meta["name"]), 253), moment(meta.get("creationTimestamp"))
        began = moment(status.get("startTime")) or created
        containers = {
            f"{meta.get('uid')}/{each['name']}": Starts(int(each.get("restartCount") or 0), _ended(each), began)
            for each in status.get("containerStatuses") or ()
        }
        late = created is not None and now - created > patience
        return cls(
            name=name,
            phase=printable(str(status.get("phase") or "Unknown"), 40),
            ready=str(_part(conditions, "Ready").get("status")) == "True",
            leaving=bool(meta.get("deletionTimestamp")),
            trouble=next(_troubles(name, status, conditions, late=late, created=created), ""),
            containers=containers,
        )


def _ended(container: Document) -> float | None:
    """When the container's last run ended, which is when it was restarted."""
    return moment(_part(container, "lastState", "terminated").get("finishedAt"))


def _troubles(name: str, status: Document, conditions: Document, *, late: bool, created: float | None) -> Iterator[str]:
    """The pod's problems, the most specific first."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(key) or ():
            waiting = _part(container, "state", "waiting")
            reason = printable(str(waiting.get("reason") or ""), 60)
            if reason and reason not in _STARTING_REASONS:
                said = printable(str(waiting.get("message") or ""), 160)
                last = _part(container, "lastState", "terminated")
                why = f", last exit code {int(last['exitCode'])}" if "exitCode" in last else ""
                why += f" {printable(str(last.get('reason') or ''), 40)}" if last.get("reason") else ""
                yield f"{name} {reason}{why}" + (f": {said}" if said else "")
    phase = status.get("phase")
    if phase == "Failed":
        yield f"{name} failed: {printable(str(status.get('reason') or status.get('message') or 'no reason given'), 160)}"
    if phase == "Pending" and late:
        scheduled = _part(conditions, "PodScheduled")
        why = f": {printable(str(scheduled.get('message') or scheduled.get('reason') or ''), 160)}"
        yield f"{name} pending{since(created)}" + (why if scheduled.get("status") == "False" else "")
    ready = _part(conditions, "Ready")
    if phase == "Running" and ready.get("status") == "False":
        yield f"{name} not ready: {printable(str(ready.get('message') or ready.get('reason') or 'no reason given'), 160)}"


@dataclass(frozen=True, slots=True)
class Workload:
    """The pod counts of a deployment, stateful set or daemon set. ``rolling`` describes a rollout in progress, or is
    empty.
    """

    desired: int
    ready: int
    available: int
    updated: int
    paused: bool
    rolling: str
    selector: str

    @classmethod
    def read(cls, resource: str, document: Document) -> Workload:
        """Raises AttributeError, TypeError, KeyError or ValueError for an invalid document."""
        spec, status = document["spec"], _part(document, "status")
        names = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")
        if resource == "daemonsets":
            names = ("desiredNumberScheduled", "numberReady", "numberAvailable", "updatedNumberScheduled")
        _, ready, available, updated = (int(status.get(name) or 0) for name in names)
        desired = int(status.get(names[0]) or 0) if resource == "daemonsets" else int(spec.get("replicas", 1))
        seen = int(status.get("observedGeneration") or 0) >= int(document["metadata"].get("generation") or 0)
        return cls(
            desired=desired,
            ready=ready,
            available=available,
            updated=updated,
            paused=bool(spec.get("paused")),
            rolling=_rollout(resource, spec, status, desired, updated)
            if seen
            else "the latest change has not been processed yet",
            selector=_selector(spec["selector"]),
        )


def _rollout(resource: str, spec: Document, status: Document, desired: int, updated: int) -> str:
    target = desired
    if resource != "deployments":
        strategy = _part(spec, "updateStrategy")
        if strategy.get("type") == "OnDelete":
            return ""  # pods are replaced when somebody deletes them
        target -= int(_part(strategy, "rollingUpdate").get("partition") or 0)
        if resource == "statefulsets" and status.get("currentRevision") == status.get("updateRevision"):
            return ""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return f"the rollout is stuck, {updated} of {desired} updated"
    return f"rollout in progress, {updated} of {target} updated" if updated < target else ""


def _selector(selector: Document) -> str:
    """A label selector in the syntax of an API query. Raises ValueError for an empty one."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        key, values = each["key"], ",".join(each.get("values") or ())
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[each["operator"]]
        )
    if not parts:
        raise ValueError("an empty selector would select all pods of the namespace")
    return ",".join(parts)
