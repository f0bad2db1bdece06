"""TLS contexts from files of certificates, and the remaining days of one certificate."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from artisan_tui.sources.certificate import days_between, read_der
from artisan_tui.sources.file_stamp import Stamp, stamps_of

#: Bytes of a certificate's or key's file that are looked at before OpenSSL reads it.
_LARGEST = 1024 * 1024


class Untrusted(Exception):
    """The certificates to trust or to show cannot be read. The message names the file."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates to trust, and which one to show.

    ``ca_file`` is a PEM file, None for the system's certificates. ``cert_file`` and ``key_file`` are the client
    certificate, None for none.
    """

    ca_file: str | None = None
    verify: bool = True
    cert_file: str | None = None
    key_file: str | None = None

    def stamps(self) -> tuple[Stamp, ...]:
        """What changes when one of the files does. Blocks for the file system."""
        paths = ssl.get_default_verify_paths()
        trusted = (self.ca_file,) if self.ca_file is not None else (paths.cafile, paths.capath)
        return stamps_of(each for each in (*trusted, self.cert_file, self.key_file) if each is not None)


def context(trusted: Trust) -> ssl.SSLContext:
    """Create a client context. Reads certificates from disk for tens of milliseconds: call it off the loop.

    Uses the system's certificates, because a company adds its own authority there. Uses certifi's only if the system
    has none. Raises Untrusted for an unusable file.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not trusted.verify:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    elif trusted.ca_file is not None:
        try:
            tls.load_verify_locations(cafile=trusted.ca_file)
        except (OSError, ValueError) as error:
            why = "the file contains no certificate" if isinstance(error, ssl.SSLError) else error
            raise Untrusted(f"ca_file {trusted.ca_file}: {why}") from None
    else:
        paths = ssl.get_default_verify_paths()
        tls.load_default_certs()
        if paths.cafile is None and not (paths.capath and os.listdir(paths.capath)):
            import certifi

            tls.load_verify_locations(cafile=certifi.where())
    if trusted.cert_file is not None and trusted.key_file is not None:
        _show(tls, trusted.cert_file, trusted.key_file)
    return tls


def _show(tls: ssl.SSLContext, cert_file: str, key_file: str) -> None:
    """Load the client certificate. Raises Untrusted, which names the file at fault."""
    for key, path, wanted in (("cert_file", cert_file, b"CERTIFICATE-----"), ("key_file", key_file, b"KEY-----")):
        try:
            with open(path, "rb") as file:
                found = wanted in file.read(_LARGEST)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
            raise Untrusted(f"{key} {path}: {why}") from None
        if not found:
            what = "certificate" if key == "cert_file" else "key"
            raise Untrusted(f"{key} {path}: the file contains no {what} in PEM")
    try:
        # Without the callback OpenSSL would ask for the passphrase on the terminal.
        tls.load_cert_chain(cert_file, key_file, password=_no_passphrase)
    except _HasPassphrase:
        raise Untrusted(f"key_file {key_file}: the key has a passphrase: write it without one") from None
    except (OSError, ValueError) as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise Untrusted(f"key_file {key_file} is not the key of cert_file {cert_file}") from None
        raise Untrusted(f"cert_file {cert_file} and key_file {key_file} cannot be used") from None


class _HasPassphrase(Exception):
    pass


def _no_passphrase() -> str:
    raise _HasPassphrase


def blank() -> ssl.SSLContext:
    """A context for plain http, which is cheap to build and trusts nothing."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def days_left(certificate: bytes | None, now: datetime) -> Decimal | None:
    """Days until a DER certificate expires, with two decimals; negative afterwards. None if it cannot be read."""
    read = read_der(certificate or b"")
    return None if read is None else days_between(now, read.ends)
