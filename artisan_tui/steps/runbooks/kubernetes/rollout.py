"""What an object says about its rollout, its history and who scales it. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

Document = Mapping[str, Any]
#: What a step leaves on its object, in the same patch as its change.
STEP: Final = "artisan-tui/step"
REPLICAS: Final = "artisan-tui/replicas"
RESTARTED: Final = "kubectl.kubernetes.io/restartedAt"
_REVISION: Final = "deployment.kubernetes.io/revision"


def annotation(document: Document, name: str) -> str:
    return str((document["metadata"].get("annotations") or {}).get(name) or "")


def replicas_of(document: Document) -> int:
    """The wanted number; the API's default is one."""
    found = document.get("spec", {}).get("replicas")
    return 1 if found is None else int(found)


def revision_of(document: Document) -> int:
    text = annotation(document, _REVISION)
    return int(text) if text.isdigit() else 0


def template_of(document: Document) -> dict[str, Any]:
    """The pod template without the hash that the controller adds."""
    template: dict[str, Any] = json.loads(json.dumps(document["spec"]["template"]))
    (template.get("metadata", {}).get("labels") or {}).pop("pod-template-hash", None)
    return template


def template_digest(template: Mapping[str, Any]) -> str:
    """Equal for templates that mean the same."""
    return hashlib.sha256(json.dumps(_pruned(template), sort_keys=True).encode()).hexdigest()


def owned(owner: Document, others: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The replica sets of a deployment, the newest revision first."""
    uid = owner["metadata"]["uid"]
    mine = [
        each
        for each in others
        if any(one.get("uid") == uid and one.get("controller") for one in each["metadata"].get("ownerReferences") or ())
    ]
    return sorted(mine, key=revision_of, reverse=True)


def incomplete(document: Document) -> str:
    """Why the rollout of a workload is not complete, "" when it is."""
    kind, meta, status = document["kind"], document["metadata"], document.get("status") or {}
    generation, seen = int(meta.get("generation") or 0), int(status.get("observedGeneration") or 0)
    if seen < generation:
        return f"generation {generation} is not observed yet, the controller saw {seen}"
    if kind == "DaemonSet":
        wanted, ready = int(status.get("desiredNumberScheduled") or 0), int(status.get("numberAvailable") or 0)
        updated = int(status.get("updatedNumberScheduled") or 0)
        total = int(status.get("currentNumberScheduled") or 0)
    else:
        wanted, updated = replicas_of(document), int(status.get("updatedReplicas") or 0)
        total = int(status.get("replicas") or 0)
        ready = int(status.get("availableReplicas" if kind == "Deployment" else "readyReplicas") or 0)
    if updated < wanted:
        return f"{updated} of {wanted} pods are new"
    if kind != "DaemonSet" and total > wanted:
        return f"{total - wanted} old pods are still there"
    if kind == "StatefulSet" and status.get("updateRevision") != status.get("currentRevision"):
        return "the update revision is not the current one yet"
    terminating = int(status.get("terminatingReplicas") or 0)
    if terminating:
        return f"{terminating} old pods are still ending"
    return f"{ready} of {wanted} pods are available" if ready < wanted else ""


def hopeless(document: Document) -> str:
    """Why waiting does not help, "" when it may."""
    if document["kind"] == "Deployment" and document["spec"].get("paused"):
        return "it is paused"
    for each in (document.get("status") or {}).get("conditions") or ():
        if each.get("type") == "Progressing" and each.get("reason") == "ProgressDeadlineExceeded":
            return "its progress deadline is exceeded"
    return ""


def autoscalers(document: Document, all_of_them: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that scale the object."""
    kind, name = document["kind"], document["metadata"]["name"]
    return [
        each
        for each in all_of_them
        if (target := each.get("spec", {}).get("scaleTargetRef") or {}).get("kind") == kind
        and target.get("name") == name
    ]


def autoscaled(document: Document, hpa: Document, wanted: int) -> str:
    """What an autoscaler will do about a number that is set by hand."""
    spec = hpa["spec"]
    least, most = int(spec.get("minReplicas") or 1), int(spec["maxReplicas"])
    name = hpa["metadata"]["name"]
    if wanted == 0:
        return f"the autoscaler {name} is switched off by 0 replicas"
    return (
        f"the autoscaler {name} ({least} to {most}) scales {document['metadata']['name']} and will take {wanted} back"
    )


def _pruned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: kept for key, each in value.items() if (kept := _pruned(each)) not in (None, {}, [], "")}
    return [_pruned(each) for each in value] if isinstance(value, list) else value
