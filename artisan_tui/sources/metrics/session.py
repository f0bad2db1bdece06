"""`prometheus_api_client` without its defects. It blocks; use one `Client` per thread.

The library itself has no time limit, repeats a query four times on a busy server, puts a POST's query into the URL
and drops the server's error text and warnings. Only `prometheus` imports this module, at the first query, because
importing requests is slow.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from artisan_tui.config.url import without_query
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources import trust
from artisan_tui.sources.capped import NotEncoded, TooLarge, read_capped
from artisan_tui.sources.dial import PlainConnection, SecureConnection
from artisan_tui.sources.metrics import matrix
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.call import Call, Instant, MetricsAnswer, Steps
from artisan_tui.sources.trust import Trust

#: Bytes of a response that are read at most.
LARGEST = 32 * 1024 * 1024
#: Longer queries go into the body of a POST, because proxies truncate URLs at 2 to 8 kB.
_LONG = 1500
_INFO = "PromQL info:"
#: Status codes with which Prometheus, Thanos and Mimir refuse a response that is too large.
_LIMITED = (400, 413, 422)
_TOO_MUCH = ("too many", "exceed", "maximum resolution", "too large", "violated")


_current = threading.local()


def _hold(connected: socket.socket) -> socket.socket:
    call: Call | None = getattr(_current, "call", None)
    if call is not None:
        call.hold_socket(connected)
    return connected


class _Plain(PlainConnection):
    def _new_conn(self) -> socket.socket:
        return _hold(super()._new_conn())


class _Secure(SecureConnection):
    def _new_conn(self) -> socket.socket:
        return _hold(super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Never retries, uses the configured certificates, and lets a `Call` hold its sockets."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(max_retries=Retry(total=0, redirect=False))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Does nothing: the context verifies. requests would load certifi's certificates into it."""


class _Session(requests.Session):
    """The session for `PrometheusConnect`, with the time limit of the current call."""

    #: The query of the configured URL, such as an ``extra_label`` of VictoriaMetrics. It goes with every request.
    own_query: Sequence[tuple[str, str]] = ()

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **kwargs: Any) -> requests.Response:
        call: Call = _current.call
        fields = call.fields
        long = len(call.query) > _LONG
        response = super().request(
            "POST" if long else "GET",
            url,
            params=[*self.own_query, *(() if long else fields.items())],
            data=fields if long else None,
            # One connection per query: a kept connection that has died would fail the query, and nothing repeats it.
            headers={**(kwargs.get("headers") or {}), "Accept-Encoding": "identity", "Connection": "close"},
            timeout=call.remaining,
            allow_redirects=False,
            stream=True,
        )
        with response:
            content = _content(response, call)
        call.answer = _answer(response, content)
        answer = call.answer
        response.json = lambda **_: {"data": answer.data}  # type: ignore[method-assign]  # the body is parsed already
        return response


def _content(response: requests.Response, call: Call) -> bytes:
    """Read the body. Raises Blind, TimeoutError and what urllib3 raises."""
    try:
        # urllib3's stream() would read a chunk size of any length.
        content = read_capped(response.raw, LARGEST, call.deadline)
    except TooLarge as error:
        raise Blind(Reason.TOO_LARGE, str(error)) from None
    except NotEncoded as error:
        raise Blind(Reason.ENCODING, str(error)) from None
    _ = call.remaining  # an aborted connection looks like a complete one
    return content


