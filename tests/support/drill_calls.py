"""Calls to the simulated stack over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import httpx

Eventually = Callable[..., bool]


def break_(client: httpx.Client, fault_id: str) -> None:
    answer = client.post(f"/admin/faults/{fault_id}/break")
    assert answer.status_code == 200
    assert answer.json() == {"id": fault_id, "active": True}
