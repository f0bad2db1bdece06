"""A cluster in memory: objects, their history for watches, and a controller that makes pods of workloads.

The controller works at once, whenever something changes. A test that wants a rollout to stand still
sets `Cluster.controller` to False, or names a `Cluster.broken` image.
"""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from support.kube_objects import (
    KINDS,
    REVISION,
    Object,
    Refusal,
    autoscaler,
    digest_of,
    is_owned,
    is_ready,
    pod,
    replica_set,
    stamp,
    unready,
    wait,
    workload,
)

_WORKLOADS = ("deployments", "statefulsets", "daemonsets")


class Cluster:
    """Objects by (resource, namespace, name). Every change gets a resourceVersion and is told to the watches."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.version = 1000
        self.objects: dict[tuple[str, str, str], Object] = {}
        #: (resourceVersion, type, resource, object), the oldest first; `forget` empties it.
        self.history: list[tuple[int, str, str, Object]] = []
        self.oldest = 0
        #: Whether the controller works. Without it specs change and nothing follows.
        self.controller = True
        #: Images whose pods never run, and the reason their container waits for.
        self.broken: dict[str, str] = {}
        self.nodes = ["node-1", "node-2", "node-3"]
        #: What `kubectl logs` prints, by pod.
        self.logs: dict[str, str] = {}
        self._made = 0

    # What tests do to it.

    def add(
        self, resource: str, name: str, *, namespace: str = "artisan", image: str = "app:1", replicas: int = 3
    ) -> Object:
        """A workload and its pods, labelled ``app=NAME``."""
        return self.put(resource, workload(resource, name, namespace=namespace, image=image, replicas=replicas))

    def autoscale(self, target: str, least: int, most: int, *, namespace: str = "artisan") -> None:
        """Put an HPA on a deployment. `recommend` is its next sync."""
        self.put(
            "horizontalpodautoscalers", autoscaler(f"{target}-hpa", target, namespace=namespace, least=least, most=most)
        )

    def recommend(self, target: str, wanted: int, *, namespace: str = "artisan") -> None:
        """The HPA syncs: it remembers its own recommendation and clamps it; whatever was set by hand goes."""
        spec = self.get("horizontalpodautoscalers", namespace, f"{target}-hpa")["spec"]
        number = min(max(wanted, spec["minReplicas"]), spec["maxReplicas"])
        self.edit("deployments", target, lambda found: found["spec"].update(replicas=number), namespace=namespace)

    def edit(self, resource: str, name: str, change: Callable[[Object], Any], *, namespace: str = "artisan") -> None:
        """Change an object in place; the controller reacts."""
        with self.changed:
            found = self.get(resource, namespace, name)
            change(found)
            self.put(resource, found)

    def pods(self, app: str) -> list[str]:
        """The names of the pods of a workload, sorted."""
        with self.changed:
            found = [o["metadata"] for (resource, _, _), o in self.objects.items() if resource == "pods"]
            return sorted(meta["name"] for meta in found if meta["labels"].get("app") == app)

    def waiting(self, name: str, reason: str, message: str = "", phase: str = "Running") -> None:
        """A pod's container waits, as in CrashLoopBackOff."""
        self.edit("pods", name, lambda found: wait(found, reason, message, phase))

    def unready(self, name: str) -> None:
        """A pod runs and its readiness probe fails."""
        self.edit("pods", name, unready)

    def restart(self, name: str, times: int = 1, *, ago: float = 0.0, code: int = 137, why: str = "OOMKilled") -> None:
        """A pod's container has ended ``times`` more, the last time ``ago`` seconds ago, and runs again."""

        def change(found: Object) -> None:
            container = found["status"]["containerStatuses"][0]
            container["restartCount"] += times
            ended = {"exitCode": code, "reason": why, "finishedAt": stamp(ago), "startedAt": stamp(ago + 5)}
            container["lastState"] = {"terminated": ended}

        self.edit("pods", name, change)

    def forget(self) -> None:
        """Etcd compacts: resource versions and continue tokens from before are gone (410)."""
        with self.changed:
            self.history.clear()
            self.version += 1
            self.oldest = self.version
            self.changed.notify_all()

    # What the API does to it.

    def get(self, resource: str, namespace: str, name: str) -> Object:
        """A copy. Raises Refusal 404."""
        with self.changed:
            if (resource, namespace, name) not in self.objects:
                group = "" if KINDS[resource][0] == "v1" else ".apps"
                message = f'{resource}{group} "{name}" not found'
                raise Refusal(404, "NotFound", message, {"name": name, "group": group[1:], "kind": resource})
            return copy.deepcopy(self.objects[resource, namespace, name])

    def list(self, resource: str, namespace: str | None) -> list[Object]:
        with self.changed:
            keys = sorted(k for k in self.objects if k[0] == resource and namespace in {None, k[1]})
            return [copy.deepcopy(self.objects[key]) for key in keys]

    def put(self, resource: str, made: Object, *, expect: str | None = None) -> Object:
        """Create or replace, and let the controller react. Raises Refusal 409 when ``expect`` is not the version."""
        with self.changed:
            made = copy.deepcopy(made)
            meta = made["metadata"]
            key = (resource, meta.get("namespace", ""), meta["name"])
            before = self.objects.get(key)
            if before is not None and expect is not None and before["metadata"]["resourceVersion"] != expect:
                message = f'Operation cannot be fulfilled on {resource} "{meta["name"]}": the object has been modified'
                raise Refusal(409, "Conflict", message, {"name": meta["name"], "kind": resource})
            old = before["metadata"].get("generation", 0) if before is not None else 0
            moved = before is None or before.get("spec") != made.get("spec")
            meta.setdefault("creationTimestamp", stamp())
            meta.setdefault("uid", str(uuid.uuid4()))
            meta["generation"] = old + 1 if moved else old
            self._store(key, "ADDED" if before is None else "MODIFIED", made)
            self._react(resource, made)
            return copy.deepcopy(self.objects[key])

    def delete(self, resource: str, namespace: str, name: str) -> None:
        """With all that it owns."""
        with self.changed:
            gone = self.get(resource, namespace, name)
            self._store((resource, namespace, name), "DELETED", gone)
            for key, each in list(self.objects.items()):
                if is_owned(each, gone) and key in self.objects:
                    self.delete(*key)
            self._react(resource, gone)

    def _store(self, key: tuple[str, str, str], change: str, made: Object) -> None:
        self.version += 1
        made["metadata"]["resourceVersion"] = str(self.version)
        if change == "DELETED":
            self.objects.pop(key, None)
        else:
            self.objects[key] = made
        self.history.append((self.version, change, key[0], copy.deepcopy(made)))
        self.changed.notify_all()

    # The controller.

    def _react(self, resource: str, made: Object) -> None:
        if not self.controller:
            return
        namespace = made["metadata"].get("namespace", "")
        if resource == "pods":
            labels = made["metadata"].get("labels", {})
            for kind in _WORKLOADS:
                for each in self.list(kind, namespace):
                    if each["spec"]["selector"]["matchLabels"].items() <= labels.items():
                        self._react(kind, each)
            return
        key = (resource, namespace, made["metadata"]["name"])
        if resource in _WORKLOADS and key in self.objects:
            made = self.objects[key]
            status = self._roll(made) if resource == "deployments" else self._fleet(made)
            status["observedGeneration"] = made["metadata"]["generation"]
            if status != made["status"]:
                self._store(key, "MODIFIED", copy.deepcopy(made) | {"status": status})

    def _owned(self, resource: str, owner: Object) -> Iterator[Object]:
        for (kind, _, _), each in list(self.objects.items()):
            if kind == resource and is_owned(each, owner):
                yield each

    def _roll(self, made: Object) -> Object:
        """A deployment's newest replica set has all the pods; with a broken image one, and the set before it the rest."""
        spec, wanted = made["spec"], made["spec"].get("replicas", 1)
        sets = sorted(self._owned("replicasets", made), key=_revision)
        digest = digest_of(spec["template"])
        if not spec.get("paused") and (not sets or not sets[-1]["metadata"]["name"].endswith(digest)):
            found = next((each for each in sets if each["metadata"]["name"].endswith(digest)), None)
            newest = found or replica_set(made, digest)
            newest["metadata"]["annotations"][REVISION] = str(_revision(sets[-1]) + 1 if sets else 1)
            sets = [each for each in sets if each is not found] + [newest]
            key = ("replicasets", made["metadata"]["namespace"], newest["metadata"]["name"])
            self._store(key, "ADDED" if found is None else "MODIFIED", newest)
        image = sets[-1]["spec"]["template"]["spec"]["containers"][0]["image"]
        stuck = image in self.broken and len(sets) > 1
        shares = [0] * len(sets)
        shares[-1] = min(1, wanted) if stuck else wanted
        if stuck:
            shares[-2] = wanted
        for each, share in zip(sets, shares, strict=True):
            self._populate(each, share)
        made["metadata"]["annotations"][REVISION] = str(_revision(sets[-1]))
        pods = [each for one in sets for each in self._owned("pods", one)]
        ready, updated = sum(map(is_ready, pods)), len(list(self._owned("pods", sets[-1])))
        why = "NewReplicaSetAvailable" if ready >= wanted and not stuck else "ReplicaSetUpdated"
        return {
            "replicas": len(pods),
            "updatedReplicas": updated,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "unavailableReplicas": max(len(pods), wanted) - ready,
            "conditions": [
                {"type": "Available", "status": str(ready >= wanted), "reason": "MinimumReplicas"},
                {"type": "Progressing", "status": "True", "reason": why, "message": "ReplicaSet is progressing."},
            ],
        }

    def _populate(self, owner: Object, wanted: int) -> None:
        meta = owner["metadata"]
        owned = sorted(each["metadata"]["name"] for each in self._owned("pods", owner))
        for name in owned[wanted:]:
            key = ("pods", meta["namespace"], name)
            self._store(key, "DELETED", self.objects[key])
        for _ in range(wanted - len(owned)):
            self._start(owner, f"{meta['name']}-{self._made:05d}")
        if owner["spec"]["replicas"] != wanted:
            owner["spec"]["replicas"] = wanted
            owner["status"] = {"replicas": wanted, "readyReplicas": wanted}
            self._store(("replicasets", meta["namespace"], meta["name"]), "MODIFIED", owner)

    def _start(self, owner: Object, name: str) -> None:
        image = owner["spec"]["template"]["spec"]["containers"][0]["image"]
        new = pod(owner, name, self.nodes[self._made % len(self.nodes)], self.broken.get(image, ""))
        self._made += 1
        self._store(("pods", owner["metadata"]["namespace"], name), "ADDED", new)

    def _fleet(self, made: Object) -> Object:
        """The pods of a stateful or daemon set have fixed names; they take a new template all at once."""
        meta, digest = made["metadata"], digest_of(made["spec"]["template"])
        daemons = made["kind"] == "DaemonSet"
        ends = self.nodes if daemons else [str(n) for n in range(made["spec"].get("replicas", 1))]
        names = [f"{meta['name']}-{end}" for end in ends]
        for each in self._owned("pods", made):
            name, labels = each["metadata"]["name"], each["metadata"]["labels"]
            if name not in names or labels["controller-revision-hash"] != digest:
                self._store(("pods", meta["namespace"], name), "DELETED", each)
        for name in names:
            if ("pods", meta["namespace"], name) not in self.objects:
                self._start(made, name)
        total, ready = len(names), sum(map(is_ready, self._owned("pods", made)))
        if daemons:
            counts = dict.fromkeys(
                ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), total
            )
            counts |= {"numberReady": ready, "numberAvailable": ready, "numberUnavailable": total - ready}
            return {**counts, "numberMisscheduled": 0}
        revision = f"{meta['name']}-{digest}"
        counts = {"replicas": total, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": total}
        return {**counts, "currentReplicas": total, "currentRevision": revision, "updateRevision": revision}


def _revision(replica_set: Object) -> int:
    return int(replica_set["metadata"]["annotations"].get(REVISION, 0))
