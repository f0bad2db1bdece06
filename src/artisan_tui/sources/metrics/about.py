"""What a Prometheus says about itself: version and how long it keeps data. For ``doctor``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.plain import printable
from artisan_tui.sources.connections import Connections, Trust
from artisan_tui.sources.exchange import Phase, exchange

if TYPE_CHECKING:
    from artisan_tui.config.models import Metrics

_LARGEST = 1024 * 1024


async def about(url: str, metrics: Metrics, headers: Mapping[str, str]) -> str:
    """One line; what the server does not tell is left out. Raises nothing for what it does."""
    connections = Connections()
    try:
        async with asyncio.timeout(metrics.timeout):
            build = await _get(connections, f"{url}/api/v1/status/buildinfo", metrics, headers)
            runtime = await _get(connections, f"{url}/api/v1/status/runtimeinfo", metrics, headers)
    except TimeoutError:
        return "answers queries"
    finally:
        await connections.aclose()
    version, kept = build.get("version"), runtime.get("storageRetention")
    said = f"version {printable(str(version), 40)}" if version else "answers queries"
    return f"{said}, keeps data for {printable(str(kept), 40)}" if kept else said


async def _get(connections: Connections, url: str, metrics: Metrics, headers: Mapping[str, str]) -> dict[str, Any]:
    import httpx

    sent = {**headers, "accept-encoding": "identity"}
    parts: list[bytes] = []
    try:
        pool = await connections.pool(url, Trust(metrics.ca_file), kept=False)
        head = await exchange(pool, httpx.Request("GET", url, headers=sent), parts.append, _LARGEST, Phase())
        data = json.loads(b"".join(parts)).get("data") if head.status == 200 else None
    except Exception:  # noqa: BLE001 - Mimir and Thanos lack some of these, and nothing depends on them
        return {}
    return data if isinstance(data, dict) else {}
