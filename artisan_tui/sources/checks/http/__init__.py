"""The kind http: request a URL and read the response."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import reveal_headers
from artisan_tui.config.secret_fields import Headers, SecretRef
from artisan_tui.config.url import HttpUrl
from artisan_tui.domain.condition import Condition, examine, parse_condition
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.body import Body, NotJson, NotText, claims_json, decode, parse_json
from artisan_tui.sources.capped import NotEncoded, TooLarge
from artisan_tui.sources.certificate import Expiry, ExpiryWarning, warning_seconds
from artisan_tui.sources.checks.http.freshness import Freshness, staleness
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import HANDSHAKE, BodyNeed, Head, Phase, exchange
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.server_url import ServerAddress
from artisan_tui.sources.trust import Trust
from artisan_tui.sources.waits import Waited

if TYPE_CHECKING:
    import httpx

    from artisan_tui.sources.probe_context import ProbeContext

#: Bytes of a body that are read at most.
LARGEST = 1024 * 1024
#: Characters of the body that are shown.
EXCERPT = 8192
#: Seconds for which a body that no condition reads is waited for, at most. It may have no end.
_PATIENCE = 1.0
_DEFAULT = (parse_condition("status < 300"),)
_PORTS = {"http": 80, "https": 443}
_BAD_WORDS = frozenset({"unhealthy", "down", "error", "fail"})


class HttpSpec(CheckSpec):
    """A URL that must respond. Without ``expect``, any status below 300 is accepted."""

    kind: Annotated[Literal["http"], Field(description="Request a URL")] = "http"
    url: Annotated[HttpUrl, Field(description="URL to request")]
    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], Field(description="HTTP method")
    ] = "GET"
    headers: Headers = Field(default_factory=dict, description="Sent with the request")
    body: Annotated[str, Field(description="Sent with the request")] = ""
    bearer_token: Annotated[SecretRef | None, Field(description="Sent as Authorization: Bearer")] = None
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True
    certificate: ExpiryWarning = None
    freshness: Annotated[
        Freshness | None, Field(description='Maximum age of the time in the response: { path = "checked_at", … }')
    ] = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"status", "body", "header", "latency", "tls"})

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        lacking = {}
        if str(table.get("url")).lower().startswith("http:"):
            lacking["tls"] = ("a URL with http:// has no certificate", "write https:// in url, or remove the condition")
        if table.get("method") == "HEAD":
            lacking["body"] = ("the response to HEAD has no body", 'write method = "GET", or remove the condition')
        return lacking

    @model_validator(mode="after")
    def _certificate_has_a_place(self) -> HttpSpec:
        self.warn_before()
        if self.freshness is not None and self.method == "HEAD":
            mend = 'write method = "GET", or remove freshness'
            raise Mistake("the response to HEAD has no body, so it has no time", mend, ("freshness",))
        mend = "write url with https://, or remove cert_file and key_file"
        check_client_certificate(self.cert_file, self.key_file, tls=self.secured, mend=mend)
        return self

    @property
    def secured(self) -> bool:
        """Whether the connection uses TLS."""
        return self.url.lower().startswith("https:")

    @property
    def target(self) -> str:
        return self.url

    @property
    def endpoint(self) -> str:
        parts = urlsplit(self.url)
        return ServerAddress(parts.hostname or "", parts.port or _PORTS[parts.scheme]).network

    def warn_before(self) -> float | None:
        """Seconds before its expiry from which the certificate degrades the check; None for never."""
        return warning_seconds(self, self.certificate, tls=self.secured)

    def effective(self) -> tuple[Condition, ...]:
        return self.expect or _DEFAULT

    def wants_json(self) -> bool:
        """Whether the body must be JSON."""
        return self.freshness is not None or any(c.root == "body" and c.path for _, c in self.conditions())

    def wants_body(self) -> bool:
        """Whether a condition reads the body."""
        return any(c.root == "body" for _, c in self.conditions())

    def body_need(self) -> BodyNeed:
        """What the body is read for."""
        if self.freshness is not None or self.wants_body():
            return BodyNeed(raises=False)
        # A condition on the latency is about the whole response, so its end is waited for.
        timed = any(c.root == "latency" for _, c in self.conditions())
        return BodyNeed(required=False, raises=False, patience=None if timed else min(_PATIENCE, self.timeout / 4))


class HttpProbe:
    """Requests a URL."""

    def __init__(self, spec: HttpSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._probe_context = probe_context
        parts = urlsplit(spec.url)
        self._origin = f"{parts.scheme}://{parts.netloc.lower()}"
        self._trust = Trust(spec.ca_file, spec.verify, spec.cert_file, spec.key_file)
        self._query = f"{spec.method} {printable(spec.url, 500)}"
        self._expiry = Expiry(spec.warn_before())
        self._need = spec.body_need()
        self._headers: dict[str, str] = {}
        self._made: httpx.Request | None = None

    async def probe(self) -> ProbeResult:
        phase, timeout = Phase(), self._spec.timeout
        try:
            async with asyncio.timeout(timeout):
                await self._probe_context.connections.ready(self._trust if self._spec.secured else None)
                began, waited = time.monotonic(), Waited.begin()
                head, raw = await self._ask(phase)
                latency = waited.latency
                if head.trouble is not None and self._need.patience is not None:
                    # The body was given up: the time until the head counts.
                    latency = min(latency, Decimal(str(round(head.arrived - began, 6))))
                phase.name = "reading the response"
                probe_result = await self._probe_context.connections.by_size(len(raw), self._read, head, raw)
        except TimeoutError:
            said = f"no response within {span_text(timeout)}, waiting for {phase.name}"
            failed = Failure(Reason.TIMEOUT, said, connected=phase.connected)
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            failed = failure(error)
            if failed.reason is Reason.PROTOCOL and phase.name == HANDSHAKE:
                failed = Failure(Reason.TLS, "the connection was closed during the TLS handshake")
        else:
            return replace(probe_result, latency=latency, query=self._query)
        return ProbeResult(failed, remarks=self._expiry.last_seen(datetime.now(UTC)), query=self._query)

    async def prepare(self) -> None:
        await self._probe_context.connections.prepare(self._trust if self._origin.startswith("https:") else None)

    async def aclose(self) -> None:
        """The connections belong to the `ProbeContext`."""

    # -- request ------------------------------------------------------------

    async def _ask(self, phase: Phase) -> tuple[Head, bytes]:
        if not self._probe_context.connections.often(self._origin, self._trust):
            return await self._send(phase, kept=False)
        try:
            return await self._send(phase, kept=True)
        except Exception:  # repeated below on a new connection, which cannot be stale
            if not phase.reused or self._spec.method not in {"GET", "HEAD", "OPTIONS"}:
                raise
        return await self._send(phase, kept=False)

    async def _send(self, phase: Phase, *, kept: bool) -> tuple[Head, bytes]:
        request = self._request()
        pool = await self._probe_context.connections.pool(self._origin, self._trust, kept=kept)
        parts: list[bytes] = []
        head = await exchange(pool, request, parts.append, LARGEST, phase, self._need)
        return head, b"".join(parts)

    def _request(self) -> httpx.Request:
        """The same request object while its secrets are unchanged: parsing the URL costs as much CPU as sending it."""
        import httpx

        spec = self._spec
        headers = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "artisan-tui"}
        host, percent, _ = urlsplit(spec.url).netloc.partition("%")
        if percent:  # the zone of an IPv6 address is of this machine only
            headers["host"] = f"{host}]{urlsplit(spec.url).netloc.rpartition(']')[2]}"
        headers |= {n.lower(): v for n, v in reveal_headers(spec.headers, self._probe_context.environ).items()}
        if spec.bearer_token is not None:
            headers["authorization"] = f"Bearer {spec.bearer_token.reveal_for_header(self._probe_context.environ)}"
        if self._made is None or headers != self._headers:
            self._made = httpx.Request(spec.method, spec.url, headers=headers, content=spec.body.encode() or None)
            self._headers = headers
        return self._made

    # -- response -----------------------------------------------------------

    def _read(self, head: Head, raw: bytes) -> ProbeResult:
        """The values for the conditions, and failures that do not depend on conditions. Runs in a thread for a long body."""
        spec = self._spec
        answers: dict[str, object] = {"status": head.status, "header": head.headers}
        now = datetime.now(UTC)
        self._expiry.update(head.certificates)
        days = self._expiry.days(now) if head.certificates else None
        if days is not None:
            answers["tls"] = {"days": days}
        seen = ProbeResult(answers=answers, notes=self._expiry.notes(now), noted=Reason.TLS)
        text, trouble = _text(raw, head)
        remarks = self._expiry.remarks(now)
        # A long page, or a stream without end, is nothing to remark on.
        if trouble is not None and trouble.reason not in {Reason.TOO_LARGE, Reason.TIMEOUT} and not self._need.required:
            remarks = (trouble.detail, *remarks)
        seen = replace(seen, excerpt=printable(text, EXCERPT, lines=True, cut=trouble is not None), remarks=remarks)
        if head.redirected and not self._redirect_expected(seen):
            where = f" to {head.location}" if head.location else " to nowhere"
            return replace(seen, failure=Failure(Reason.REDIRECT, f"{head.status}{where}"))
        if trouble is not None:
            # The status explains more than the body of a proxy's error page. Nobody reads it if none is required.
            decides = self._need.required and self._status_holds(seen)
            return replace(seen, failure=trouble) if decides else seen
        answers["body"] = text.rstrip("\r\n")
        # Some servers send JSON as text/plain. The word in ``status`` is read there, too.
        worded = not spec.wants_body() and text.lstrip()[:1] == "{"
        if not (spec.wants_json() or claims_json(head.content_type) or worded) or spec.method == "HEAD":
            return seen
        try:
            document = parse_json(text)
        except NotJson as error:
            # For a proxy's 502 page, the status is the failure to report, not the missing JSON.
            if spec.wants_json() and self._status_holds(seen):
                return replace(seen, failure=Failure(Reason.BODY, f"HTTP {head.status}, but the body is {error}"))
            return seen
        # A JSON scalar is the body itself. An object or list also keeps its text, for conditions on the whole body.
        composed = isinstance(document, dict | list)
        answers["body"] = Body(text.rstrip("\r\n"), document) if composed else document
        return self._read_statements(seen, document)

    def _read_statements(self, seen: ProbeResult, document: object) -> ProbeResult:
        """Evaluate the response's own statements: its age, and ``status`` if no condition reads the body."""
        if self._spec.freshness is not None and self._status_holds(seen):
            now = datetime.now(UTC)
            stale = staleness(self._spec.freshness, document, now, required=self._spec.required)
            status = seen.answers["status"]
            if stale is not None and isinstance(status, int) and status >= 400 and not self._asks_status():
                stale = Failure(Reason.STATUS, f"HTTP {status}: {stale.detail}")  # an error page has no time
            if stale is not None:
                return replace(seen, failure=stale)
        if self._spec.wants_body() or not isinstance(document, dict):
            return seen
        word = document.get("status")
        said = word.strip().lower() if isinstance(word, str) else ""
        if said in _BAD_WORDS:
            detail = f"HTTP {seen.answers['status']}, the response reports status {said}"
            return replace(seen, failure=Failure(Reason.BODY, detail))
        if said == "degraded":
            return replace(seen, notes=("the response reports status degraded", *seen.notes), noted=Reason.BODY)
        return seen

    def _redirect_expected(self, seen: ProbeResult) -> bool:
        """Whether the conditions name this redirect status explicitly."""
        asked = [c for c in self._spec.expect if c.root == "status"]
        return bool(asked) and all(examine(c, seen, search).ok for c in asked)

    def _asks_status(self) -> bool:
        return any(c.root == "status" for c in self._spec.effective())

    def _status_holds(self, seen: ProbeResult) -> bool:
        return all(examine(c, seen, search).ok for c in self._spec.effective() if c.root == "status")


def _text(raw: bytes, head: Head) -> tuple[str, Failure | None]:
    """The body as text, and why it cannot be read as it says."""
    error = head.trouble
    if error is None:
        try:
            return decode(raw, head.content_type), None
        except NotText as found:
            error = found
    text = raw.decode("utf-8", "replace")
    match error:
        case TooLarge():
            return text, Failure(Reason.TOO_LARGE, str(error))
        case NotEncoded() | NotText():
            return text, Failure(Reason.ENCODING, str(error))
        case TimeoutError():
            return text, Failure(Reason.TIMEOUT, "the body had not ended when reading it was given up")
    return text, failure(error)


KIND = Kind("http", HttpSpec, HttpProbe)
