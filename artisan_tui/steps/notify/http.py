"""One POST, and whether it was surely not accepted, surely accepted, or nobody knows.

The URL can be the secret. It goes to the transport alone: httpx's client would write it into its log, and its errors
hold the request. No redirect is followed, no cookie kept, and every request has a connection of its own, because one
that was kept may be closed by the other side just then.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import hide
from artisan_tui.steps.notify.channel import PATIENCE

if TYPE_CHECKING:
    import httpx

#: Bytes of an answer that are read. What is longer is no answer of these contracts.
ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """``after`` are the seconds of its Retry-After, None without one. Without its ``whole`` body the head still counts."""

    status: int
    text: str
    after: float | None = None
    whole: bool = True


def read_url(value: str, name: str) -> str:
    """``value`` when it is an http URL, and its parts are hidden from now on. SecretMissing without quoting it."""
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and value.isprintable()
    except ValueError:
        valid = False
    if not valid or " " in value:
        raise SecretMissing(f"`{name}` does not hold an http URL")
    hide(value)
    for part in (f"{parts.path}?{parts.query}" if parts.query else parts.path, parts.path.rpartition("/")[2]):
        hide(part)
    return value


async def post(
    name: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    ca_file: str | None = None,
    patience: float = PATIENCE,
) -> Answer | SendOutcome:
    """The answer; an `SendOutcome` where there was none. It calls the other side ``name``: even its host can be a secret."""
    import httpx  # on first use

    begun = False
    got = _Got()

    async def trace(name: str, info: Mapping[str, Any]) -> None:
        nonlocal begun
        begun = begun or name.endswith("send_request_headers.started")

    timeout = dict.fromkeys(("connect", "read", "write", "pool"), patience)
    try:
        async with asyncio.timeout(patience), await _transport(url, ca_file) as transport:
            headers = {"User-Agent": "artisan-tui", "Connection": "close", **headers}
            extensions = {"timeout": timeout, "trace": trace}
            request = httpx.Request("POST", url, content=body, headers=headers, extensions=extensions)
            response = await transport.handle_async_request(request)
            try:
                await got.read(response)
            finally:
                await response.aclose()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError) as error:
        if got.status:
            return got.answer(whole=False)
        return _without_answer(error, name, patience, begun=begun)
    return got.answer(whole=True)


def _without_answer(error: Exception, name: str, patience: float, *, begun: bool) -> SendOutcome:
    """Only the kind of the error: its text may hold the request."""
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        why = f"{name} did not answer within {patience:g} s"
    elif begun:
        why = f"the connection to {name} ended without an answer"
    else:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            said = printable(cause.verify_message or "not valid", 200)
            return SendOutcome(Came.FAILED, f"the certificate of {name} is refused: {said}", broken=True)
        why = f"{name} cannot be reached" if cause is None else f"{name} speaks no TLS"
    return SendOutcome(Came.UNSURE if begun else Came.FAILED, why, retry=True)


class _Got:
    """What came so far of an answer."""

    def __init__(self) -> None:
        self.status, self._after = 0, ""
        self._body = b""

    async def read(self, response: httpx.Response) -> None:
        self.status, self._after = response.status_code, response.headers.get("retry-after", "")
        async for chunk in response.stream:  # type: ignore[union-attr]  # what a transport gives
            self._body += chunk
            if len(self._body) > ANSWER:
                return

    def answer(self, *, whole: bool) -> Answer:
        after = retry_after(self._after, datetime.now(UTC))
        return Answer(self.status, printable(self._body[:ANSWER], 2000), after, whole)


async def _transport(url: str, ca_file: str | None) -> httpx.AsyncHTTPTransport:
    """Loading the certificates takes tens of milliseconds: off the loop."""
    import httpx

    def make() -> httpx.AsyncHTTPTransport:
        context = ssl.create_default_context(cafile=ca_file) if url.startswith("https") else True
        return httpx.AsyncHTTPTransport(verify=context, proxy=_proxy(url))

    return await asyncio.get_running_loop().run_in_executor(None, make)


def _proxy(url: str) -> str | None:
    """The proxy of the environment, None for none and for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds, from a number or a date; None for neither."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None


def meaning(answer: Answer, name: str) -> SendOutcome:
    """What an answer that is no success means everywhere: wait, try again, or never."""
    said = f"{name} answered {answer.status}" + (f": {answer.text[:200]}" if answer.text else "")
    if answer.status == 429 or (answer.status == 503 and answer.after is not None):
        return SendOutcome(Came.HELD, said, retry=True, after=answer.after)
    if answer.status >= 500 or answer.status in (408, 425):
        return SendOutcome(Came.FAILED, said, retry=True, after=answer.after)
    if 300 <= answer.status < 400:
        return SendOutcome(Came.FAILED, f"{name} answered {answer.status}: redirects are not followed", broken=True)
    return SendOutcome(Came.FAILED, said, broken=answer.status != 400 and answer.status != 413)
