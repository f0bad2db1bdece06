"""A Kubernetes client for answers that are no JSON. Importing this module takes 250 ms."""

from __future__ import annotations

from typing import Any

from kubernetes.client import ApiException
from kubernetes.client.api_response import ApiResponse

from artisan_tui.sources.checks.kubernetes.reader import Reader


class PlainReader(Reader):
    """Gives the bytes of an answer."""

    def response_deserialize(self, response_data: Any, response_types_map: Any = None) -> Any:
        """Raises ApiException for a status outside 2xx."""
        status = response_data.status
        if not 200 <= status <= 299:
            body = response_data.data.decode("utf-8", "replace")
            raise ApiException.from_response(http_resp=response_data, body=body, data=None)
        return ApiResponse(status_code=status, data=response_data.data, headers=None, raw_data=response_data.data)
