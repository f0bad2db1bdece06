"""When a TLS certificate expires, and the notes and remarks about it.

The dates are read from the DER encoding, because ``getpeercert()`` returns nothing without verification.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from artisan_tui.config.base import Span
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable

_DAY = 86_400.0
#: Seconds before expiry from which the certificate is remarked on the check's screen, warning or not.
_NAMED = 30 * _DAY
_COMMON_NAME = b"\x55\x04\x03"  # the OID 2.5.4.3, commonName

#: Seconds before expiry from which the check is degraded by default. Certificate authorities renew at 30 days, so a
#: certificate with 14 days left was not renewed.
DEFAULT_WARNING = 14 * _DAY
#: The type of the key ``certificate``, for every kind that uses TLS.
ExpiryWarning = Annotated[
    Span | None,
    Field(description='How long before its end a certificate makes the check degraded; "14d" when not written'),
]


def warning_seconds(spec: CheckSpec, written: float | None, *, tls: bool) -> float | None:
    """Seconds before expiry from which the check is degraded; None for never.

    ``written`` is the key's value. Without it, the default applies unless a ``degraded`` condition reads tls.days.
    Raises Mistake if the key is set without TLS.
    """
    if written is not None and not tls:
        raise Mistake("there is no certificate without TLS", "remove this key, or use TLS", ("certificate",))
    own = any(condition.root == "tls" for condition in spec.degraded)
    return None if not tls or (own and written is None) else written or DEFAULT_WARNING


def lacking_tls(table: Mapping[str, Any], mend: str, *, secured: bool = False) -> Mapping[str, tuple[str, str]]:
    """What a check with these raw keys can never say: tls.days, unless it uses TLS or is ``secured`` otherwise."""
    if secured or table.get("tls") not in (None, False):
        return {}
    return {"tls": ("it does not use TLS", f"{mend}, or remove the condition")}


@dataclass(frozen=True, slots=True)
class Certificate:
    """``name`` is the subject's common name, printable; empty if there is none. ``ends`` is the notAfter time."""

    name: str
    ends: datetime


def peer_certificates(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The peer's certificates in DER, the leaf first.

    From Python 3.13: the verified chain, or all sent certificates if nothing is verified. Before 3.13: the leaf only.
    Certificates that were sent but are not part of the verified chain do not matter.
    """
    verified = tls.context.verify_mode is ssl.CERT_REQUIRED
    chain = getattr(tls, "get_verified_chain" if verified else "get_unverified_chain", None)
    if chain is not None:
        return tuple(chain())
    own = tls.getpeercert(True)
    return (own,) if own else ()


class Expiry:
    """The certificates of one target over all probes. ``warn_before`` is in seconds, None for never."""

    def __init__(self, warn_before: float | None) -> None:
        self._warn_before = warn_before
        self._chain: tuple[bytes, ...] = ()
        self._first: Certificate | None = None
        self._above = False

    def update(self, chain: tuple[bytes, ...]) -> None:
        """Store the chain that a probe received. An empty chain changes nothing."""
        if not chain or chain == self._chain:
            return
        read = [(place, certificate) for place, der in enumerate(chain) if (certificate := read_der(der))]
        if read:
            place, self._first = min(read, key=lambda each: each[1].ends)
            self._above, self._chain = place > 0, chain

    def days(self, now: datetime) -> Decimal | None:
        """Days until the first certificate expires, with two decimals; negative afterwards. None if none was
        readable.
        """
        return None if self._first is None else days_between(now, self._first.ends)

    def notes(self, now: datetime) -> tuple[str, ...]:
        """The note that degrades the check, once ``warn_before`` is reached."""
        if self._first is None or self._warn_before is None or self._left(now) > self._warn_before:
            return ()
        whose = f"the issuer's certificate ({self._first.name})" if self._above else "the certificate"
        left, on = self._left(now), self._first.ends.date()
        how = f"expires in {_distance(left)}" if left > 0 else f"expired {_distance(-left)} ago"
        return (f"{whose} {how} ({on})",)

    def remarks(self, now: datetime) -> tuple[str, ...]:
        """The subject and the date, in the last 30 days."""
        if self._first is None or self._left(now) > _NAMED:
            return ()
        whom = f" for {self._first.name}" if self._first.name else ""
        return (f"certificate{whom} until {self._first.ends.date()}",)

    def last_seen(self, now: datetime) -> tuple[str, ...]:
        """The remark for a probe without a TLS connection: the certificate of a target that is down still expires."""
        if self._first is None:
            return ()
        left, on = self._left(now), self._first.ends.date()
        how = f"ends in {_distance(left)}" if left > 0 else f"ended {_distance(-left)} ago"
        return (f"the last seen certificate {how} ({on})",)

    def _left(self, now: datetime) -> float:
        assert self._first is not None
        return (self._first.ends - now).total_seconds()


def days_between(now: datetime, ends: datetime) -> Decimal:
    """Days with two decimals; negative after ``ends``."""
    return (Decimal((ends - now).total_seconds()) / Decimal(_DAY)).quantize(Decimal("0.01"))


def _distance(seconds: float) -> str:
    """The largest whole unit, rounded down. The text is coarse so that it rarely changes."""
    for unit, size in (("day", _DAY), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


# -- DER -------------------------------------------------------------------------


def read_der(der: bytes) -> Certificate | None:
    """Parse an X.509 certificate (RFC 5280). None if ``der`` is not one.

    Certificate { tbsCertificate { [version], serial, algorithm, issuer, validity { notBefore, notAfter }, subject }
    }.
    """
    try:
        at, _ = _open(der, 0)  # Certificate
        at, _ = _open(der, at)  # tbsCertificate
        if der[at] == 0xA0:  # the version is optional
            at = _skip(der, at)
        for _part in ("serial", "algorithm", "issuer"):
            at = _skip(der, at)
        start, subject = _open(der, at)  # validity
        ends = _time(der, _skip(der, start))
    except (ValueError, IndexError):
        return None
    try:
        name = printable(_common_name(der, subject), 80)
    except (ValueError, IndexError):
        name = ""
    return Certificate(name, ends)


def _time(der: bytes, at: int) -> datetime:
    start, end = _open(der, at)
    text = der[start:end].decode("ascii")
    # UTCTime (tag 0x17) has a year of two digits, GeneralizedTime of four. Both end in Z (RFC 5280).
    if der[at] == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_name(der: bytes, at: int) -> str:
    """The last common name of Name { SET { attribute { type, value } } }: it is the most specific one."""
    name = ""
    for group in _parts(der, at):
        for attribute in _parts(der, group):
            start, end = _open(der, attribute)
            kind, value = _open(der, start), _skip(der, start)
            if der[kind[0] : kind[1]] == _COMMON_NAME and value < end:
                text = der[slice(*_open(der, value))]
                name = text.decode("utf-16-be" if der[value] == 0x1E else "utf-8", "replace")
    return name


def _parts(der: bytes, at: int) -> Iterator[int]:
    start, end = _open(der, at)
    while start < end:
        yield start
        start = _skip(der, start)


def _open(der: bytes, at: int) -> tuple[int, int]:
    """Start and end offset of the content of the element at offset ``at``."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(der[start : start + count], "big"), start + count
    if start + length > len(der):
        raise ValueError("cut short")
    return start, start + length


def _skip(der: bytes, at: int) -> int:
    return _open(der, at)[1]
