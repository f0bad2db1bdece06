"""Secrets are references: ``env:NAME`` or ``file:PATH``. A literal secret is refused and not repeated in the error.

A `Secret` holds the reference, not the value. So printing, logging or journaling a configuration cannot leak
it. The value is read just before it is sent. How a file writes one: `secret_fields`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from artisan_tui.config.access import exposed
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import hide

#: Bytes. Larger than any token or key. A wrong path to a large file must not be read completely.
LARGEST = 65_536


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


def reveal_headers(headers: Mapping[str, str | Secret], environ: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of their secrets. Raises SecretMissing."""
    return {name: v.reveal_for_header(environ) if isinstance(v, Secret) else v for name, v in headers.items()}