def _answer(response: requests.Response, content: bytes) -> MetricsAnswer:
    """Evaluate the response. Raises Blind with the server's error text."""
    status = response.status_code
    if 300 <= status < 400:
        target = urlsplit(response.headers.get("Location", ""))
        where = f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path
        raise Blind(Reason.REDIRECT, f"redirect {status} to {where or 'nowhere'}: configure the target address")
    document = matrix.document(content)
    if document is not None and document.get("status") == "success" and status == 200:
        data = document.get("data")
        if isinstance(data, dict) and "result" in data:
            warnings, infos = _texts(document.get("warnings")), _texts(document.get("infos"))
            # Prometheus 2.48 to 2.53 returns infos among the warnings.
            infos += tuple(each for each in warnings if each.startswith(_INFO))
            warnings = tuple(each for each in warnings if not each.startswith(_INFO))
            if data.get("resultType") != "matrix":
                return MetricsAnswer(data, warnings, infos)
            return MetricsAnswer({"resultType": "matrix", "result": []}, warnings, infos, matrix.series(data["result"]))
    if document is not None and document.get("status") == "error":
        raise _refusal(status, str(document.get("errorType", "")), str(document.get("error", "")))
    if status in (401, 403):
        raise Blind(Reason.DENIED, f"HTTP {status}: access denied")
    if status == 200 and (b"<html" in content[:2048].lower() or b"<!doctype" in content[:2048].lower()):
        raise Blind(Reason.PROTOCOL, "HTML page received: a login page, or not a Prometheus")
    text = printable(content, 200).strip()
    if status == 200:
        raise Blind(Reason.PROTOCOL, f"unexpected response, not a Prometheus: {text or 'empty'}")
    if status == 404:
        raise Blind(Reason.PROTOCOL, "HTTP 404: there is no Prometheus API at this address")
    raise Blind(Reason.TIMEOUT if status == 504 else Reason.STATUS, f"HTTP {status}: {text or 'no text'}")


def _refusal(status: int, kind: str, text: str) -> Blind:
    """Recognise a query timeout by its text: servers use different status codes for it."""
    said = f"HTTP {status} {kind}: {text}"
    words = text.lower()
    if kind == "timeout" or "deadline exceeded" in words or "timed out" in words:
        return Blind(Reason.TIMEOUT, said)
    if status in (401, 403):
        return Blind(Reason.DENIED, said)
    return Blind(Reason.STATUS, said, divisible=status in _LIMITED and any(each in words for each in _TOO_MUCH))


def _texts(listed: object) -> tuple[str, ...]:
    return tuple(str(each) for each in listed) if isinstance(listed, list) else ()


class Client:
    """A `PrometheusConnect` with `_Session`."""

    def __init__(self, url: str, trusted: Trust) -> None:
        self._trust = trusted if url.lower().startswith("https:") else None
        self._stamps = None if self._trust is None else self._trust.stamps()
        session = _Session()
        session.trust_env = False
        session.own_query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        self._prometheus = PrometheusConnect(url=without_query(url).rstrip("/"), session=session)
        tls = trust.blank() if self._trust is None else trust.context(self._trust)
        # After the constructor, which mounts an adapter that retries. The library may spell the host differently.
        session.adapters.clear()
        session.mount(f"{urlsplit(url).scheme}://", _Adapter(tls))

    def is_current(self) -> bool:
        """Whether the certificates are still those that it has read."""
        return self._trust is None or self._trust.stamps() == self._stamps

    def ask(self, call: Call, headers: Mapping[str, str]) -> MetricsAnswer:
        """Send the query of ``call``. Raises Blind, TimeoutError and what requests raises."""
        _current.call = call
        try:
            self._prometheus.headers = dict(headers)
            match call.when:
                case Instant():
                    self._prometheus.custom_query(call.query)
                case Steps(first, last, step):
                    # The library would round to whole seconds. The session sends `Call.fields` instead.
                    start, end = (datetime.fromtimestamp(each / 1000, UTC) for each in (first, last))
                    self._prometheus.custom_query_range(call.query, start, end, str(step))
        except PrometheusApiClientException:
            raise Blind(Reason.STATUS, "the query was refused") from None
        finally:
            _current.call = None
        assert call.answer is not None
        return call.answer


def connect(url: str, trusted: Trust) -> Client:
    """Create a client. Reads certificates from disk, but does no network I/O. Raises Untrusted."""
    return Client(url, trusted)
