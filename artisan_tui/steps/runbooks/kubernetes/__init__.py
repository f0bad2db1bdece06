"""``kubernetes``: scale, restart, undo, status, logs and get of one object, by the official client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.kubernetes.changes import captured, change, hpas, supported
from artisan_tui.steps.runbooks.kubernetes.cluster import (
    RESOURCES,
    ApiUnsure,
    Cluster,
    Document,
    cluster,
    path_of,
)
from artisan_tui.steps.runbooks.kubernetes.rollout import (
    REPLICAS,
    STEP,
    annotation,
    hopeless,
    incomplete,
    replicas_of,
    revision_of,
)
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    FAILED,
    HAPPENED,
    OK,
    UNKNOWN,
    UNSURE,
    Attempted,
    Evidence,
    Finding,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    plain,
    resolved_act,
)

_CHANGES: Final = frozenset({"scale", "restart", "undo"})
#: What each verb needs: (verb of RBAC, resource or "" for the object's own, group).
_RIGHTS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "scale": (("get", "", ""), ("patch", "", ""), ("list", "horizontalpodautoscalers", "autoscaling")),
    "restart": (("get", "", ""), ("patch", "", "")),
    "undo": (("get", "", ""), ("patch", "", ""), ("list", "replicasets", "apps")),
    "status": (("get", "", ""), ("watch", "", "")),
    "get": (("get", "", ""),),
    "logs": (("get", "", ""), ("list", "pods", ""), ("get", "pods/log", "")),
}


class Kubernetes:
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body, verb = action.body, action.verb
        target = body[verb]
        whole = plain(next(iter(target)) if verb == "scale" else target)
        kind, slash, name = whole.partition("/")
        if not slash or not name or kind not in RESOURCES:
            raise StepRefused(f"{printable(whole, 100)} is no object", "write KIND/NAME, like deployment/artisan-api")
        supported(verb, kind)
        namespace = plain(body.get("namespace") or context.place.get("namespace") or "default")
        request: dict[str, Any] = {"verb": verb, "kind": kind, "name": name, "namespace": namespace}
        where = body.get("context") or context.place.get("context")
        request |= {"context": plain(where)} if where else {}
        notes = []
        if verb == "scale":
            request["replicas"] = _count(next(iter(target.values())))
            if body.get("from_replicas") is not None:
                request["from_replicas"] = _count(body["from_replicas"])
            if body.get("force"):
                request["force"] = True
            if request["replicas"] == 0:
                notes.append("0 replicas switch an autoscaler off until somebody scales it again")
        if verb == "undo":
            notes.append("the number of replicas is not restored")
            if body.get("revision") is not None:
                request["revision"] = _count(body["revision"])
        if verb == "logs":
            request["tail"] = int(body.get("tail", 100))
        to = f" to {request['replicas']}" if verb == "scale" else ""
        to += f" to revision {request['revision']}" if request.get("revision") else ""
        shown = f"kubernetes {verb} {whole}{to} in {namespace} of {request.get('context', 'the current context')}"
        return resolved_act(action, context, printable(shown, 500), request, notes=tuple(notes))

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        request = resolved.request
        with cluster(request, channel) as api:
            document = _object(api, request)
            if request["verb"] not in _CHANGES:
                return {"uid": document["metadata"]["uid"]}
            return captured(api, request, document)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request, began = resolved.request, time.monotonic()
        with cluster(request, channel) as api:
            match request["verb"]:
                case "logs":
                    return _logs(api, request, channel)
                case "get":
                    document = _object(api, request)
                    channel.say(
                        f"{request['kind']} {request['name']}, generation {document['metadata'].get('generation')}"
                    )
                    return _answered(document, began)
                case "status":
                    return _status(api, resolved, channel, began)
            try:
                document = change(api, request, before, resolved.mark)
            except ApiUnsure as unsure:
                return StepOutcome(UNKNOWN, str(unsure))
        channel.say(f"{resolved.shown}: written as generation {document['metadata'].get('generation')}")
        return _answered(document, began)

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        resolved, before = attempted.resolved, attempted.before
        if resolved.request["verb"] not in _CHANGES:
            return Evidence(ABSENT, "it only reads")
        try:
            with cluster(resolved.request, channel) as api:
                document = _object(api, resolved.request)
        except StepRefused as refused:
            return Evidence(UNSURE, str(refused))
        mark, generation = annotation(document, STEP), int(document["metadata"].get("generation") or 0)
        if before.get("uid") not in (None, document["metadata"]["uid"]):
            return Evidence(UNSURE, "it was deleted and made again")
        if mark == resolved.mark:
            return Evidence(HAPPENED, f"it has this step's mark, generation {generation}")
        if "generation" in before and generation == int(before["generation"]):
            return Evidence(ABSENT, f"it is still at generation {generation}, without this step's mark")
        who = f"the mark of {mark}" if mark else "no mark"
        return Evidence(UNSURE, f"it is at generation {generation} and has {who}: another hand changed it")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        request, verb = resolved.request, resolved.request["verb"]
        base = {key: request[key] for key in ("kind", "name", "namespace", "context", "force") if key in request}
        if verb == "scale" and "replicas" in before:
            back = {**base, "verb": "scale", "replicas": before["replicas"], "from_replicas": request["replicas"]}
            back["put_back"] = True
            shown = f"to {before['replicas']}"
        elif verb == "undo" and before.get("from"):
            back = {**base, "verb": "undo", "to": before["from"]}
            shown = f"to what was revision {before['from']['revision']}"
        else:
            return None
        whole = f"{request['kind']}/{request['name']}"
        return Resolved(
            "kubernetes",
            str(back["verb"]),
            printable(f"kubernetes {back['verb']} {whole} {shown} in {request['namespace']}", 500),
            f"{resolved.mark}/undo",
            back,
            timeout=resolved.timeout,
            grace=resolved.grace,
            mutates=True,
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if resolved.request["verb"] not in _CHANGES:
            return self.act(resolved, {}, channel)
        found = self.capture(resolved, channel)
        there = f": {found['replicas']} replicas are there" if "replicas" in found else ""
        to = f": back to revision {found['to']['revision']}" if "to" in found else ""
        return StepOutcome(OK, f"would {resolved.shown}{there}{to}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        request, found = resolved.request, list[Finding]()
        group, resource, _ = RESOURCES[request["kind"]]
        try:
            with cluster(request, channel) as api:
                version = printable(str(api.read("/version").get("gitVersion")), 40)
                found.append(Finding(True, f"{api.name} answers: {version}"))
                for verb, other, of in _RIGHTS[request["verb"]]:
                    what = other or resource
                    own = group.split("/")[2] if group.startswith("/apis/") else ""
                    allowed = api.may(verb, of if other else own, what, request["namespace"])
                    if allowed is not True:
                        may = "is not told" if allowed is None else "is not there"
                        found.append(Finding(allowed, f"the right to {verb} {what} {may}", "grant it by a Role"))
                document = _object(api, request)
                found.append(Finding(True, f"{request['kind']} {request['name']} is there"))
                if request["verb"] in _CHANGES:
                    found.extend(_change_findings(api, request, document))
        except StepRefused as refused:
            found.append(Finding(False, refused.what, refused.mend))
        return tuple(found)


def _change_findings(api: Cluster, request: Mapping[str, Any], document: Document) -> list[Finding]:
    try:
        captured(api, {**request, "from_replicas": None} if "from_replicas" in request else request, document)
    except StepRefused as refused:
        return [Finding(False, refused.what, refused.mend)]
    if request["verb"] == "scale" and request.get("force"):
        forced = [each["metadata"]["name"] for each in hpas(api, request["namespace"], document)]
        if forced:
            return [Finding(None, f"the autoscaler {forced[0]} will take it back", "set its minReplicas instead")]
    return []


def _status(api: Cluster, resolved: Resolved, channel: StepChannel, began: float) -> StepOutcome:
    """Whether the rollout is complete. As a verify it is one look; by itself it waits until it is, or the time is up."""
    request, why = resolved.request, "nothing was read"
    try:
        while True:
            document = _object(api, request)
            why = incomplete(document) or _taken_back(document, resolved.mark)
            if not why:
                channel.say(
                    f"complete: {replicas_of(document)} replicas, generation {document['metadata']['generation']}"
                )
                return _answered(document, began)
            never = hopeless(document)
            if resolved.until is not None or never:
                return StepOutcome(FAILED, f"{why}; {never}" if never else why)
            channel.say(why)
            api.changed(request["kind"], request["namespace"], request["name"], document["metadata"]["resourceVersion"])
            _ = channel.left
    except TimeoutError:
        return StepOutcome(FAILED, f"not complete in time: {why}")


def _taken_back(document: Document, mark: str) -> str:
    """What became of a number of replicas that this run set."""
    run, set_to = mark.partition("/")[0], annotation(document, REPLICAS)
    if not set_to or annotation(document, STEP).partition("/")[0] != run:
        return ""
    found = replicas_of(document)
    return (
        ""
        if str(found) == set_to
        else f"{set_to} replicas were set and {found} are wanted now: another hand took it back"
    )


def _logs(api: Cluster, request: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
    names = [request["name"]]
    if request["kind"] != "pod":
        document = _object(api, request)
        labels = (document["spec"].get("selector") or {}).get("matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        names = [
            each["metadata"]["name"]
            for each in api.all("/api/v1", "pods", request["namespace"], labelSelector=selector)
        ]
    texts = []
    for name in names[:20]:
        text = api.text(f"{path_of('pod', request['namespace'], name)}/log", tailLines=request["tail"])
        texts.append(text)
        channel.say(f"--- {name}\n{text}")
    return StepOutcome(OK, exit=0, answers={"exit": 0, "stdout": "\n".join(texts), "body": names})


def _object(api: Cluster, request: Mapping[str, Any]) -> Document:
    return api.object(str(request["kind"]), str(request["namespace"]), str(request["name"]))


def _answered(document: Document, began: float) -> StepOutcome:
    status, meta = document.get("status") or {}, document["metadata"]
    body = {
        "name": meta["name"],
        "generation": meta.get("generation"),
        "observed": status.get("observedGeneration"),
        "replicas": replicas_of(document),
        "ready": status.get("readyReplicas", status.get("numberReady", 0)),
        "updated": status.get("updatedReplicas", status.get("updatedNumberScheduled", 0)),
        "revision": revision_of(document),
        "phase": status.get("phase"),
        "spec": document.get("spec"),
        "status": status,
        "metadata": meta,
    }
    return StepOutcome(OK, exit=0, answers={"exit": 0, "stdout": "", "body": body}, latency=time.monotonic() - began)


def _count(value: Any) -> int:
    try:
        found = int(str(value))
    except ValueError:
        found = -1
    if not 0 <= found <= 10_000:
        raise StepRefused(f"{printable(str(value), 60)} is no number of replicas or revision", "write 0 to 10000")
    return found


KIND = Kubernetes()
