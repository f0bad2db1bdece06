"""One HTTP exchange: a request out, the head in, the body through a cap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from artisan_tui.domain.plain import printable
from artisan_tui.sources.capped import Capped

if TYPE_CHECKING:
    import httpx


@dataclass(slots=True)
class Phase:
    """How far an exchange has come, for whoever has to say where it stopped."""

    name: str = "preparing"

    async def trace(self, event: str, _info: Any) -> None:
        """httpcore's trace hook."""
        found = _PHASES.get(event)
        if found is not None:
            self.name = found


HANDSHAKE = "the TLS handshake"
_PHASES = {
    "connection.connect_tcp.started": "connecting",
    "connection.start_tls.started": HANDSHAKE,
    "http11.send_request_headers.started": "sending the request",
    "http11.receive_response_headers.started": "the first byte",
    "http11.receive_response_body.started": "the body",
}


@dataclass(frozen=True, slots=True)
class Head:
    """An answer without its body. ``headers`` in lower case; ``certificate`` is the peer's, DER, on TLS."""

    status: int
    headers: dict[str, str]
    certificate: bytes | None

    @property
    def redirected(self) -> bool:
        return 300 <= self.status < 400

    @property
    def location(self) -> str:
        """Where a redirect points, fit to show: credentials and queries hold secrets and are left out."""
        try:
            parts = urlsplit(self.headers.get("location", ""))
            bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        except ValueError:
            return ""
        return printable(bare, 200)


async def exchange(
    pool: httpx.AsyncHTTPTransport, request: httpx.Request, take: Callable[[bytes], None], cap: int, phase: Phase
) -> Head:
    """Send ``request``; ``take`` gets the unpacked body piece by piece.

    There is no time limit in here: the caller holds one around everything. Redirects are not
    followed. Raises what httpx raises, `TooLarge` and `NotEncoded`.
    """
    request.extensions["trace"] = phase.trace
    response = await pool.handle_async_request(request)
    try:
        stream = response.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        head = Head(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            tls.getpeercert(True) if tls is not None else None,
        )
        length = "" if request.method == "HEAD" else head.headers.get("content-length", "")
        body = Capped(cap, head.headers.get("content-encoding", ""), length)
        async for chunk in response.aiter_raw():
            take(body.feed(chunk))
        body.finish()
    finally:
        await response.aclose()
    return head
