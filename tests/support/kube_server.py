"""The HTTP side of the stand-in API server: one request, from its path to its answer."""

from __future__ import annotations

import base64
import contextlib
import copy
import http.server
import io
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.kube_cluster import Cluster
from support.kube_objects import KINDS, Object, Refusal
from support.kube_tables import table
from support.kube_words import discovery, patched, selects

if TYPE_CHECKING:
    from support.kube_api import KubeApi

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
}


@dataclass(frozen=True)
class _Place:
    """A path under /api/v1 or /apis/apps/v1, taken apart."""

    group: str
    namespace: str | None
    resource: str
    name: str
    sub: str

    @classmethod
    def of(cls, path: str) -> _Place | None:
        pattern = (
            r"/(api/v1|apis/apps/v1|apis/autoscaling/v2)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?(?:/([a-z]+))?"
        )
        match = re.fullmatch(pattern, path)
        group = "v1" if path.startswith("/api/") else "/".join(path.split("/")[2:4])
        if bare := re.fullmatch(r"/api/v1/namespaces(?:/([^/]+))?", path):
            return cls(group, "", "namespaces", unquote(bare[1] or ""), "")
        if match is None or match[3] not in KINDS or KINDS[match[3]][0] != group:
            return None
        namespace = unquote(match[2]) if match[2] else None
        return cls(group, namespace, match[3], unquote(match[4] or ""), match[5] or "")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # clients may leave at any time
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def _answer(self) -> None:
        """The API's answer, or the fault that was ordered."""
        api: KubeApi = self.server.api  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with api.lock:
            api.requests.append(f"{self.command} {self.path}")
        fault = api.strikes(f"{self.command} {self.path}")
        try:
            if fault is not None and isinstance(fault.kind, int):
                raise Refusal(fault.kind, _REASONS.get(fault.kind, "Unknown"), f"ordered by the test: {fault.kind}")
            if fault is not None and fault.kind == "lost":
                self.wfile, self.close_connection = io.BytesIO(), True
                self._serve(api, body, cut=False)
                return
            if fault is not None and fault.kind != "cut":
                self._misbehave(str(fault.kind), api)
                return
            self._serve(api, body, cut=fault is not None)
        except Refusal as refusal:
            more = {"Retry-After": "1"} if refusal.code in {429, 503} else {}
            self._send(refusal.status, refusal.code, more)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _misbehave(self, kind: str, api: KubeApi) -> None:
        self.close_connection = True
        if kind == "hang":
            api.over.wait(60)
        elif kind == "trickle":
            while not api.over.wait(0.02):
                self.wfile.write(b"x")
                self.wfile.flush()
        elif kind == "garbage":
            self._raw(b"\x1b[31m<html>not the API you are looking for", "application/json")
        elif kind == "flood":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while not api.over.is_set():
                self.wfile.write(b"[" * 65536)

    def _serve(self, api: KubeApi, body: bytes, *, cut: bool) -> None:
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        if url.path in {"/healthz", "/livez", "/readyz"}:
            self._raw(b"ok", "text/plain")
            return
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if api.token and (scheme.lower(), token) != ("bearer", api.token):
            raise Refusal(401, "Unauthorized", "Unauthorized")
        told = discovery(url.path)
        if told is not None:
            self._send(told)
            return
        if url.path == _REVIEWS and self.command == "POST":
            if "protobuf" in self.headers.get("Content-Type", ""):
                raise Refusal(415, "UnsupportedMediaType", "the stand-in speaks JSON only")
            self._review(api, json.loads(body))
            return
        place = _Place.of(url.path)
        if place is None:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        watching = query.get("watch", "") in {"1", "true"}
        verb = _VERBS[self.command]
        if verb == "get" and not place.name:
            verb = "watch" if watching else "list"
        if (verb, place.resource) in api.forbidden:
            group = "" if place.group == "v1" else "apps"
            what = f'User "oncall" cannot {verb} resource "{place.resource}" in API group "{group}"'
            message = f'{place.resource} is forbidden: {what} in the namespace "{place.namespace}"'
            raise Refusal(403, "Forbidden", message, {"kind": place.resource})
        if verb == "watch":
            self._watch(api, place, query)
        elif verb == "list":
            self._list(api.cluster, place, query, cut=cut)
        elif place.sub == "log":
            self._log(api.cluster, place, query)
        elif verb == "get":
            found = api.cluster.get(place.resource, place.namespace or "", place.name)
            self._show(place, _scale(found) if place.sub == "scale" else found, cut=cut)
        else:
            self._change(api.cluster, place, query, body)

    def _review(self, api: KubeApi, review: Object) -> None:
        """SelfSubjectAccessReview: what `forbid` forbids is not allowed."""
        asked = review["spec"]["resourceAttributes"]
        allowed = (asked["verb"], asked["resource"]) not in api.forbidden
        self._send({**review, "status": {"allowed": allowed}}, 201)

    def _list(self, cluster: Cluster, place: _Place, query: dict[str, str], *, cut: bool) -> None:
        with cluster.changed:
            version, found = cluster.version, cluster.list(place.resource, place.namespace)
        start = 0
        if token := query.get("continue"):
            told = json.loads(base64.urlsafe_b64decode(token))
            start, version = told["start"], told["version"]
            if version < cluster.oldest:
                raise Refusal(410, "Expired", "The provided continue parameter is too old to display a list result.")
        found = [o for o in found if selects(query, o)]
        limit = int(query.get("limit") or 0)
        page = found[start : start + limit] if limit else found[start:]
        meta: Object = {"resourceVersion": str(version)}
        left = len(found) - start - len(page)
        if left:
            token = base64.urlsafe_b64encode(json.dumps({"start": start + limit, "version": version}).encode()).decode()
            meta |= {"continue": token, "remainingItemCount": left}
        group, kind, _ = KINDS[place.resource]
        if "as=Table" in self.headers.get("Accept", ""):
            self._send(table(place.resource, page, meta), cut=cut)
        else:
            items = [{k: v for k, v in o.items() if k not in {"kind", "apiVersion"}} for o in page]
            self._send({"kind": f"{kind}List", "apiVersion": group, "metadata": meta, "items": items}, cut=cut)

    def _watch(self, api: KubeApi, place: _Place, query: dict[str, str]) -> None:
        cluster, until = api.cluster, time.monotonic() + float(query.get("timeoutSeconds") or 3600)
        as_table = "as=Table" in self.headers.get("Accept", "")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        api.watches.add(self.connection)

        def tell(kind: str, each: Object) -> None:
            shown = table(place.resource, [each], {}) if as_table and kind != "ERROR" else each
            line = json.dumps({"type": kind, "object": shown}).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()

        try:
            with cluster.changed:
                at = int(query.get("resourceVersion") or 0)
                if at == 0 or query.get("sendInitialEvents") == "true":
                    for each in cluster.list(place.resource, place.namespace):
                        if selects(query, each):
                            tell("ADDED", each)
                    at = cluster.version
                    if query.get("sendInitialEvents") == "true":
                        group, kind, _ = KINDS[place.resource]
                        ended = {"resourceVersion": str(at), "annotations": {"k8s.io/initial-events-end": "true"}}
                        tell("BOOKMARK", {"kind": kind, "apiVersion": group, "metadata": ended})
                while time.monotonic() < until and not api.over.is_set():
                    if at < cluster.oldest:
                        message = f"too old resource version: {at} ({cluster.oldest})"
                        tell("ERROR", Refusal(410, "Expired", message).status)
                        break
                    for version, change, resource, each in cluster.history:
                        here = place.namespace in {None, each["metadata"].get("namespace")}
                        if version > at and resource == place.resource and here and selects(query, each):
                            tell(change, each)
                    at = max(at, cluster.version)
                    cluster.changed.wait(min(0.5, max(until - time.monotonic(), 0)))
            self.wfile.write(b"0\r\n\r\n")
        finally:
            api.watches.discard(self.connection)

    def _log(self, cluster: Cluster, place: _Place, query: dict[str, str]) -> None:
        cluster.get("pods", place.namespace or "", place.name)
        lines = cluster.logs.get(place.name, "").splitlines(keepends=True)
        tail = query.get("tailLines")
        self._raw("".join(lines[-int(tail) :] if tail else lines).encode(), "text/plain")

    def _change(self, cluster: Cluster, place: _Place, query: dict[str, str], body: bytes) -> None:
        dry = query.get("dryRun") == "All"
        with cluster.changed:
            if self.command == "DELETE":
                cluster.get(place.resource, place.namespace or "", place.name)
                if not dry:
                    cluster.delete(place.resource, place.namespace or "", place.name)
                told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
                self._send({**told, "details": {"name": place.name, "kind": place.resource}})
                return
            if "protobuf" in self.headers.get("Content-Type", ""):
                raise Refusal(415, "UnsupportedMediaType", "the stand-in speaks JSON only")
            given = json.loads(body)
            if self.command == "POST":
                name = given["metadata"]["name"]
                given["metadata"] |= {"namespace": place.namespace or ""}
                if (place.resource, place.namespace or "", name) in cluster.objects:
                    message = f'{place.resource} "{name}" already exists'
                    raise Refusal(409, "AlreadyExists", message, {"name": name, "kind": place.resource})
                self._show(place, given if dry else cluster.put(place.resource, given), 201)
                return
            before = cluster.get(place.resource, place.namespace or "", place.name)
            shown = _scale(before) if place.sub == "scale" else before
            if self.command == "PATCH":
                given = patched(shown, given, self.headers.get("Content-Type", ""))
            expect = given["metadata"].get("resourceVersion")
            after = given
            if place.sub == "scale":
                after = copy.deepcopy(before)
                after["spec"]["replicas"] = int(given["spec"].get("replicas", 0))
            if place.sub == "status":
                after = {**before, "status": given.get("status", {})}
            after = after if dry else cluster.put(place.resource, after, expect=expect)
            self._show(place, _scale(after) if place.sub == "scale" else after)

    def _show(self, place: _Place, each: Object, status: int = 200, *, cut: bool = False) -> None:
        plain = place.sub or "as=Table" not in self.headers.get("Accept", "")
        self._send(each if plain else table(place.resource, [each], {}), status, cut=cut)

    def _send(self, told: Any, status: int = 200, more: dict[str, str] | None = None, *, cut: bool = False) -> None:
        self._raw(json.dumps(told).encode(), "application/json", status, more, cut=cut)

    def _raw(
        self, content: bytes, kind: str, status: int = 200, more: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.close_connection = True


def _scale(each: Object) -> Object:
    meta = {
        key: each["metadata"].get(key) for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    }
    labels = each["spec"]["selector"]["matchLabels"]
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": meta,
        "spec": {"replicas": each["spec"].get("replicas", 0)},
        "status": {
            "replicas": each["status"].get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in labels.items()),
        },
    }
