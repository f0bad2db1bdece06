"""Version and retention time of a Prometheus server, from its status API."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.config.url import joined, without_query
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.errors import explain
from artisan_tui.sources.exchange import Phase, exchange
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.trust import Trust

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics

_LARGEST = 1024 * 1024
_RETENTION = re.compile(r"(?:\d+(?:ms|[ywdhms]))+", re.ASCII)
_REMOTE_READ = re.compile(r"^remote_read:[ \t]*$", re.MULTILINE)
_PART = re.compile(r"(\d+)(ms|[ywdhms])", re.ASCII)
_SECONDS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}


async def about(url: str, metrics: Metrics, headers: Mapping[str, str]) -> str:
    """One line about the server. Leaves out what the server does not report. Never raises because of the server."""
    connections = Connections()
    try:
        async with asyncio.timeout(metrics.timeout):
            build = await _get(connections, joined(url, "/api/v1/status/buildinfo"), metrics, headers)
            runtime = await _get(connections, joined(url, "/api/v1/status/runtimeinfo"), metrics, headers)
    except TimeoutError:
        return "answers queries"
    finally:
        await connections.aclose()
    version, kept = build.get("version"), runtime.get("storageRetention")
    said = f"version {printable(str(version), 40)}" if version else "answers queries"
    return f"{said}, keeps data for {printable(str(kept), 40)}" if kept else said


async def retention(url: str, metrics: Metrics, headers: Mapping[str, str]) -> float | None:
    """The server's retention time in seconds. None if it reports none, as Thanos and Mimir do not. Raises Blind."""
    connections = Connections()
    try:
        await connections.ready()
        async with asyncio.timeout(metrics.timeout):
            status, data = await _ask(connections, joined(url, "/api/v1/status/runtimeinfo"), metrics, headers)
            kept = retention_seconds(str(data.get("storageRetention", "")))
            if kept is not None:
                config = await _get(connections, joined(url, "/api/v1/status/config"), metrics, headers)
                # What the server does not keep it reads from elsewhere, for nobody knows how long.
                if _REMOTE_READ.search(str(config.get("yaml", ""))):
                    kept = None
    except TimeoutError:
        raise Blind(Reason.TIMEOUT, f"{without_query(url)}: no response within {span_text(metrics.timeout)}") from None
    except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
        reason, detail = explain(error)
        raise Blind(reason, f"{without_query(url)}: {detail}") from None
    finally:
        await connections.aclose()
    if status in (401, 403):
        raise Blind(Reason.DENIED, f"HTTP {status}: access denied")
    if status >= 500:
        raise Blind(Reason.STATUS, f"{without_query(url)}: HTTP {status}")
    return kept


def retention_seconds(text: str) -> float | None:
    """Parse ``15d`` or ``30d or 50GB``. None for a size alone, and for 0, which means "no limit"."""
    for part in text[:200].split(" or "):
        if _RETENTION.fullmatch(part.strip()):
            return float(sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(part))) or None
    return None


async def _get(connections: Connections, url: str, metrics: Metrics, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        return (await _ask(connections, url, metrics, headers))[1]
    except Exception:  # noqa: BLE001 - Mimir and Thanos lack some of these endpoints; the text is informative only
        return {}


async def _ask(
    connections: Connections, url: str, metrics: Metrics, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """(HTTP status, ``data``). ``data`` is empty if the response is not Prometheus'. Raises what httpx raises."""
    import httpx

    sent = {**headers, "accept-encoding": "identity"}
    parts: list[bytes] = []
    pool = await connections.pool(url, Trust(metrics.ca_file, True, metrics.cert_file, metrics.key_file), kept=False)
    head = await exchange(pool, httpx.Request("GET", url, headers=sent), parts.append, _LARGEST, Phase())
    try:
        text = b"".join(parts) if head.status == 200 else b"{}"
        document = await connections.by_size(len(text), json.loads, text)
        data = document.get("data")
    except (ValueError, RecursionError, AttributeError):
        data = {}
    return head.status, data if isinstance(data, dict) else {}
