"""The three changes: scale, restart, undo. Each is one patch with the step's mark in it, against the version that was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from artisan_tui.steps.runbooks.kubernetes.cluster import (
    REPLICASETS,
    RESOURCES,
    ApiRefusal,
    Cluster,
    Document,
    path_of,
)
from artisan_tui.steps.runbooks.kubernetes.rollout import (
    REPLICAS,
    RESTARTED,
    STEP,
    annotation,
    autoscaled,
    autoscalers,
    owned,
    replicas_of,
    revision_of,
    template_digest,
    template_of,
)
from artisan_tui.steps.runbooks.protocol import StepRefused

#: Times a patch is made anew when only something else about the object had changed.
_TRIES: Final = 5
_SCALABLE: Final = frozenset({"deployment", "statefulset"})
_ROLLING: Final = frozenset({"deployment", "statefulset", "daemonset"})


def supported(verb: str, kind: str) -> None:
    """Raises StepRefused for a change that this kind of object does not have."""
    able = {"scale": _SCALABLE, "restart": _ROLLING, "undo": frozenset({"deployment"}), "status": _ROLLING}.get(verb)
    if able is not None and kind not in able:
        mend = "apply its earlier manifest" if verb == "undo" else f"name a {' or '.join(sorted(able))}"
        raise StepRefused(f"a {kind} has no {verb}", mend)


def hpas(cluster: Cluster, namespace: str, document: Document) -> list[Document]:
    """Those that scale the object, none where the server has none of them. Raises ApiRefusal without the right."""
    group, resource, _ = RESOURCES["hpa"]
    try:
        return autoscalers(document, cluster.all(group, resource, namespace))
    except ApiRefusal as refusal:
        if refusal.status == 404:
            return []
        raise


def captured(cluster: Cluster, request: Mapping[str, Any], document: Document) -> dict[str, Any]:
    """What is there before a change. Raises StepRefused for a change that could not be made, or not be undone."""
    meta = document["metadata"]
    found: dict[str, Any] = {"uid": meta["uid"], "generation": int(meta.get("generation") or 0)}
    verb = request["verb"]
    if verb == "scale":
        check_scale(cluster, request, document, {})
        return {**found, "replicas": replicas_of(document)}
    check_rolls(document, request)
    if verb == "undo":
        sets = owned(document, cluster.all(*REPLICASETS, request["namespace"]))
        target = _target(request, document, sets)
        current = template_digest(template_of(document))
        now = next((each for each in sets if template_digest(template_of(each)) == current), None)
        found |= {"to": _known(target), "from": _known(now) if now is not None else None}
    return found


def check_scale(cluster: Cluster, request: Mapping[str, Any], document: Document, before: Mapping[str, Any]) -> None:
    """Raises StepRefused when another hand, or an autoscaler, has the number."""
    found, wanted = replicas_of(document), int(request["replicas"])
    expected = request.get("from_replicas", before.get("replicas"))
    # A step that failed before it scaled anything left what is to be put back.
    is_back = bool(request.get("put_back")) and found == wanted
    if expected is not None and found != int(expected) and not is_back:
        raise StepRefused(
            f"{expected} replicas were expected and {found} are there: nothing was written",
            f"another hand scaled it; set it to {wanted} by hand, or leave it",
            question=True,
        )
    scaling = [] if request.get("force") else hpas(cluster, request["namespace"], document)
    if scaling:
        raise StepRefused(
            autoscaled(document, scaling[0], wanted),
            f"set minReplicas = {wanted} of it instead, or force = true",
            question=True,
        )


def check_rolls(document: Document, request: Mapping[str, Any]) -> None:
    """Raises StepRefused when a new template would not be rolled out."""
    name = f"{request['kind']} {request['name']}"
    if document["spec"].get("paused"):
        raise StepRefused(f"{name} is paused: nothing was written", "kubectl rollout resume it first")
    if (document["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        raise StepRefused(f"{name} replaces pods only when they are deleted (OnDelete)", "delete its pods")


def change(cluster: Cluster, request: Mapping[str, Any], before: Mapping[str, Any], mark: str) -> Document:
    """Make the change. Raises StepRefused before anything is written, ApiUnsure when it may have been."""
    path = path_of(request["kind"], request["namespace"], request["name"])
    for _ in range(_TRIES):
        document = cluster.object(request["kind"], request["namespace"], request["name"])
        if before.get("uid") not in (None, document["metadata"]["uid"]):
            raise StepRefused(
                f"{request['name']} was deleted and made again since it was captured: nothing was written"
            )
        if annotation(document, STEP) == mark and _is_back(cluster, request, before, document):
            return document  # an earlier attempt of this step did it
        steps = _patch(cluster, request, before, mark, document)
        try:
            return cluster.patch(path, steps)
        except ApiRefusal as refusal:
            if refusal.status not in (409, 422):
                raise
            # Something about the object changed meanwhile: everything is read and checked again.
            if (
                refusal.status == 422
                and cluster.object(request["kind"], request["namespace"], request["name"])["metadata"][
                    "resourceVersion"
                ]
                == document["metadata"]["resourceVersion"]
            ):
                raise
    raise StepRefused(f"{request['name']} changes all the time: nothing was written", "try again")


def _patch(
    cluster: Cluster, request: Mapping[str, Any], before: Mapping[str, Any], mark: str, document: Document
) -> list[dict[str, Any]]:
    marks = {STEP: mark}
    steps: list[dict[str, Any]] = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": document["metadata"]["resourceVersion"]}
    ]
    match request["verb"]:
        case "scale":
            check_scale(cluster, request, document, before)
            marks[REPLICAS] = str(request["replicas"])
            steps.append({"op": "add", "path": "/spec/replicas", "value": int(request["replicas"])})
        case "restart":
            check_rolls(document, request)
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            steps += _annotate(document["spec"]["template"], "/spec/template/metadata", {RESTARTED: at})
        case _:
            check_rolls(document, request)
            template = _restored(cluster, request, before, document)
            steps.append({"op": "replace", "path": "/spec/template", "value": template})
    return [*steps, *_annotate(document, "/metadata", marks)]


def _restored(
    cluster: Cluster, request: Mapping[str, Any], before: Mapping[str, Any], document: Document
) -> dict[str, Any]:
    """The template to go back to. The revision's number may be another by now; the replica set is the same."""
    sets = owned(document, cluster.all(*REPLICASETS, request["namespace"]))
    known = before.get("to") or request.get("to")
    if known:
        target = next((each for each in sets if each["metadata"]["uid"] == known["uid"]), None)
        if target is None:
            raise StepRefused(
                f"revision {known['revision']} is no longer in the history: nothing was written",
                "apply its manifest by hand",
            )
    else:
        target = _target(request, document, sets)
    template = template_of(target)
    if template_digest(template) == template_digest(template_of(document)):
        raise StepRefused(f"revision {revision_of(target)} is what runs already: no effect", "name another revision")
    return template


