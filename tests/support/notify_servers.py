"""Stand-ins for what notifications are sent to: an HTTP server and a mail server that answer as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from support.servers import free_port
from support.stopwatch import Stopwatch

_WATCH = Stopwatch()
#: What a stand-in does instead of an answer: says nothing, resets the connection, closes it after the request.
HANG, RESET, CLOSE = "hang", "reset", "close"
Script = tuple[int, str] | tuple[int, str, dict[str, str]] | str


@dataclass
class Request:
    """``at`` is monotonic."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpStandIn:
    """``script`` are the next answers; ``usual`` is given after them. ``requests`` are those that came whole."""

    def __init__(self, usual: Script) -> None:
        self.usual, self.script = usual, list[Script]()
        self.requests: list[Request] = []
        #: When the first request came, by `Stopwatch`.
        self.first_came: float | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._ended = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def seconds(self) -> float:
        """Since the tests began, by a clock that does not count what a busy machine keeps from us."""
        return _WATCH.seconds

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(caller)
            threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            head, _, rest = _until(caller, b"\r\n\r\n").partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {
                name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in lines[1:])
            }
            while len(rest) < int(headers.get("content-length", "0")):
                rest += caller.recv(65536)
            with self._lock:
                self.first_came = self.seconds if self.first_came is None else self.first_came
                self.requests.append(Request(lines[0].split()[1], headers, rest))
                answer = self.script.pop(0) if self.script else self.usual
            self._answer(caller, answer)

    def _answer(self, caller: socket.socket, answer: Script) -> None:
        if answer == HANG:
            self._ended.wait(60)
            return
        if answer == RESET:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif not isinstance(answer, str):
            status, text, *more = answer
            extra = "".join(f"{name}: {value}\r\n" for headers in more for name, value in headers.items())
            data = text.encode()
            caller.sendall(f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        caller.close()

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            each.close()


def _until(caller: socket.socket, end: bytes) -> bytes:
    found = b""
    while end not in found:
        chunk = caller.recv(65536)
        if not chunk:
            raise ValueError("ended")
        found += chunk
    return found


@contextlib.contextmanager
def http_stand_in(usual: Script) -> Iterator[HttpStandIn]:
    one = HttpStandIn(usual)
    try:
        yield one
    finally:
        one.close()


class MailStandIn:
    """``after_data`` is done with a mail instead of accepting it: `HANG`, `CLOSE`, or an answer like "451 later"."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.recipients: list[list[str]] = []
        self.refused: set[str] = set()
        self.logins: list[tuple[str, str]] = []
        self.after_data = ""
        self.greeting_delay = 0.0
        self.raw: list[bytes] = []

    def logged_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"hunter2-secret", handled=False)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        self.mails.append(message_from_bytes(content, policy=default))
        self.recipients.append(list(envelope.rcpt_tos))
        if self.after_data == HANG:
            await asyncio.sleep(30)
        if self.after_data == CLOSE:
            assert server.transport is not None
            server.transport.abort()
        return self.after_data if self.after_data[:1].isdigit() else "250 OK"


@contextlib.contextmanager
def mail_stand_in(tls: ssl.SSLContext | None = None, *, login: bool = False) -> Iterator[tuple[MailStandIn, int]]:
    """(the stand-in, its port). It offers STARTTLS with ``tls`` only; with ``login`` it demands one."""
    handler = MailStandIn()
    make: Callable[..., Any] = Controller
    options: dict[str, Any] = {"authenticator": handler.logged_in, "auth_required": login, "auth_require_tls": False}
    if tls is not None:
        options |= {"tls_context": tls}
    controller = make(handler, hostname="127.0.0.1", port=free_port(), ready_timeout=20, **options)
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()
