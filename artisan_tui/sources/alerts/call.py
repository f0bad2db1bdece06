"""JSON over HTTP with a time limit, a size limit, and errors that hold no secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from artisan_tui.config.secret import Secret, reveal_headers
from artisan_tui.config.url import joined, without_query
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.errors import explain
from artisan_tui.sources.exchange import Phase, exchange
from artisan_tui.sources.trust import Trust

#: Bytes of an answer. Ten thousand alerts with long annotations are some 20 MB.
_LARGEST = 32 * 1024 * 1024
#: A larger answer is parsed in a thread: the loop has other things to do.
_MOST_ON_LOOP = 256 * 1024


class SourceError(Exception):
    """There is no answer, or it cannot be used; the message is printable and says why.

    ``status`` is the HTTP status, 0 without one. ``sent``: the server may have done what it was asked.
    """

    def __init__(self, said: str, *, status: int = 0, sent: bool = False) -> None:
        super().__init__(printable(said, 500))
        self.status, self.sent = status, sent


@dataclass(frozen=True, slots=True)
class Login:
    """What every request carries besides its body. Secrets are read anew for each."""

    headers: Mapping[str, str | Secret]
    bearer_token: Secret | None = None
    username: str | None = None
    password: Secret | None = None

    def reveal(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Raises SecretMissing."""
        found = {name.lower(): value for name, value in reveal_headers(self.headers, environ).items()}
        if self.bearer_token is not None:
            found["authorization"] = f"Bearer {self.bearer_token.reveal_for_header(environ)}"
        elif self.username is not None:
            from base64 import b64encode

            password = self.password.reveal(environ) if self.password is not None else ""
            found["authorization"] = "Basic " + b64encode(f"{self.username}:{password}".encode()).decode()
        return found


class JsonCalls:
    """Asks one server. ``url`` is its address without a query, which may hold a token."""

    def __init__(
        self,
        url: str,
        connections: Connections,
        login: Login,
        trust: Trust,
        timeout: float,
        environ: Callable[[], Mapping[str, str]],
    ) -> None:
        self._url, self._connections, self._login = url, connections, login
        self._trust, self._timeout, self._environ = trust, timeout, environ
        self.url = printable(without_query(url).rstrip("/"), 500)

    async def get(self, path: str) -> Any:
        """The parsed answer. Raises SourceError."""
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, body: object = None, query: str = "") -> Any:
        """The parsed answer, None for an empty one. Raises SourceError for anything but a success."""
        phase = Phase()
        try:
            async with asyncio.timeout(self._timeout):
                status, content = await self._send(method, path, body, query, phase)
        except TimeoutError:
            limit = span_text(self._timeout)
            said = f"no response within {limit}, waiting for {phase.name}"
            raise SourceError(said, sent=phase.connected) from None
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            _reason, detail = explain(error)
            raise SourceError(detail, sent=phase.connected) from None
        if 300 <= status < 400:
            raise SourceError(f"HTTP {status}: a redirect: configure the target address", status=status)
        if status >= 400:
            raise SourceError(f"HTTP {status}: {_text_of(content) or 'no text'}", status=status)
        try:
            if len(content) > _MOST_ON_LOOP:
                return await self._connections.off_loop(json.loads, content)
            return json.loads(content) if content.strip() else None
        except (ValueError, RecursionError):
            raise SourceError("the answer is not JSON: is this the right address?", status=status) from None

    async def _send(self, method: str, path: str, body: object, query: str, phase: Phase) -> tuple[int, bytes]:
        await self._connections.ready(self._trust if self._url.lower().startswith("https:") else None)
        import httpx

        headers = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": "artisan-tui"}
        headers |= self._login.reveal(self._environ())
        content = None
        if body is not None:
            # Any other type is answered by 415.
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        url = joined(self._url, path)
        if query:
            url += f"{'&' if '?' in url else '?'}{query}"
        request = httpx.Request(method, url, headers=headers, content=content)
        pool = await self._connections.pool(self._url, self._trust, kept=False)
        parts: list[bytes] = []
        head = await exchange(pool, request, parts.append, _LARGEST, phase)
        return head.status, b"".join(parts)


def _text_of(content: bytes) -> str:
    """A server's own words about an error: a JSON text, Prometheus' object, or plain text."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return printable(content[:1000], 200).strip()
    if isinstance(document, dict):
        document = document.get("error") or document.get("message") or ""
    return printable(str(document), 200).strip()