def _target(request: Mapping[str, Any], document: Document, sets: list[Document]) -> Document:
    """The replica set of the revision to go back to, by number; without one the revision before the current one."""
    if request.get("to"):
        found = next((each for each in sets if each["metadata"]["uid"] == request["to"]["uid"]), None)
        wanted = int(request["to"]["revision"])
    elif request.get("revision"):
        wanted = int(request["revision"])
        found = next((each for each in sets if revision_of(each) == wanted), None)
    else:
        current = template_digest(template_of(document))
        found = next((each for each in sets if template_digest(template_of(each)) != current), None)
        wanted = 0
    if found is not None:
        return found
    limit = document["spec"].get("revisionHistoryLimit")
    why = " (revisionHistoryLimit is 0)" if limit == 0 else ""
    there = ", ".join(str(revision_of(each)) for each in sets) or "none"
    what = f"revision {wanted} is not in the history, which has {there}" if wanted else f"there is no history{why}"
    raise StepRefused(
        f"{request['name']} cannot be undone: {what}", "name a revision that is there" if sets[1:] else ""
    )


def _known(replica_set: Document) -> dict[str, Any]:
    meta = replica_set["metadata"]
    return {"uid": meta["uid"], "name": meta["name"], "revision": revision_of(replica_set)}


def _is_back(cluster: Cluster, request: Mapping[str, Any], before: Mapping[str, Any], document: Document) -> bool:
    """Whether an undo has its target's template already."""
    if request["verb"] != "undo" or not before.get("to"):
        return False
    sets = owned(document, cluster.all(*REPLICASETS, request["namespace"]))
    target = next((each for each in sets if each["metadata"]["uid"] == before["to"]["uid"]), None)
    return target is not None and template_digest(template_of(target)) == template_digest(template_of(document))


def _annotate(document: Mapping[str, Any], path: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    meta = document.get("metadata")
    if meta is None:
        return [{"op": "add", "path": path, "value": {"annotations": dict(values)}}]
    if not meta.get("annotations"):
        return [{"op": "add", "path": f"{path}/annotations", "value": dict(values)}]
    return [
        {"op": "add", "path": f"{path}/annotations/{name.replace('~', '~0').replace('/', '~1')}", "value": value}
        for name, value in values.items()
    ]
