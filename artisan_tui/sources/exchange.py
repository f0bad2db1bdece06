"""One HTTP exchange: send a request, read the response head, read the body with a size limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit, urlunsplit

from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.capped import Capped
from artisan_tui.sources.certificate import peer_certificates

if TYPE_CHECKING:
    import httpx

HANDSHAKE = "the TLS handshake"
SENDING = "sending the request"
FIRST_BYTE = "the first byte"
NAME_SERVER = "the name server"
CONNECTING = "connecting"
PREPARING = "preparing"
_BEFORE_CONNECTED = frozenset({PREPARING, NAME_SERVER, CONNECTING})


@dataclass(slots=True)
class Phase:
    """The current step of an exchange, for the message of a timeout.

    ``reused`` is true if the request used a kept connection.
    """

    name: str = PREPARING
    reused: bool = False

    @property
    def connected(self) -> bool:
        """Whether the peer accepted a connection for this exchange. A kept connection proves nothing about now."""
        return not self.reused and self.name not in _BEFORE_CONNECTED

    def step(self, name: str) -> None:
        """Enter the phase ``name``."""
        self.name = name


@dataclass(frozen=True, slots=True)
class Head:
    """A response without its body. Header names are in lower case; ``certificates`` are the peer's in DER, empty
    without TLS.
    """

    status: int
    headers: dict[str, str]
    certificates: tuple[bytes, ...]

    @property
    def redirected(self) -> bool:
        """Whether the status is 3xx."""
        return 300 <= self.status < 400

    @property
    def location(self) -> str:
        """The redirect target, printable. Credentials and the query are removed, because they may contain secrets."""
        try:
            parts = urlsplit(self.headers.get("location", ""))
            bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        except ValueError:
            return ""
        return printable(bare, 200)


async def exchange(
    pool: httpx.AsyncBaseTransport, request: httpx.Request, take: Callable[[bytes], None], cap: int, phase: Phase
) -> Head:
    """Send ``request`` and pass the decompressed body to ``take``, chunk by chunk.

    ``cap`` is the size limit in bytes. The caller holds the time limit. Redirects are not followed. Raises what httpx
    raises, `TooLarge` and `NotEncoded`.
    """
    request.extensions["phase"] = phase
    response = await pool.handle_async_request(request)
    try:
        phase.name = "the body"
        tls = response.extensions.get("ssl_object")
        head = Head(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            () if tls is None else peer_certificates(tls),
        )
        length = "" if request.method == "HEAD" else head.headers.get("content-length", "")
        body = Capped(cap, head.headers.get("content-encoding", ""), length)
        async for chunk in cast(
            "httpx.AsyncByteStream", response.stream
        ):  # aiter_raw() would add chunking and counting of its own
            take(body.feed(chunk))
        body.finish()
    finally:
        await response.aclose()
    return head
