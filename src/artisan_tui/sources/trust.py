"""TLS: whom to trust, and how long a certificate still lives."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime
from decimal import Decimal

_DAY = 86400


class Untrusted(Exception):
    """The certificates to trust cannot be read. The sentence says which."""


def context(ca_file: str | None, *, verify: bool) -> ssl.SSLContext:
    """Reads certificates from disk and takes tens of milliseconds: call it off the loop.

    The system's store, because that is where a company puts its own authority; certifi's only
    where the system has none. Raises Untrusted for an unusable ``ca_file``.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    elif ca_file is not None:
        try:
            tls.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:
            why = "no certificate is in it" if isinstance(error, ssl.SSLError) else error
            raise Untrusted(f"ca_file {ca_file}: {why}") from None
    else:
        paths = ssl.get_default_verify_paths()
        tls.load_default_certs()
        if paths.cafile is None and not (paths.capath and os.listdir(paths.capath)):
            import certifi

            tls.load_verify_locations(cafile=certifi.where())
    return tls


def blank() -> ssl.SSLContext:
    """For plain http: trusts nobody, costs nothing to build."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def days_left(certificate: bytes | None, now: datetime) -> Decimal | None:
    """Days until a DER certificate expires, two decimals; negative after. None when it cannot be read.

    Read from the DER because ``getpeercert()`` is empty when nothing was verified.
    """
    try:
        ends = _not_after(certificate or b"")
    except (ValueError, IndexError):
        return None
    return (Decimal((ends - now).total_seconds()) / _DAY).quantize(Decimal("0.01"))


def _not_after(der: bytes) -> datetime:
    """X.509: Certificate { tbs { [version], serial, algorithm, issuer, validity { notBefore, notAfter } … } … }."""
    at, _ = _open(der, 0)  # Certificate
    at, _ = _open(der, at)  # tbsCertificate
    if der[at] == 0xA0:  # the version is optional
        at = _skip(der, at)
    for _ in ("serial", "algorithm", "issuer"):
        at = _skip(der, at)
    at, _ = _open(der, at)  # validity
    at = _skip(der, at)  # notBefore
    start, end = _open(der, at)
    text = der[start:end].decode("ascii")
    # UTCTime (tag 0x17) has two digits of year, GeneralizedTime four; both end in Z (RFC 5280).
    if der[at] == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _open(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at ``at`` starts and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(der[start : start + count], "big"), start + count
    if start + length > len(der):
        raise ValueError("cut short")
    return start, start + length


def _skip(der: bytes, at: int) -> int:
    return _open(der, at)[1]
