"""URLs of servers. Credentials in a URL are refused and not repeated in the error."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.address import NotAHost, lookup_name
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Secret
from artisan_tui.config.secret_fields import parse_secret

_LONGEST = 2048
_HTTP_MEND = 'begin with http:// or https://, like "http://127.0.0.1:8000/health"'


def _split(value: object, mend: str) -> SplitResult:
    """Raises Mistake, which quotes the value only when it cannot contain a password."""
    if not isinstance(value, str):
        raise Mistake("a URL is text", mend)
    shown = "this" if "@" in value else repr(value[:100])
    if not value or len(value) > _LONGEST or not value.isprintable() or " " in value:
        raise Mistake(f"{shown} is not a URL", mend)
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError for an invalid port
    except ValueError:
        parts = None
    if parts is None:
        raise Mistake(f"{shown} is not a URL", mend)
    return parts


def _http_url(value: object) -> str:
    parts = _split(value, _HTTP_MEND)
    text = str(value)
    if parts.scheme not in {"http", "https"}:
        guess = f'write "http://{text[:100]}"' if re.match(r"[\w.-]+(:\d+)?(/|$)", text, re.ASCII) else _HTTP_MEND
        raise Mistake(
            f"{'this' if '@' in text else repr(text[:100])} is not an http URL", _HTTP_MEND if "@" in text else guess
        )
    if parts.username is not None or parts.password is not None:
        raise Mistake(
            "a URL must not contain credentials",
            'remove them and reference them in another key, like bearer_token = "env:NAME"',
        )
    if not parts.hostname:
        raise Mistake(f"{text[:100]!r} names no host", _HTTP_MEND)
    require_place(parts, _HTTP_MEND)
    # Only what means the same is changed, so that no other code needs to know other spellings.
    host, bracket, port = parts.netloc.partition("]")
    netloc = f"{_lower_address(host)}]{port}" if bracket else parts.netloc.lower()
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def require_place(parts: SplitResult, mend: str) -> None:
    """Raises Mistake unless the host is a name or an address, and the port can be connected to."""
    if parts.port == 0:
        raise Mistake("port 0 cannot be connected to", mend)
    try:
        lookup_name(parts.hostname or "")
    except NotAHost as error:
        raise Mistake(str(error), mend) from None


def _lower_address(host: str) -> str:
    """An IPv6 address in lower case, and its zone as it is."""
    address, percent, zone = host.partition("%")
    return address.lower() + percent + zone


def joined(base: str, path: str) -> str:
    """The URL of ``path`` below ``base``, which may have a path prefix and a query of its own."""
    parts = urlsplit(base)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, parts.query, ""))


def without_query(url: str) -> str:
    """``url`` as it is shown: a query may hold a token."""
    return url.partition("?")[0]


_DATABASE_MEND = 'write "sqlite:////path/to/file" or "postgresql://host/name", or "env:NAME" when it holds a password'


def _database(value: object, info: ValidationInfo) -> str | Secret:
    if isinstance(value, Secret):
        return value
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return parse_secret(value, info)
    # libpq's URL may name several servers; the first shows whether it is one.
    first = re.sub(r"(://(?:[^/?#]*@)?[^/?#,]*),[^/?#]*", r"\1", value) if isinstance(value, str) else value
    parts = _split(first, _DATABASE_MEND)
    if parts.scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
        raise Mistake("the store is SQLite or PostgreSQL", _DATABASE_MEND)
    if parts.password is not None or re.search(r"[?&]password=", str(value)):
        raise Mistake("the file must not contain a password", 'move the whole URL: database = "env:ARTISAN_DATABASE"')
    return str(value)


#: The URL of an HTTP server.
HttpUrl = Annotated[
    str,
    PlainValidator(_http_url),
    WithJsonSchema({"type": "string", "pattern": "^https?://[^@]+$", "examples": ["http://127.0.0.1:8000/health"]}),
]
#: The URL of the store, or a reference to a secret with it.
DatabaseUrl = Annotated[
    str | Secret,
    PlainValidator(_database),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(sqlite|postgresql)(\+\w+)?:|^env:|^file:"}),
]


def read_http_url(value: object) -> str:
    """The URL of an HTTP server as it is written. Raises Mistake."""
    return _http_url(value)
