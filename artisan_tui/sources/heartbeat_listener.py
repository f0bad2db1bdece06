"""Accepts the calls of jobs: ``POST /heartbeat/<service.check>``. One loop, no threads, everything bounded.

h11 parses the requests. A web framework would bring its own server, signals and logs for a single route.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import h11

from artisan_tui.domain.checks.heartbeat import LONGEST_MESSAGE
from artisan_tui.domain.text.printable import printable

#: Bytes of a head and of a body; a call that is larger is refused.
LARGEST_HEAD, LARGEST_BODY = 8192, 4096
#: Seconds that a caller may take, and callers at a time.
PATIENCE = 5.0
MOST_CALLERS = 64
#: What this server calls itself: `who_listens` knows it by that.
NAME = "artisan-tui"
_GOOD, _BAD = frozenset({"", "ok", "up", "success"}), frozenset({"fail", "failed", "down", "error"})

#: (check id, failed, message) -> whether the check exists, and whether the call was written down.
Take = Callable[[str, bool, str], Awaitable[tuple[bool, bool]]]
#: The token that callers must show, None for none. Raises SecretMissing.
Token = Callable[[], str | None]


class Refused(Exception):
    """A call that is answered with an error. ``said`` is one line for the caller."""

    def __init__(self, status: HTTPStatus, said: str, *headers: tuple[str, str]) -> None:
        super().__init__(said)
        self.status, self.said, self.headers = status, said, headers


class HeartbeatListener:
    """Listens from `open` to `close`."""

    def __init__(self, take: Take, token: Token) -> None:
        self._take, self._token = take, token
        self._server: asyncio.Server | None = None
        self._callers: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> None:
        """Raises OSError, for example when another program has the port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=LARGEST_HEAD)

    async def close(self) -> None:
        """Listen no longer, and hang up on those that are still calling."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._callers:
            task.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._callers) >= MOST_CALLERS or self._server is None:
                return
            self._callers.add(task)
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(PATIENCE):
                    await self._converse(reader, writer)
        finally:
            self._callers.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        headers: tuple[tuple[str, str], ...] = ()
        try:
            request, body = await _read(talk, reader, writer)
            written = await self._answer(request, body)
            status = HTTPStatus.OK if written else HTTPStatus.ACCEPTED
            said = "recorded" if written else "heard, and not saved: the store cannot be written now"
        except Refused as refused:
            status, said, headers = refused.status, refused.said, refused.headers
        except h11.RemoteProtocolError as error:
            status, said = HTTPStatus(error.error_status_hint), "this is not a request of HTTP/1.1"
        if talk.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        line = f"{said}\n".encode()
        fixed = [("Server", NAME), ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(line)))]
        head = h11.Response(status_code=status, headers=[*fixed, ("Connection", "close"), *headers])
        writer.write(
            (talk.send(head) or b"") + (talk.send(h11.Data(line)) or b"") + (talk.send(h11.EndOfMessage()) or b"")
        )
        await writer.drain()
        await _hang_up(reader, writer)

    async def _answer(self, request: h11.Request, body: bytes) -> bool:
        """Whether the call was written down. Raises Refused."""
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        parts = urlsplit(request.target.decode("latin-1"))
        prefix, _, name = parts.path.partition("/heartbeat/")
        if prefix or not name:
            raise Refused(HTTPStatus.NOT_FOUND, "call POST /heartbeat/<service.check>")
        if request.method != b"POST":
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "call it with POST", ("Allow", "POST"))
        if "origin" in sent:  # a page in a browser of this machine, which can send such a request to any address
            raise Refused(HTTPStatus.FORBIDDEN, "calls of web pages are not accepted")
        self._check_token(sent.get("authorization", ""))
        failed, message = _report(parts.query, sent.get("content-type", ""), body)
        check_id = unquote(name)
        known, written = await self._take(check_id, failed, message)
        if not known:
            said = f"no heartbeat check {printable(check_id, 130)!r} with push = true"
            raise Refused(HTTPStatus.NOT_FOUND, said)
        return written

    def _check_token(self, sent: str) -> None:
        try:
            token = self._token()
        except Exception:  # noqa: BLE001 - the reason is for the operator, not for a stranger
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the token cannot be read: see the board") from None
        if token is None:
            return
        scheme, _, shown = sent.partition(" ")
        right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.encode("utf-8", "replace"))
        if scheme.lower() != "bearer" or not right:
            said = "the token is missing or wrong: send Authorization: Bearer TOKEN"
            raise Refused(HTTPStatus.UNAUTHORIZED, said, ("WWW-Authenticate", "Bearer"))


async def _read(
    talk: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[h11.Request, bytes]:
    """The request and its body. Raises Refused, h11.RemoteProtocolError and ConnectionResetError."""
    request: h11.Request | None = None
    body = b""
    while True:
        event = talk.next_event()
        if event is h11.NEED_DATA:
            if talk.they_are_waiting_for_100_continue:
                writer.write(talk.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            talk.receive_data(await reader.read(LARGEST_HEAD))
        elif isinstance(event, h11.Request):
            request = event
            length = dict(event.headers).get(b"content-length", b"0")
            if len(length) > 9 or int(length) > LARGEST_BODY:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes")
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes")
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, body
        else:
            raise ConnectionResetError


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a little of what is still coming: closed at once, the caller would see a reset instead of the answer."""
    writer.write_eof()
    left = LARGEST_HEAD * 8
    while left > 0 and (data := await reader.read(LARGEST_HEAD)):
        left -= len(data)


def _report(query: str, kind: str, body: bytes) -> tuple[bool, str]:
    """(whether it reports a failure, the message), from the query, a form, a JSON object, or a text. Raises Refused."""
    text = body.decode("utf-8", "replace").strip()
    fields = _form(query)
    kind = kind.partition(";")[0].strip().lower()
    if text and kind.endswith(("/json", "+json")):
        fields = {**_json(text), **fields}
    elif text and kind == "application/x-www-form-urlencoded" and "=" in text:
        fields = {**_form(text), **fields}
    elif text:
        fields.setdefault("message", text)  # curl sends every text as a form
    status = fields.get("status", "").lower()
    if status not in _GOOD | _BAD:
        raise Refused(HTTPStatus.BAD_REQUEST, f"status is ok or fail, not {printable(status, 40)!r}")
    return status in _BAD, printable(fields.get("message", ""), LONGEST_MESSAGE)


def _form(text: str) -> dict[str, str]:
    try:
        return {name: values[-1] for name, values in parse_qs(text, max_num_fields=20).items()}
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "at most 20 parameters are read") from None


def _json(text: str) -> dict[str, str]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, 'the body is no JSON object like {"status": "fail", "message": "…"}')
    return {name: str(value) for name, value in document.items() if name in ("status", "message")}


async def who_listens(host: str, port: int) -> str:
    """ "nobody", "artisan-tui", or "another program". Asks for a page that does not exist."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
        return "nobody"
    except OSError:
        pass
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            said = await reader.read(LARGEST_HEAD)
    except (OSError, TimeoutError):
        said = b""
    finally:
        if writer is not None:
            writer.close()
    return NAME if f"\r\nserver: {NAME}\r\n".encode() in said.lower() else "another program"
