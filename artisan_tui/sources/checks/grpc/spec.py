"""The configuration keys of the kind grpc."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret_fields import Headers, SecretRef
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.certificate import ExpiryWarning, lacking_tls, warning_seconds
from artisan_tui.sources.server_url import ServerAddress, read_address

_MEND = 'write "host:port", like "127.0.0.1:50051" or "[::1]:50051"'
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?", re.ASCII)
_SERVICE = re.compile(r"[!-~]*", re.ASCII)
_METADATA = re.compile(r"[0-9a-z_.-]+", re.ASCII)


class GrpcSpec(CheckSpec):
    """A gRPC server whose health service must say SERVING."""

    kind: Annotated[Literal["grpc"], Field(description="Ask the health service of a gRPC server")] = "grpc"
    address: Annotated[str, Field(max_length=300, description='"host:port"')]
    service: Annotated[
        str, Field(max_length=1000, description='Its full name, like "shop.v1.Cart"; empty: the whole server')
    ] = ""
    authority: Annotated[
        str, Field(max_length=260, description="The name that the server is called by, if not that of the address")
    ] = ""
    metadata: Headers = Field(default_factory=dict, description="Sent with the call")
    bearer_token: Annotated[SecretRef | None, Field(description="Sent as authorization: Bearer")] = None
    tls: Annotated[bool, Field(strict=True, description="Whether to speak TLS")] = False
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True
    certificate: ExpiryWarning = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "tls"})
    FIELDS: ClassVar[frozenset[str]] = frozenset({"status", "code", "message"})

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        return lacking_tls(table, "write tls = true")

    @model_validator(mode="after")
    def _usable(self) -> GrpcSpec:
        if read_address(self.address, _MEND).path:
            raise Mistake("a grpc check reaches a server over the network", _MEND, ("address",))
        if not _SERVICE.fullmatch(self.service) or "/" in self.service:
            raise Mistake(
                f"{printable(self.service, 60)!r} is not the name of a service",
                'write its full name, like "shop.v1.Cart", without a slash or a method',
                ("service",),
            )
        if self.authority and not _AUTHORITY.fullmatch(self.authority):
            raise Mistake(
                f"{printable(self.authority, 60)!r} is not an authority",
                'write "host" or "host:port", without a scheme',
                ("authority",),
            )
        for name in self.metadata:
            self._check_metadata(name)
        self.warn_before()
        check_client_certificate(self.cert_file, self.key_file, tls=self.tls, mend="write tls = true")
        return self

    def _check_metadata(self, name: str) -> None:
        key = ("metadata", name)
        if not _METADATA.fullmatch(name):
            raise Mistake("a key of metadata is in lower case", "write letters, digits, - _ and . only", key)
        if name.startswith("grpc-") or name in {"te", "content-type", "user-agent", "host", "connection"}:
            raise Mistake(f"{name} is set by the protocol itself", "take it out", key)
        if name == "authorization" and self.bearer_token is not None:
            raise Mistake("bearer_token says the same as authorization", "keep one of the two", key)
        value = self.metadata[name]
        if isinstance(value, str) and not value.isascii():
            raise Mistake("a value of metadata is ASCII", "write a key that ends in -bin, and the value in base64", key)

    def warn_before(self) -> float | None:
        """Seconds before its expiry from which the certificate degrades the check; None for never."""
        return warning_seconds(self, self.certificate, tls=self.tls)

    @property
    def target(self) -> str:
        return printable(f"{self.address} {self.service}".strip(), 300)

    @property
    def endpoint(self) -> str:
        return self.place.network

    @property
    def place(self) -> ServerAddress:
        """The server's address."""
        return read_address(self.address, _MEND)

    @property
    def server_name(self) -> str:
        """The name that its certificate must be for."""
        if not self.authority:
            return self.place.host
        bare = re.fullmatch(r"\[(.+)\](?::\d+)?", self.authority)
        return bare[1] if bare else self.authority.partition(":")[0]

    def accepts_other_states(self) -> bool:
        """Whether a condition says which state is right."""
        return any(c.root == "body" and re.search(r"\b(status|code)\b", c.path) for c in self.expect)
