"""An httpx transport on `network.Connection`, with h11 for HTTP/1.1.

httpx's own transport costs three to four times as much CPU per probe (1.1 to 1.7 ms, here 0.37 ms): its locks, scopes
and traces each add iterations of the event loop. This module imports httpx, so import it only before a request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import suppress
from typing import TypeVar

import h11
import httpx

from artisan_tui.sources.capped import TooLarge
from artisan_tui.sources.exchange import FIRST_BYTE, HANDSHAKE, SENDING, Phase
from artisan_tui.sources.network import Connection, Network
from artisan_tui.sources.response_head import head_end, mend

T = TypeVar("T")
Origin = tuple[str, str, int]
#: Connections kept per origin.
_MOST = 8
#: Bytes of a response head, together with the informational heads before it.
_LONGEST_HEAD = 100 * 1024
_CHUNK = 65_536
_ALPN = ("http/1.1",)
_PORTS = {"http": 80, "https": 443}


class Transport(httpx.AsyncBaseTransport):
    """``keep`` is the number of seconds for which a connection may be reused; 0 is never.

    A request may carry a `Phase`, httpx's time limits, and "most" as extensions: the bytes of the body that are
    consumed, with all framing, before TooLarge is raised. The response has the extensions "ssl_object" for its
    certificates and "codings", a text with the transfer codings of its body. Raises what httpx raises.
    """

    def __init__(self, network: Network, tls: ssl.SSLContext | None, keep: float = 0.0) -> None:
        """``tls`` is needed for https only."""
        self._network, self._tls, self._keep = network, tls, keep
        self._idle: dict[Origin, list[_Link]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url, phase = request.url, request.extensions.get("phase") or Phase()
        limits: Mapping[str, float | None] = request.extensions.get("timeout", {})
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
        link = self._pick(origin)
        phase.reused = link is not None
        if link is None:
            link = await self._open(origin, phase, limits.get("connect"))
        try:
            await link.send(request, phase, limits.get("write"))
            head = await link.head(phase, limits.get("read"))
        except BaseException:
            link.connection.close()
            raise
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(link, self, limits.get("read"), request.extensions.get("most")),
            extensions={
                "http_version": b"HTTP/" + head.http_version,
                "ssl_object": link.connection.tls,
                "codings": link.codings,
            },
        )

    def use(self, tls: ssl.SSLContext | None) -> None:
        """Use ``tls`` from now on. What was connected under another one is not reused."""
        if tls is not self._tls:
            self._tls = tls
            self._end_all()

    async def aclose(self) -> None:
        self._end_all()

    def _end_all(self) -> None:
        for link in [each for links in self._idle.values() for each in links]:
            self._end(link)

    async def _open(self, origin: Origin, phase: Phase, limit: float | None) -> _Link:
        expires = asyncio.get_running_loop().time() + self._keep
        try:
            connection = await _within(limit, self._connect(origin, phase))
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return _Link(origin, connection, expires)

    async def _connect(self, origin: Origin, phase: Phase) -> Connection:
        scheme, host, port = origin
        connection = await self._network.connect(host, port, phase.step)
        if scheme == "https":
            phase.name = HANDSHAKE
            assert self._tls is not None
            await connection.secure(self._tls, host, _ALPN)
        return connection

    # -- kept connections --------------------------------------------------------

    def _pick(self, origin: Origin) -> _Link | None:
        while links := self._idle.get(origin):
            link = links[-1]
            self._forget(link)
            if not link.connection.readable:  # data or a close without a request is not a response
                return link
            link.connection.close()
        return None

    def give_back(self, link: _Link) -> None:
        """Keep the connection for the rest of its time, or close it."""
        if not self._keep or not link.renew():
            link.connection.close()
            return
        loop, links = asyncio.get_running_loop(), self._idle.setdefault(link.origin, [])
        if link.expires <= loop.time() or len(links) >= _MOST:
            link.connection.close()
            return
        link.timer = loop.call_at(link.expires, self._end, link)
        links.append(link)

    def _forget(self, link: _Link) -> None:
        if link.timer is not None:
            link.timer.cancel()
        links = self._idle[link.origin]
        links.remove(link)
        if not links:
            del self._idle[link.origin]

    def _end(self, link: _Link) -> None:
        self._forget(link)
        link.connection.close()


class _Link:
    """A connection with its HTTP state. Not reused after ``expires``, in the loop's time."""

    __slots__ = ("_speaker", "_unread", "codings", "connection", "expires", "origin", "timer")

    def __init__(self, origin: Origin, connection: Connection, expires: float) -> None:
        self.origin, self.connection, self.expires = origin, connection, expires
        self.timer: asyncio.TimerHandle | None = None
        self.codings = ""
        self._speaker = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._unread = b""

    async def send(self, request: httpx.Request, phase: Phase, limit: float | None) -> None:
        phase.name = SENDING
        content = await request.aread()
        method, target, headers = request.method, request.url.raw_path, request.headers.raw
        try:
            data = self._speaker.send(h11.Request(method=method, target=target, headers=headers)) or b""
            if content:
                data += self._speaker.send(h11.Data(data=content)) or b""
            data += self._speaker.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        try:
            # a server may respond and close before it has read the whole request; its response is read
            with suppress(ConnectionError):
                await _within(limit, self.connection.write(data))
        except TimeoutError as error:
            raise httpx.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpx.WriteError(str(error)) from error

    async def head(self, phase: Phase, limit: float | None) -> h11.Response | h11.InformationalResponse:
        """The response without its body. Informational responses such as 103 are skipped, but not a 101 that the
        request asked for: it is the response.
        """
        phase.name = FIRST_BYTE
        taken = 0
        while True:
            head = await self._raw_head(limit, _LONGEST_HEAD - taken)
            taken += len(head)
            mended, self.codings = mend(head)
            try:
                self._speaker.receive_data(mended)
                event = self._speaker.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from error
            if isinstance(event, h11.Response):
                if self._unread:
                    self._speaker.receive_data(self._unread)
                self._unread = b""
                return event
            if isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                return event
            await self.connection.turn.give_way()

    async def _raw_head(self, limit: float | None, most: int) -> bytes:
        """The bytes up to the blank line. What follows them stays in ``_unread``."""
        held, searched = bytearray(self._unread), 0
        while (end := head_end(held, searched)) is None:
            searched = len(held)
            if searched > most:
                raise httpx.RemoteProtocolError("its head is too long")
            if held and not b"HTTP/".startswith(held[:5]):
                raise httpx.RemoteProtocolError("illegal status line")
            data = await self._read(limit)
            if not data:
                said = "the connection was closed inside the head" if held else "closed without sending a response"
                raise httpx.RemoteProtocolError(said)
            held += data
        if end > most:
            raise httpx.RemoteProtocolError("its head is too long")
        self._unread = bytes(held[end:])
        return bytes(held[:end])

    async def data(self, limit: float | None) -> bytes:
        """The next bytes of the body, empty at its end. Gathers what has arrived: a chunk may be a single byte."""
        gathered = bytearray()
        while self._speaker.their_state is h11.SEND_BODY and len(gathered) < _CHUNK:
            try:
                event = self._speaker.next_event()
                if event is h11.NEED_DATA:
                    if gathered:
                        break
                    self._speaker.receive_data(await self._read(limit))
                elif not isinstance(event, h11.Data):
                    break
                else:
                    gathered += event.data
                    await self.connection.turn.give_way()
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from error
        return bytes(gathered)

    async def _read(self, limit: float | None) -> bytes:
        try:
            return await _within(limit, self.connection.read(_CHUNK))
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error

    def renew(self) -> bool:
        """Whether another request may follow: both sides are done and neither closes."""
        if self._speaker.our_state is not h11.DONE or self._speaker.their_state is not h11.DONE:
            return False
        if self._speaker.trailing_data[0]:  # data without a request is not a response
            return False
        self._speaker.start_next_cycle()
        return True


class _Body(httpx.AsyncByteStream):
    """A response body. Closing it returns or closes its connection."""

    def __init__(self, link: _Link, owner: Transport, limit: float | None, most: int | None) -> None:
        self._link, self._owner, self._limit, self._most = link, owner, limit, most
        self._before = link.connection.received

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._link.data(self._limit):
            # The framing counts, too: the shortest chunks take six bytes for one.
            if self._most is not None and self._link.connection.received - self._before > self._most:
                raise TooLarge("the response takes far more bytes than its body")
            yield data

    async def aclose(self) -> None:
        self._owner.give_back(self._link)


async def _within(limit: float | None, doing: Awaitable[T]) -> T:
    if limit is None:
        return await doing
    async with asyncio.timeout(limit):
        return await doing
