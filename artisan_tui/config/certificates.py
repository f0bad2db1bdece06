"""The keys ``ca_file``, ``cert_file`` and ``key_file``, alike wherever a connection uses TLS."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from artisan_tui.config.base import PathText
from artisan_tui.config.problems import Mistake

CaFile = Annotated[PathText | None, Field(description="Certificates to trust instead of the system's (PEM)")]
CertFile = Annotated[PathText | None, Field(description="Client certificate to show the server (PEM)")]
KeyFile = Annotated[PathText | None, Field(description="The key of cert_file (PEM, without a passphrase)")]


def check_client_certificate(cert_file: str | None, key_file: str | None, *, tls: bool, mend: str) -> None:
    """Raises Mistake for one of the two without the other, and for both without TLS. ``mend`` says how TLS is used."""
    if (cert_file is None) != (key_file is None):
        there = "key_file" if cert_file is None else "cert_file"
        raise Mistake("cert_file and key_file go together", "write both, or neither", (there,))
    if cert_file is not None and not tls:
        raise Mistake("a client certificate is of no use without TLS", mend, ("cert_file",))
