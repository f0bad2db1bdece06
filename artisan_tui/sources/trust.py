"""TLS contexts, and the remaining days of one certificate."""

from __future__ import annotations

import os
import ssl
from datetime import datetime
from decimal import Decimal

from artisan_tui.sources.certificate import days_between, read_der


class Untrusted(Exception):
    """The certificates to trust cannot be read. The message names the file."""


def context(ca_file: str | None, *, verify: bool) -> ssl.SSLContext:
    """Create a client context. Reads certificates from disk for tens of milliseconds: call it off the loop.

    Uses the system's certificates, because a company adds its own authority there. Uses certifi's only if the system
    has none. Raises Untrusted for an unusable ``ca_file``.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    elif ca_file is not None:
        try:
            tls.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:
            why = "the file contains no certificate" if isinstance(error, ssl.SSLError) else error
            raise Untrusted(f"ca_file {ca_file}: {why}") from None
    else:
        paths = ssl.get_default_verify_paths()
        tls.load_default_certs()
        if paths.cafile is None and not (paths.capath and os.listdir(paths.capath)):
            import certifi

            tls.load_verify_locations(cafile=certifi.where())
    return tls


def blank() -> ssl.SSLContext:
    """A context for plain http, which is cheap to build and trusts nothing."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def days_left(certificate: bytes | None, now: datetime) -> Decimal | None:
    """Days until a DER certificate expires, with two decimals; negative afterwards. None if it cannot be read."""
    read = read_der(certificate or b"")
    return None if read is None else days_between(now, read.ends)
