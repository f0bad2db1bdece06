"""The API server by the official client, with our own clock: every request has a limit, a watch that ends is begun again.

Objects are plain JSON: the client's models refuse fields of newer and older servers.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

Document = dict[str, Any]
#: kind as it is written -> (path of its group, resource, kind)
RESOURCES: Final[Mapping[str, tuple[str, str, str]]] = {
    "deployment": ("/apis/apps/v1", "deployments", "Deployment"),
    "statefulset": ("/apis/apps/v1", "statefulsets", "StatefulSet"),
    "daemonset": ("/apis/apps/v1", "daemonsets", "DaemonSet"),
    "pod": ("/api/v1", "pods", "Pod"),
    "job": ("/apis/batch/v1", "jobs", "Job"),
    "service": ("/api/v1", "services", "Service"),
    "node": ("/api/v1", "nodes", "Node"),
    "ingress": ("/apis/networking.k8s.io/v1", "ingresses", "Ingress"),
    "hpa": ("/apis/autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
}
REPLICASETS: Final = ("/apis/apps/v1", "replicasets")
#: Seconds that one read may take; a watch that says nothing for so long is looked after by a read.
_PATIENCE: Final = 10.0
_LARGEST: Final = 32 * 1024 * 1024


class ApiRefusal(Exception):
    """The API server said no: ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ApiUnsure(Exception):
    """A request was sent, and nobody knows whether it was carried out."""


