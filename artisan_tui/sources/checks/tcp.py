"""The kind tcp: connect to a port, and read a banner if a condition needs it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.address import NotAHost, lookup_name, place
from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.condition import examine
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.certificate import Expiry, ExpiryWarning, lacking_tls, peer_certificates, warning_seconds
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import FIRST_BYTE, HANDSHAKE, Phase
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.trust import Trust
from artisan_tui.sources.waits import Waited

if TYPE_CHECKING:
    import ssl

    from artisan_tui.sources.network import Connection
    from artisan_tui.sources.probe_context import ProbeContext

#: Bytes of a banner that are read at most.
LARGEST = 4096
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s\[\]:/@]+)):(?P<port>\d{1,5})", re.ASCII)
_MEND = 'write "host:port", like "127.0.0.1:5432" or "[::1]:5432"'


class TcpSpec(CheckSpec):
    """A port that must accept connections. A condition on ``body`` also requires a banner."""

    kind: Annotated[Literal["tcp"], Field(description="Connect to a port")] = "tcp"
    address: Annotated[str, Field(max_length=300, description='"host:port"')] = ""
    host: Annotated[str, Field(max_length=253, description="Instead of address: a name or an address")] = ""
    port: Annotated[int | None, Field(ge=1, le=65535, strict=True, description="Instead of address")] = None
    send: Annotated[str, Field(max_length=65536, description='Sent after connecting, like "PING\\r\\n"')] = ""
    tls: Annotated[bool, Field(strict=True, description="Whether to speak TLS")] = False
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True
    certificate: ExpiryWarning = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "tls"})

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        return lacking_tls(table, "write tls = true")

    @model_validator(mode="after")
    def _one_address(self) -> TcpSpec:
        if not self.address:
            if not self.host or self.port is None:
                raise Mistake("a tcp check needs an address", _MEND)
            host = self.host.strip("[]")
            # Always set, so that other code does not need to know both spellings.
            object.__setattr__(self, "address", f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}")
            key = ("host",)
        else:
            key = ("address",)
        match = _ADDRESS.fullmatch(self.address)
        if match is None or not 1 <= int(match["port"]) <= 65535:
            raise Mistake(f"{self.address[:100]!r} is not an address", _MEND, key)
        try:
            lookup_name(self.place[0])
        except NotAHost as error:
            raise Mistake(str(error), _MEND, key) from None
        if self.host and (self.host.strip("[]"), self.port) != self.place:
            raise Mistake("address and host with port name two places", "keep one of the two", ("address",))
        self.warn_before()
        check_client_certificate(self.cert_file, self.key_file, tls=self.tls, mend="write tls = true")
        return self

    def warn_before(self) -> float | None:
        """Seconds before its expiry from which the certificate degrades the check; None for never."""
        return warning_seconds(self, self.certificate, tls=self.tls)

    @property
    def target(self) -> str:
        return printable(self.address, 300)

    @property
    def endpoint(self) -> str:
        return place(*self.place)

    @property
    def place(self) -> tuple[str, int]:
        """(host, port). An IPv6 address has no brackets."""
        match = _ADDRESS.fullmatch(self.address)
        assert match is not None
        return match["six"] or match["host"], int(match["port"])

    def wants_body(self) -> bool:
        """Whether a condition reads the banner."""
        return any(c.root == "body" for _, c in self.conditions())


class TcpProbe:
    """Connects to a port."""

    def __init__(self, spec: TcpSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._probe_context = probe_context
        self._trust = Trust(spec.ca_file, spec.verify, spec.cert_file, spec.key_file)
        self._query = f"connect to {printable(spec.address, 300)}" + (" with TLS" if spec.tls else "")
        self._expiry = Expiry(spec.warn_before())

    async def probe(self) -> ProbeResult:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._spec.timeout
        connection: Connection | None = None
        phase = Phase()
        try:
            async with asyncio.timeout_at(deadline):
                tls = await self._probe_context.connections.tls(self._trust) if self._spec.tls else None
                waited = Waited.begin()
                connection = await self._connect(tls, phase)
                took = waited.latency
                phase.name = "sending"
                if self._spec.send:
                    await connection.write(self._spec.send.encode())
            if not self._spec.wants_body():
                return self._result(connection, took)
            phase.name = FIRST_BYTE
            said = await self._listen(connection, deadline)
            if not said and loop.time() >= deadline:
                raise TimeoutError
            return self._result(connection, waited.latency, said)
        except TimeoutError:
            waiting = f"no response within {span_text(self._spec.timeout)}, waiting for {phase.name}"
            failed = Failure(Reason.TIMEOUT, waiting, connected=phase.connected)
        except Exception as error:  # noqa: BLE001 - whatever the peer does is a failed probe
            failed = failure(error)
        finally:
            if connection is not None:
                connection.close()
        return ProbeResult(failed, remarks=self._expiry.last_seen(datetime.now(UTC)), query=self._query)

    async def prepare(self) -> None:
        await self._probe_context.connections.prepare(self._trust if self._spec.tls else None, http=False)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    async def _connect(self, tls: ssl.SSLContext | None, phase: Phase) -> Connection:
        host, port = self._spec.place
        connection = await self._probe_context.connections.network.connect(host, port, phase.step)
        if tls is not None:
            phase.name = HANDSHAKE
            await connection.secure(tls, host)
        return connection

    async def _listen(self, connection: Connection, deadline: float) -> bytes:
        """Read until the conditions on the body hold, the peer closes, or the time is up.

        Servers keep the connection open after their banner, so waiting for the close would take the whole timeout.
        """
        asked = [c for c in self._spec.expect if c.root == "body"]
        said = b""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while len(said) < LARGEST:
                    chunk = await connection.read(LARGEST - len(said))
                    if not chunk:
                        break
                    said += chunk
                    seen = ProbeResult(answers={"body": said.decode("utf-8", "replace").rstrip("\r\n")})
                    if asked and all(examine(c, seen, search).ok for c in asked):
                        break
        return said

    def _result(self, connection: Connection, took: Decimal, said: bytes | None = None) -> ProbeResult:
        answers: dict[str, object] = {} if said is None else {"body": said.decode("utf-8", "replace").rstrip("\r\n")}
        now = datetime.now(UTC)
        if connection.tls is not None:
            self._expiry.update(peer_certificates(connection.tls))
            days = self._expiry.days(now)
            if days is not None:
                answers["tls"] = {"days": days}
        return ProbeResult(
            latency=took,
            answers=answers,
            excerpt=printable(said or b"", LARGEST, lines=True, cut=True),
            notes=self._expiry.notes(now),
            noted=Reason.TLS,
            remarks=self._expiry.remarks(now),
            query=self._query,
        )


KIND = Kind("tcp", TcpSpec, TcpProbe)
