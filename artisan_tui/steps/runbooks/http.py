"""``http``: one request by httpx. What may have arrived is never sent again by itself: it is unknown, and verify decides."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.programs import parsed
from artisan_tui.steps.runbooks.protocol import (
    FAILED,
    OK,
    UNKNOWN,
    Finding,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    marked,
    plain,
    resolved_act,
)

if TYPE_CHECKING:
    from ssl import SSLContext

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Bytes of an answer that are read.
_LARGEST: Final = 4 * 1024 * 1024
#: What a file that says nothing expects.
_USUAL: Final = ("status < 400",)
#: Every step's key is of this space, so that the same step has the same key in every attempt.
_KEYS: Final = uuid.UUID("6f0c5c1e-5d0b-4a0e-9d55-0d7d3a3c7c1b")


class Http(QuietKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        asked = action.body["request"]
        method, url = str(asked.get("method", "GET")).upper(), plain(asked["url"])
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            raise StepRefused(f"{printable(url, 200)} is no absolute http URL", "write http://HOST/PATH")
        headers = {str(name): marked(plain(each)) for name, each in asked.get("headers", {}).items()}
        names = {name.lower() for name in headers}
        body = asked.get("body")
        if "json" in asked:
            body = json.dumps(_document(asked["json"]), ensure_ascii=False)
            headers |= {} if "content-type" in names else {"Content-Type": "application/json"}
        key = str(asked.get("idempotency_header", "Idempotency-Key"))
        if method not in _SAFE and key.lower() not in names:
            headers[key] = str(uuid.uuid5(_KEYS, context.mark))
        request: dict[str, Any] = {"method": method, "url": url, "headers": headers}
        if body is not None:
            request["body"] = plain(body)
        return resolved_act(action, context, f"{method} {url}", request)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        import ssl

        import httpx

        request, began = resolved.request, time.monotonic()
        method = str(request["method"])
        content = request.get("body")
        # The whole exchange has one limit: a server that sends a byte now and then must not hold it.
        limits = httpx.Timeout(channel.left, connect=min(10.0, channel.left))
        headers = {str(name): str(each) for name, each in request.get("headers", {}).items()}
        sent = httpx.Request(method, str(request["url"]), headers=headers, content=content)
        changes = method not in _SAFE
        try:
            # Reading the system's certificates takes longer than a request that needs none.
            trust = ssl.create_default_context() if sent.url.scheme == "https" else without_tls()
            with (
                httpx.Client(timeout=limits, follow_redirects=False, trust_env=False, verify=trust) as client,
                client.stream(
                    method, str(request["url"]), headers=headers, content=None if content is None else str(content)
                ) as answer,
            ):
                data = _read(answer, channel)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return StepOutcome(FAILED, f"nothing was sent: {_said(error)}")
        except (httpx.TimeoutException, TimeoutError) as error:
            return self._lost(sent, changes, f"no complete answer in time ({type(error).__name__})")
        except httpx.HTTPError as error:
            return self._lost(sent, changes, f"the connection ended before the answer did ({_said(error)})")
        latency = time.monotonic() - began
        text = data.decode(answer.encoding or "utf-8", "replace")
        channel.say(f"{method} {request['url']}: {answer.status_code} in {latency * 1000:.0f} ms")
        channel.say(text[:8000])
        found = {name.lower(): value for name, value in answer.headers.items()}
        answers = {"status": answer.status_code, "header": found, "body": parsed(text)}
        outcome = StepOutcome(OK, answers=answers, latency=latency, hints={"status": answer.status_code})
        if 300 <= answer.status_code < 400 and resolved.expect in ((), _USUAL):
            # A login page is no answer. Whoever expects a redirect says so in expect.
            where = printable(found.get("location", "nowhere"), 200)
            return StepOutcome(FAILED, f"redirect {answer.status_code} to {where}", answers=answers, latency=latency)
        if changes and answer.status_code in (502, 504):
            # A proxy answers so when the server behind it may have done it.
            from artisan_tui.steps.runbooks.answers import unmet

            missed = unmet(resolved.expect, outcome)
            if missed:
                return self._lost(sent, changes, f"a proxy answered {answer.status_code}")
        return outcome

    def _lost(self, sent: Any, changes: bool, why: str) -> StepOutcome:
        if not changes:
            return StepOutcome(FAILED, why)
        return StepOutcome(UNKNOWN, f"{sent.method} {sent.url} was sent, and {why}: it may have been done")

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if str(resolved.request["method"]) in _SAFE:
            return self.act(resolved, {}, channel)
        return StepOutcome(OK, f"would send {resolved.shown}")

    #: A connection with a limit in time needs no process to be sure that it ends.
    PREFLIGHT_HERE: Final = True

    def same_preflight(self, resolved: Resolved) -> str:
        """Requests of one server have one answer."""
        parts = urlsplit(str(resolved.request["url"]))
        return f"{parts.scheme}://{parts.netloc}"

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        """A connection, and no request: any request may be counted, limited, or do something."""
        import socket

        parts = urlsplit(str(resolved.request["url"]))
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme.lower() == "https" else 80)
        try:
            with socket.create_connection((host, port), timeout=min(5.0, channel.left)):
                return (Finding(True, f"{host}:{port} accepts connections"),)
        except OSError as error:
            why = error.strerror or str(error) or type(error).__name__
            return (Finding(False, f"{host}:{port} cannot be reached: {printable(why, 200)}", "correct the URL"),)


@cache
def without_tls() -> SSLContext:
    """For plain HTTP, where no certificate is ever looked at: httpx makes a context for every client otherwise."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _read(answer: Any, channel: StepChannel) -> bytes:
    data = bytearray()
    for piece in answer.iter_bytes():
        data += piece[: _LARGEST - len(data)]
        if len(data) >= _LARGEST:
            break
        _ = channel.left
    return bytes(data)


def _said(error: Exception) -> str:
    return printable(str(error), 200) or type(error).__name__


def _document(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _document(each) for key, each in value.items()}
    return [_document(each) for each in value] if isinstance(value, tuple | list) else value


KIND = Http()
