"""Secrets and headers as a configuration writes them, for the models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Secret

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MEND = 'write a reference instead: "env:NAME" or "file:PATH"'
#: Names of headers whose value is a credential.
_SENSITIVE = re.compile(r"auth|cookie|token|secret|password|api-?key", re.IGNORECASE)


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
