"""Secrets are references: ``env:NAME`` or ``file:PATH``. A literal secret is refused and not repeated in the error.

A `Secret` holds the reference, not the value. So printing, logging or journaling a configuration cannot leak
it. The value is read just before it is sent.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.access import exposed
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import hide

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MEND = 'write a reference instead: "env:NAME" or "file:PATH"'
#: Bytes. Larger than any token or key. A wrong path to a large file must not be read completely.
LARGEST = 65_536
#: Names of headers whose value is a credential.
_SENSITIVE = re.compile(r"auth|cookie|token|secret|password|api-?key", re.IGNORECASE)


class SecretMissing(Exception):
    """The secret cannot be read. The text names the reference and the reason, never a value."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The reference to a secret: the name of an environment variable, or the path of a file."""

    source: Literal["env", "file"]
    place: str

    def __str__(self) -> str:
        return f"{self.source}:{self.place}"

    def reveal(self, environ: Mapping[str, str]) -> str:
        """The value of the secret, without line ends around it. Raises SecretMissing."""
        value = environ.get(self.place, "") if self.source == "env" else self._read()
        value = value.strip("\r\n")
        if value:
            hide(value)  # a server may echo it
            return value
        shown = printable(self.place, 200)
        raise SecretMissing(
            f"the environment variable {shown} is not set" if self.source == "env" else f"the file {shown} is empty"
        )

    def reveal_for_header(self, environ: Mapping[str, str]) -> str:
        """The value for an HTTP header, which carries printable ASCII only. Raises SecretMissing."""
        value = self.reveal(environ)
        if value.isascii() and value.isprintable():
            return value
        where = "the environment variable" if self.source == "env" else "the file"
        shown = printable(self.place, 200)
        raise SecretMissing(f"{where} {shown} has characters that an HTTP header cannot carry: use printable ASCII")

    def _read(self) -> str:
        shown = printable(self.place, 200)
        try:
            path = Path(self.place).expanduser()
            with path.open("rb") as file:
                readers = exposed(path, os.fstat(file.fileno()))
                data = file.read(LARGEST + 1)
        except (OSError, ValueError, RuntimeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
            raise SecretMissing(f"the file {shown} cannot be read: {why}") from None
        if readers is not None:
            raise SecretMissing(f"the file {shown} is readable by {readers} and must be private: chmod 600 {shown}")
        if len(data) > LARGEST:
            raise SecretMissing(f"the file {shown} is too large to hold a secret")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        # Raised outside of the except block: the decoding error contains the bytes of the file.
        raise SecretMissing(f"the file {shown} is not UTF-8 text")


def parse_secret(value: object, info: ValidationInfo) -> Secret:
    """Raises Mistake, without quoting ``value``. Relative paths are relative to the configuration file."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise Mistake("a secret must be a reference as text", _MEND)
    source, colon, place = value.partition(":")
    if not colon or source not in {"env", "file"}:
        raise Mistake("the file must not contain a literal secret", _MEND)
    if source == "env":
        if not _ENV_NAME.fullmatch(place):
            raise Mistake(
                '"env:" is not followed by a variable\'s name', "write letters, digits and _ only: env:PROM_TOKEN"
            )
        return Secret("env", place)
    if not place.strip() or "\0" in place:
        raise Mistake('"file:" is not followed by a path', "write the path of a file that holds only the secret")
    folder = (info.context or {}).get("folder")
    if folder is not None and not place.startswith("~"):
        place = str(Path(folder) / place)
    return Secret("file", place)


def _header(name: str, value: object, info: ValidationInfo) -> str | Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise Mistake("a header's value is text", "put it in quotes", (name,))
    try:
        if value.startswith(("env:", "file:")) or _SENSITIVE.search(name):
            return parse_secret(value, info)
    except Mistake as mistake:
        raise Mistake(mistake.what, mistake.mend, (name,)) from None
    if not value.isprintable():
        raise Mistake("a header's value must be one printable line", "remove the control characters", (name,))
    if not value.isascii():
        mend = f"write it in ASCII, like {quote(value[:20])} if the server decodes that"
        raise Mistake("a header's value has characters that HTTP does not carry", mend, (name,))
    return value


def _headers(value: object, info: ValidationInfo) -> dict[str, str | Secret]:
    if not isinstance(value, Mapping):
        raise Mistake("headers are a table", 'write { "X-Scope-OrgID" = "artisan" }')
    for name in value:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(name)):
            raise Mistake("this is not a header's name", "write letters, digits and -", (str(name),))
    return {str(name): _header(str(name), each, info) for name, each in value.items()}


def reveal_headers(headers: Mapping[str, str | Secret], environ: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of their secrets. Raises SecretMissing."""
    return {name: v.reveal_for_header(environ) if isinstance(v, Secret) else v for name, v in headers.items()}


#: A reference to a secret. The model holds the `Secret`.
SecretRef = Annotated[
    Secret,
    PlainValidator(parse_secret),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$", "examples": ["env:TOKEN"]}),
]
#: HTTP headers. A value can be a reference, and must be one for a header such as Authorization.
Headers = Annotated[
    dict[str, str | Secret],
    PlainValidator(_headers),
    PlainSerializer(lambda h: {k: str(v) for k, v in h.items()}, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
