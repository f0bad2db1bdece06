"""Parse a server's address: ``SCHEME://host:port/…``, ``host:port``, or the path of a Unix socket.

A password in a URL is refused and never printed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from artisan_tui.config.address import NotAHost, lookup_name, place
from artisan_tui.config.problems import Mistake
from artisan_tui.config.url import require_place

_LONGEST = 2048
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s\[\]:/@]+)):(?P<port>\d{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A host and port (IPv6 without brackets), or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def network(self) -> str:
        """ "host:port", the same for the same place. Empty for a Unix socket, which uses no network."""
        return "" if self.path else place(self.host, self.port)

    def __str__(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a URL: ``path`` without its leading ``/``, ``options`` are the ``?key=value`` pairs."""

    scheme: str
    endpoint: ServerAddress | None
    user: str
    path: str
    options: dict[str, str]


def read_url(text: str, schemes: Collection[str], default_port: int, mend: str) -> Parts:
    """Parse a URL. ``endpoint`` is None if the URL has no host. Raises Mistake."""
    parts = _split(text)
    if parts is None or parts.scheme not in schemes:
        # The text is quoted only if it cannot contain a password.
        shown = "this" if "@" in text else repr(text[:100])
        raise Mistake(f"{shown} is not a {min(schemes, key=len)} URL", mend, ("url",))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.password is not None or "password" in options:
        raise Mistake(
            "a password does not belong in a URL",
            'take it out and say where it is kept: password = "env:NAME"',
            ("url",),
        )
    if parts.hostname:
        try:
            require_place(parts, mend)
        except Mistake as mistake:
            raise Mistake(mistake.what, mend, ("url",)) from None
    endpoint = ServerAddress(parts.hostname, parts.port or default_port) if parts.hostname else None
    return Parts(parts.scheme, endpoint, unquote(parts.username or ""), unquote(parts.path.lstrip("/")), options)


def read_address(text: str, mend: str) -> ServerAddress:
    """Parse ``host:port`` or the path of a Unix socket. Raises Mistake."""
    if text.startswith("/"):
        return ServerAddress(path=text)
    match = _ADDRESS.fullmatch(text)
    if match is None or not 1 <= int(match["port"]) <= 65535:
        shown = "this" if "@" in text else repr(text[:100])
        raise Mistake(f"{shown} is not an address", mend, ("address",))
    try:
        lookup_name(match["six"] or match["host"])
    except NotAHost as error:
        raise Mistake(str(error), mend, ("address",)) from None
    return ServerAddress(match["six"] or match["host"], int(match["port"]))


def _split(text: str) -> SplitResult | None:
    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError unless it is a number below 65536
    except ValueError:
        return None
    return parts
