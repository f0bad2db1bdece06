"""What the stand-in API understands: its own discovery, selectors, and the three kinds of patch. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from support.kube_objects import KINDS, Object, Refusal

_ALL = ["create", "delete", "get", "list", "patch", "update", "watch"]
_IN_ALL = {"pods", "deployments", "replicasets", "statefulsets", "daemonsets"}
_SCALED = {"deployments", "statefulsets", "replicasets"}


def discovery(path: str) -> Object | None:
    """What the server says of itself under ``path``; None for a path that is not about that."""
    if path == "/version":
        return {"major": "1", "minor": "32", "gitVersion": "v1.32.4", "platform": "linux/amd64", "goVersion": "go1.23"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    groups = []
    for name, number in (("apps", "v1"), ("autoscaling", "v2")):
        version = {"groupVersion": f"{name}/{number}", "version": number}
        groups.append({"name": name, "versions": [version], "preferredVersion": version})
        if path == f"/apis/{name}":
            return {"kind": "APIGroup", "apiVersion": "v1", **groups[-1]}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if path not in {"/api/v1", "/apis/apps/v1", "/apis/autoscaling/v2"}:
        return None
    resources: list[Object] = []
    wanted = path.removeprefix("/api/").removeprefix("/apis/")
    for name, (of, kind, short) in KINDS.items():
        if of != wanted:
            continue
        told: Object = {"name": name, "singularName": kind.lower(), "namespaced": name != "namespaces", "kind": kind}
        told |= {"verbs": _ALL, "categories": ["all"] if name in _IN_ALL else []} | (
            {"shortNames": [short]} if short else {}
        )
        resources.append(told)
        if name in _SCALED:
            scale = {"name": f"{name}/scale", "singularName": "", "namespaced": True, "kind": "Scale"}
            resources.append({**scale, "group": "autoscaling", "version": "v1", "verbs": ["get", "patch", "update"]})
        if name == "pods":
            log = {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]}
            resources.append(log)
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted, "resources": resources}


def selects(query: Mapping[str, str], each: Object) -> bool:
    """Whether labelSelector and fieldSelector of a query let ``each`` through. Raises Refusal 400."""
    labels = each["metadata"].get("labels") or {}
    # Commas inside parentheses belong to a set.
    for part in re.findall(r"[^,(]+(?:\([^)]*\))?", query.get("labelSelector", "")):
        if not _labelled(part.strip(), labels):
            return False
    for part in filter(None, query.get("fieldSelector", "").split(",")):
        path, _, value = part.replace("!=", "=").replace("==", "=").partition("=")
        found: Any = each
        for key in path.split("."):
            found = found.get(key, "") if isinstance(found, dict) else ""
        if (str(found) == value) is ("!=" in part):
            return False
    return True


def _labelled(part: str, labels: Mapping[str, str]) -> bool:
    if match := re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", part):
        wanted = {value.strip() for value in match[3].split(",")}
        return (labels.get(match[1]) in wanted) is (match[2] == "in")
    if match := re.fullmatch(r"([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)", part):
        return (labels.get(match[1]) == match[3]) is (match[2] != "!=")
    if match := re.fullmatch(r"(!?)([\w./-]+)", part):
        return (match[2] in labels) is (match[1] == "")
    raise Refusal(400, "BadRequest", f"unable to parse requirement: {part}")


def patched(before: Object, patch: Any, content_type: str) -> Object:
    """``before`` with a JSON, merge or strategic merge patch. Raises Refusal 415 for others, 422 for a failed test."""
    kind = content_type.partition(";")[0].strip()
    if kind == "application/json-patch+json":
        return _steps(copy.deepcopy(before), patch)
    if kind in {"application/merge-patch+json", "application/strategic-merge-patch+json"}:
        merged: Object = _merge(before, patch, by_name="strategic" in kind)
        return merged
    raise Refusal(415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}")


def _merge(before: Any, patch: Any, *, by_name: bool) -> Any:
    if isinstance(patch, dict):
        merged = dict(before) if isinstance(before, dict) else {}
        for key, value in patch.items():
            if value is None:
                merged.pop(key, None)
            elif not key.startswith("$"):  # directives such as $setElementOrder
                merged[key] = _merge(merged.get(key), value, by_name=by_name)
        return merged
    named = isinstance(patch, list) and all(isinstance(one, dict) and "name" in one for one in patch)
    if by_name and named and isinstance(before, list):
        order = {one["name"]: one for one in before}
        for one in patch:
            order[one["name"]] = _merge(order.get(one["name"]), one, by_name=True)
        return list(order.values())
    return copy.deepcopy(patch)


def _steps(document: Any, steps: list[Object]) -> Object:
    for step in steps:
        keys = [key.replace("~1", "/").replace("~0", "~") for key in step["path"].split("/")[1:]]
        at: Any = document
        for key in keys[:-1]:
            at = at[int(key)] if isinstance(at, list) else at[key]
        last: Any = (len(at) if keys[-1] == "-" else int(keys[-1])) if isinstance(at, list) else keys[-1]
        if step["op"] == "test":
            if at[last] != step["value"]:
                raise Refusal(422, "Invalid", f"the server rejected our request: test failed at {step['path']}")
        elif step["op"] == "remove":
            del at[last]
        elif step["op"] == "add" and isinstance(at, list):
            at.insert(last, step["value"])
        elif step["op"] in {"add", "replace"}:
            at[last] = step["value"]
        else:
            raise Refusal(422, "Invalid", f"the server rejected our request: operation {step['op']}")
    result: Object = document
    return result
