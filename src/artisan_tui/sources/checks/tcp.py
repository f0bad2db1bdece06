"""Connects to a port, and listens for a word if one is expected."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.check import CheckSpec
from artisan_tui.config.models import PathText
from artisan_tui.config.problems import Fault
from artisan_tui.domain.condition import examine
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sighting import Failure, Reason, Sighting
from artisan_tui.domain.span import span_text
from artisan_tui.sources.connections import Trust
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.trust import days_left

if TYPE_CHECKING:
    from artisan_tui.sources.world import World

#: Bytes of a banner that are read at most.
LARGEST = 4096
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s\[\]:/@]+)):(?P<port>\d{1,5})", re.ASCII)
_MEND = 'write "host:port", like "127.0.0.1:5432" or "[::1]:5432"'


class TcpSpec(CheckSpec):
    """A port that must accept connections, and may have to say something."""

    kind: Annotated[Literal["tcp"], Field(description="Connect to a port")] = "tcp"
    address: Annotated[str, Field(max_length=300, description='"host:port"')] = ""
    host: Annotated[str, Field(max_length=253, description="Instead of address: a name or an address")] = ""
    port: Annotated[int | None, Field(ge=1, le=65535, strict=True, description="Instead of address")] = None
    send: Annotated[str, Field(max_length=65536, description='Sent after connecting, like "PING\\r\\n"')] = ""
    tls: Annotated[bool, Field(strict=True, description="Whether to speak TLS")] = False
    ca_file: Annotated[PathText | None, Field(description="Certificates to trust instead of the system's (PEM)")] = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "tls"})

    @model_validator(mode="after")
    def _one_address(self) -> TcpSpec:
        if not self.address:
            if not self.host or self.port is None:
                raise Fault("a tcp check needs an address", _MEND)
            host = self.host.strip("[]")
            # Always filled in, so that whoever shows the check need not know both ways to write it.
            object.__setattr__(self, "address", f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}")
            key = ("host",)
        else:
            key = ("address",)
        match = _ADDRESS.fullmatch(self.address)
        if match is None or not 1 <= int(match["port"]) <= 65535:
            raise Fault(f"{self.address[:100]!r} is not an address", _MEND, key)
        if self.host and (self.host.strip("[]"), self.port) != self.endpoint:
            raise Fault("address and host with port name two places", "keep one of the two", ("address",))
        return self

    @property
    def endpoint(self) -> tuple[str, int]:
        """(host, port), an IPv6 address without its brackets."""
        match = _ADDRESS.fullmatch(self.address)
        assert match is not None
        return match["six"] or match["host"], int(match["port"])

    def wants_body(self) -> bool:
        return any(c.root == "body" for _, c in self.conditions())


class TcpProbe:
    def __init__(self, spec: TcpSpec, world: World) -> None:
        self._spec = spec
        self._world = world
        self._trust = Trust(spec.ca_file, spec.verify)
        self._query = f"connect to {printable(spec.address, 300)}" + (" with TLS" if spec.tls else "")

    async def look(self) -> Sighting:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._spec.timeout
        writer: asyncio.StreamWriter | None = None
        phase = "connecting"
        try:
            async with asyncio.timeout_at(deadline):
                began = time.monotonic()
                reader, writer = await self._connect()
                took = time.monotonic() - began
                phase = "sending"
                if self._spec.send:
                    writer.write(self._spec.send.encode())
                    await writer.drain()
            answers: dict[str, object] = {}
            if self._spec.tls:
                days = days_left(writer.get_extra_info("ssl_object").getpeercert(True), datetime.now(UTC))
                if days is not None:
                    answers["tls"] = {"days": days}
            if not self._spec.wants_body():
                return self._seen(answers, took)
            phase = "the first byte"
            said = await self._listen(reader, deadline)
            if not said and loop.time() >= deadline:
                raise TimeoutError
            answers["body"] = said.decode("utf-8", "replace").rstrip("\r\n")
            return self._seen(answers, time.monotonic() - began, said)
        except TimeoutError:
            detail = f"nothing within {span_text(self._spec.timeout)}, waiting for {phase}"
            return Sighting(Failure(Reason.TIMEOUT, detail), query=self._query)
        except Exception as error:  # noqa: BLE001 - whatever the other side does is a failed look
            return Sighting(failure(error), query=self._query)
        finally:
            if writer is not None:
                _let_go(writer)

    async def aclose(self) -> None:
        """Nothing stays open between looks."""

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._spec.endpoint
        if not self._spec.tls:
            return await asyncio.open_connection(host, port)
        tls = await self._world.connections.tls(self._trust)
        return await asyncio.open_connection(host, port, ssl=tls, server_hostname=host)

    async def _listen(self, reader: asyncio.StreamReader, deadline: float) -> bytes:
        """Until the conditions on the body hold, the other side is done, or time is up.

        Servers keep the line open after their banner: waiting for its end would cost the whole timeout.
        """
        asked = [c for c in self._spec.expect if c.root == "body"]
        said = b""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while len(said) < LARGEST:
                    chunk = await reader.read(LARGEST - len(said))
                    if not chunk:
                        break
                    said += chunk
                    seen = Sighting(answers={"body": said.decode("utf-8", "replace").rstrip("\r\n")})
                    if asked and all(examine(c, seen, search).ok for c in asked):
                        break
        return said

    def _seen(self, answers: dict[str, object], took: float, said: bytes = b"") -> Sighting:
        latency = Decimal(str(round(took, 6)))
        return Sighting(
            latency=latency, answers=answers, excerpt=printable(said, LARGEST, lines=True), query=self._query
        )


def _let_go(writer: asyncio.StreamWriter) -> None:
    """Close without waiting. A TLS or unsent goodbye would linger for as long as the other side likes."""
    transport = writer.transport
    if writer.get_extra_info("ssl_object") is not None or transport.get_write_buffer_size():
        transport.abort()
    else:
        transport.close()


KIND = Kind("tcp", TcpSpec, TcpProbe)