class Cluster:
    """One API server, for one step."""

    def __init__(self, client: Any, channel: StepChannel, name: str) -> None:
        self._client, self._channel, self.name = client, channel, name

    def read(self, path: str, **query: Any) -> Document:
        """Raises ApiRefusal, TimeoutError, and StepRefused when nobody answers."""
        return self._sent("GET", path, query, None, None)

    def object(self, kind: str, namespace: str, name: str) -> Document:
        """Raises StepRefused when there is none."""
        try:
            return self.read(path_of(kind, namespace, name))
        except ApiRefusal as refusal:
            if refusal.status == 404:
                raise StepRefused(
                    f"there is no {kind} {name} in the namespace {namespace} of {self.name}", "correct its name"
                ) from None
            raise

    def all(self, group: str, resource: str, namespace: str, **query: Any) -> list[Document]:
        """Every object, page by page."""
        found: list[Document] = []
        token = ""
        while True:
            more = {"continue": token} if token else {}
            page = self.read(f"{group}/namespaces/{quote(namespace, safe='')}/{resource}", limit=200, **query, **more)
            found += page.get("items") or ()
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return found

    def patch(self, path: str, steps: Sequence[Mapping[str, Any]]) -> Document:
        """A JSON patch. Raises ApiUnsure when it was sent and not answered."""
        return self._sent("PATCH", path, {}, list(steps), "application/json-patch+json")

    def may(self, verb: str, group: str, resource: str, namespace: str, name: str = "") -> bool | None:
        """Whether we have the right, None when the server does not tell. It asks, and stores nothing."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {**attributes, **({"name": name} if name else {})}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        try:
            return bool(self._sent("POST", path, {}, review, "application/json")["status"]["allowed"])
        except (ApiRefusal, ApiUnsure, KeyError, TypeError):
            return None

    def text(self, path: str, **query: Any) -> str:
        """What the server answers as it is."""
        return self._raw("GET", path, query, None, None).decode("utf-8", "replace")

    def changed(self, kind: str, namespace: str, name: str, version: str) -> None:
        """Return when the object may have changed since ``version``, or after a while. It proves nothing: read again.

        A watch may close at any time, or say nothing more; neither is an error.
        """
        import urllib3

        group, resource, _ = RESOURCES[kind]
        seconds = min(_PATIENCE, self._channel.left)
        query = {
            "watch": "1",
            "fieldSelector": f"metadata.name={name}",
            "resourceVersion": version,
            "timeoutSeconds": max(1, int(seconds)),
        }
        began = self._channel.clock()
        try:
            with self._opened("GET", f"{group}/namespaces/{quote(namespace, safe='')}/{resource}", query) as response:
                if response.status == 200:
                    response.read(1)  # the first byte of an event; what it is, a read tells
        except (urllib3.exceptions.HTTPError, OSError):
            pass
        if self._channel.clock() - began < 0.2:  # it closed at once: do not hammer the server
            self._channel.sleep(min(0.2, self._channel.left))

    # -- requests

    def _sent(self, method: str, path: str, query: Mapping[str, Any], body: Any, kind: str | None) -> Document:
        data = self._raw(method, path, query, body, kind)
        try:
            found = json.loads(data)
        except ValueError:
            raise ApiRefusal(200, f"{self.name} answered with no JSON") from None
        if not isinstance(found, dict):
            raise ApiRefusal(200, f"{self.name} answered with no object")
        return found

    def _raw(self, method: str, path: str, query: Mapping[str, Any], body: Any, kind: str | None) -> bytes:
        import urllib3

        changes = method not in ("GET", "HEAD") and "selfsubjectaccessreviews" not in path
        try:
            with self._opened(method, path, query, body, kind) as response:
                data: bytes = response.read(_LARGEST)
                status = int(response.status)
        except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError) as error:
            why = printable(str(error).rpartition(":")[2].strip(), 200)
            raise StepRefused(f"{self.name} cannot be reached: {why}", "correct the context, or the network") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if changes:
                raise ApiUnsure(f"{self.name} was told, and did not answer ({type(error).__name__})") from None
            if isinstance(error, urllib3.exceptions.TimeoutError):
                raise TimeoutError from None
            raise StepRefused(f"{self.name} hung up: {type(error).__name__}") from None
        if not 200 <= status <= 299:
            raise _refusal(status, data, self.name)
        return data

    @contextlib.contextmanager
    def _opened(
        self, method: str, path: str, query: Mapping[str, Any], body: Any = None, kind: str | None = None
    ) -> Iterator[Any]:
        headers = {"Accept": "application/json"} | ({"Content-Type": kind} if kind else {})
        made = self._client.param_serialize(
            method,
            path,
            query_params=[(key, str(value)) for key, value in query.items()],
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        left = self._channel.left
        # The client has no time limit of its own.
        answer = self._client.call_api(*made, _request_timeout=(min(5.0, left), min(_PATIENCE, left)))
        try:
            yield answer.response
        finally:
            answer.response.close()


def path_of(kind: str, namespace: str, name: str) -> str:
    group, resource, _ = RESOURCES[kind]
    within = "" if kind == "node" else f"/namespaces/{quote(namespace, safe='')}"
    return f"{group}{within}/{resource}/{quote(name, safe='')}"


@contextlib.contextmanager
def cluster(request: Mapping[str, Any], channel: StepChannel) -> Iterator[Cluster]:
    """The API server of a request's context. Raises StepRefused when there is no way to it."""
    from kubernetes import config

    context = request.get("context")
    files = channel.environ.get("KUBECONFIG")
    home = channel.environ.get("HOME") or os.path.expanduser("~")
    place = files or os.path.join(home, ".kube", "config")
    name = f"the context {printable(str(context), 200)}" if context else "the current context"
    try:
        # It is never written: another process may be writing it.
        connect: Any = config.new_client_from_config
        client = connect(place, context, persist_config=False)
    except config.ConfigException as error:
        known = "Expected object with name" in str(error)
        what = f"there is no {name.removeprefix('the ')}" if known else f"{name} cannot be used"
        raise StepRefused(
            f"{what} in the kubeconfig {printable(place, 200)}", "see kubectl config get-contexts"
        ) from None
    except Exception as error:  # noqa: BLE001 - a damaged file raises what its parser raises, with its content
        raise StepRefused(
            f"the kubeconfig {printable(place, 200)} cannot be read ({type(error).__name__})", "see kubectl config view"
        ) from None
    client.configuration.retries = False
    client.rest_client.pool_manager.connection_pool_kw["retries"] = False
    try:
        yield Cluster(client, channel, name)
    except ApiRefusal as refusal:
        raise StepRefused(str(refusal), "ask for the right" if refusal.status == 403 else "") from None
    finally:
        client.rest_client.pool_manager.clear()


def _refusal(status: int, data: bytes, name: str) -> ApiRefusal:
    try:
        message = str(json.loads(data)["message"])
    except (ValueError, KeyError, TypeError):
        message = data[:300].decode("utf-8", "replace")
    return ApiRefusal(status, f"{name} refused ({status}): {printable(' '.join(message.split()), 400)}")
