"""The configuration keys of the kind redis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret_fields import SecretRef
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.certificate import ExpiryWarning, lacking_tls, warning_seconds
from artisan_tui.sources.server_url import ServerAddress, read_address, read_url

_PORT = 6379
_SCHEMES = ("redis", "rediss", "unix")
_MEND = 'write url = "redis://host:6379/0" or address = "host:6379"'


class RedisSpec(CheckSpec):
    """A Redis server that must reply to PING with PONG on a new connection."""

    kind: Annotated[Literal["redis"], Field(description="Connect to a Redis server")] = "redis"
    url: Annotated[
        str,
        Field(max_length=2048, description='"redis://host:6379/0", rediss:// with TLS, or "unix:///path/of/socket"'),
    ] = ""
    address: Annotated[str, Field(max_length=300, description='Instead of url: "host:port", or a socket\'s path')] = ""
    username: Annotated[str, Field(max_length=200, description="User (ACL); default: the default user")] = ""
    password: Annotated[SecretRef | None, Field(description="Where its password is kept")] = None
    database: Annotated[
        int | None, Field(ge=0, le=1_000_000, strict=True, description="Its number; instead of the one in url")
    ] = None
    tls: Annotated[bool, Field(strict=True, description="Whether to speak TLS; rediss:// says the same")] = False
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True
    certificate: ExpiryWarning = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "tls"})

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        return lacking_tls(table, "write tls = true", secured=str(table.get("url")).lower().startswith("rediss:"))

    @model_validator(mode="after")
    def _one_place(self) -> RedisSpec:
        if bool(self.url) == bool(self.address):
            raise Mistake("a redis check needs one of url and address", _MEND, ("url",) if self.url else ())
        endpoint, database = _place(self.url) if self.url else (read_address(self.address, _MEND), None)
        if None not in (database, self.database) and database != self.database:
            raise Mistake("url and database name two databases", "keep one of the two", ("database",))
        if self.username and self.password is None:
            raise Mistake("username does nothing without a password", 'add password = "env:NAME"', ("username",))
        if endpoint.path and self.tls:
            raise Mistake("a Unix socket speaks no TLS", "take tls out", ("tls",))
        self.warn_before()
        mend = "write tls = true, or rediss:// in url"
        check_client_certificate(self.cert_file, self.key_file, tls=self.secured, mend=mend)
        return self

    def warn_before(self) -> float | None:
        """Seconds before its expiry from which the certificate degrades the check; None for never."""
        return warning_seconds(self, self.certificate, tls=self.secured)

    @property
    def target(self) -> str:
        return printable(self.url or self.address, 300)

    @property
    def endpoint(self) -> str:
        return self.place.network

    @property
    def place(self) -> ServerAddress:
        """The server's address."""
        return _place(self.url)[0] if self.url else read_address(self.address, _MEND)

    @property
    def chosen(self) -> int:
        """The number of the database. Connections start with 0."""
        in_url = _place(self.url)[1] if self.url else None
        return self.database or in_url or 0

    @property
    def secured(self) -> bool:
        """Whether the connection uses TLS."""
        return self.tls or self.url[:7].lower() == "rediss:"

    def wants_body(self) -> bool:
        """Whether a condition reads INFO."""
        return any(c.root == "body" for _, c in self.conditions())


def _place(url: str) -> tuple[ServerAddress, int | None]:
    parts = read_url(url, _SCHEMES, _PORT, _MEND)
    if parts.user:
        raise Mistake("a user does not belong in the URL", "write username and password as keys of their own", ("url",))
    if parts.options:
        raise Mistake(f"url ends in ?{next(iter(parts.options))[:40]}=", "write it as a key of its own", ("url",))
    if parts.scheme == "unix":
        if parts.endpoint is not None or not parts.path:
            raise Mistake("url names no socket", 'write three slashes: "unix:///run/redis.sock"', ("url",))
        return ServerAddress(path=f"/{parts.path}"), None
    if parts.endpoint is None:
        raise Mistake("url names no host", _MEND, ("url",))
    if parts.path and not re.fullmatch(r"\d{1,6}", parts.path, re.ASCII):
        raise Mistake(f"{parts.path[:40]!r} is no database's number", 'write "redis://host:6379/0"', ("url",))
    return parts.endpoint, int(parts.path) if parts.path else None
