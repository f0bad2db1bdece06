"""Read objects with the official client: with a size limit, as plain JSON, and without hidden retries.

Plain JSON, because the client's models reject fields of newer and older servers. Importing this module takes 250 ms,
`load` another 500 ms.
"""

from __future__ import annotations

import importlib
import time
from typing import Any

from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.client.api_response import ApiResponse

from artisan_tui.sources.body import parse_json
from artisan_tui.sources.capped import read_capped
from artisan_tui.sources.checks.kubernetes.state import Document
from artisan_tui.sources.dial import POOLS

#: Bytes that one probe reads at most, over all pages.
LARGEST = 32 * 1024**2
#: Pods per page: about one megabyte, parsed in a few milliseconds.
_PAGE = 100

__all__ = ["LARGEST", "ApiException", "Reader", "load", "pods", "workload"]


class Reader(ApiClient):
    """A client for one probe, until ``deadline`` (monotonic)."""

    def __init__(self, configuration: Configuration, deadline: float) -> None:
        super().__init__(configuration)
        self.rest_client.pool_manager.pool_classes_by_scheme = POOLS
        self.user_agent = "artisan-tui"
        self._deadline = deadline
        self._left = LARGEST

    def call_api(self, *args: Any, **kwargs: Any) -> Any:
        """Raises TooLarge, NotEncoded or TimeoutError, and what the client raises."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        answer: Any = super().call_api(*args, **{**kwargs, "_request_timeout": left})
        answer.data = read_capped(answer.response, self._left, self._deadline)
        self._left -= len(answer.data)
        return answer

    def response_deserialize(self, response_data: Any, response_types_map: Any = None) -> Any:
        """The JSON document. Raises ApiException for a status outside 2xx, NotJson and UnicodeDecodeError."""
        status = response_data.status
        if not 200 <= status <= 299:
            body = response_data.data.decode("utf-8", "replace")
            raise ApiException.from_response(http_resp=response_data, body=body, data=None)
        document = parse_json(response_data.data.decode("utf-8"))
        return ApiResponse(status_code=status, data=document, headers=None, raw_data=response_data.data)


def load(*, workloads: bool) -> None:
    """Import what the functions below need, so that no latency includes the import."""
    importlib.import_module("kubernetes.client.api.core_v1_api")
    if workloads:
        importlib.import_module("kubernetes.client.api.apps_v1_api")


def workload(reader: Reader, resource: str, name: str, namespace: str) -> Document:
    """A deployment, stateful set or daemon set."""
    from kubernetes.client.api.apps_v1_api import AppsV1Api

    api = AppsV1Api(reader)
    read = {
        "deployments": api.read_namespaced_deployment,
        "statefulsets": api.read_namespaced_stateful_set,
        "daemonsets": api.read_namespaced_daemon_set,
    }[resource]
    found: Any = read(name, namespace)  # typed as a model by the client
    return dict(found)


def pods(reader: Reader, namespace: str, selector: str) -> list[Document]:
    """All pods, page by page. If the list expires between two pages (410), it is read once more."""
    from kubernetes.client.api.core_v1_api import CoreV1Api

    api = CoreV1Api(reader)
    for again in (True, False):
        found: list[Document] = []
        token = ""
        try:
            while True:
                more: dict[str, Any] = {"_continue": token} if token else {}
                page: Any = api.list_namespaced_pod(namespace, label_selector=selector, limit=_PAGE, **more)
                found += page.get("items") or ()
                token = (page.get("metadata") or {}).get("continue") or ""
                if not token:
                    return found
        except ApiException as error:
            if error.status != 410 or not again:
                raise
    raise AssertionError("unreachable")
