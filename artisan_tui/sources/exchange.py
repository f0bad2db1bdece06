"""One HTTP exchange: send a request, read the response head, read the body with a size limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit, urlunsplit

from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.capped import Capped, NotEncoded, TooLarge, wire_limit
from artisan_tui.sources.certificate import peer_certificates
from artisan_tui.sources.network import Turn

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
class BodyNeed:
    """What the body is read for.

    ``required``: a condition reads it. With ``raises``, a body that is too large or compressed in another way than it
    says is raised, else noted in `Head`. A body that is not required is read for people only, so nothing about it is
    raised, and after ``patience`` seconds reading ends. None is without limit.
    """

    required: bool = True
    raises: bool = True
    patience: float | None = None


WHOLE_BODY = BodyNeed()


@dataclass(slots=True)
class Head:
    """A response without its body. Header names are in lower case; ``certificates`` are the peer's in DER, empty
    without TLS. ``arrived`` is when it had arrived, on the monotonic clock.

    ``trouble`` is why the body is not whole, None if it is.
    """

    status: int
    headers: dict[str, str]
    certificates: tuple[bytes, ...]
    arrived: float
    trouble: Exception | None = None

    @property
    def content_type(self) -> str:
        """Its Content-Type; empty if it has none."""
        return self.headers.get("content-type", "")

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
    pool: httpx.AsyncBaseTransport,
    request: httpx.Request,
    take: Callable[[bytes], None],
    cap: int,
    phase: Phase,
    need: BodyNeed = WHOLE_BODY,
) -> Head:
    """Send ``request`` and pass the decompressed body to ``take``, piece by piece.

    ``cap`` is the size limit in bytes, for what is consumed and for what it becomes. The caller holds the time limit.
    Redirects are not followed. Raises what httpx raises, `TooLarge` and `NotEncoded`; after the head only what
    ``need`` says.
    """
    request.extensions.update(phase=phase, most=wire_limit(cap))
    response = await pool.handle_async_request(request)
    try:
        phase.name = "the body"
        tls = response.extensions.get("ssl_object")
        head = Head(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            () if tls is None else peer_certificates(tls),
            time.monotonic(),
        )
        try:
            async with asyncio.timeout(need.patience):
                await _body(response, head, take, cap, announced=need.required and request.method != "HEAD")
        except (TooLarge, NotEncoded) as error:
            if need.raises:
                raise
            head.trouble = error
        except Exception as error:
            if need.required:
                raise
            head.trouble = error
    finally:
        await response.aclose()
    return head


async def _body(
    response: httpx.Response, head: Head, take: Callable[[bytes], None], cap: int, *, announced: bool
) -> None:
    """``announced``: a Content-Length above the cap ends it at once. Else the beginning is read."""
    coding = ",".join(
        filter(None, (head.headers.get("content-encoding", ""), str(response.extensions.get("codings", ""))))
    )
    body = Capped(cap, coding, head.headers.get("content-length", "") if announced else "")
    turn = Turn()
    # aiter_raw() would add chunking and counting of its own
    async for chunk in cast("httpx.AsyncByteStream", response.stream):
        for piece in body.pieces(chunk):
            take(piece)
            await turn.give_way()
    body.finish()
