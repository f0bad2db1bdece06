"""When a certificate ends, and what to say about it before it does.

Read from the DER because ``getpeercert()`` is empty when nothing was verified.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from artisan_tui.config.checks import CheckSpec, Span
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable

_DAY = 86_400.0
#: Seconds before its end from which a certificate is named on the check's own screen, worry or not.
_NAMED = 30 * _DAY
_COMMON_NAME = b"\x55\x04\x03"  # 2.5.4.3

#: Seconds that are meant where nothing is written: authorities have it renewed at 30 days, so at 14 something failed.
DEFAULT_WARNING = 14 * _DAY
#: The key of every kind that meets certificates.
ExpiryWarning = Annotated[
    Span | None,
    Field(description='How long before its end a certificate makes the check degraded; "14d" when not written'),
]


def warning_seconds(spec: CheckSpec, written: float | None, *, tls: bool) -> float | None:
    """Seconds, None for never: who has a ``degraded`` condition on tls.days and writes no ``certificate`` wants that.

    Raises Fault where the key means nothing.
    """
    if written is not None and not tls:
        raise Mistake("there is no certificate without TLS", "remove this key, or use TLS", ("certificate",))
    own = any(condition.root == "tls" for condition in spec.degraded)
    return None if not tls or (own and written is None) else written or DEFAULT_WARNING


@dataclass(frozen=True, slots=True)
class Certificate:
    """``name`` is whom it is for, as it says itself; printable, and empty when it says nothing."""

    name: str
    ends: datetime


def peer_certificates(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The other side's certificates, its own first, DER.

    All that it was believed by where it was verified, all that it sent otherwise; from Python 3.13
    on. Before, its own alone. What it sent beside the way that was believed is nobody's worry.
    """
    verified = tls.context.verify_mode is ssl.CERT_REQUIRED
    chain = getattr(tls, "get_verified_chain" if verified else "get_unverified_chain", None)
    if chain is not None:
        return tuple(chain())
    own = tls.getpeercert(True)
    return (own,) if own else ()


class Expiry:
    """Watches the certificates of one target from look to look. ``worry`` in seconds, None for never."""

    def __init__(self, worry: float | None) -> None:
        self._warn_before = worry
        self._chain: tuple[bytes, ...] = ()
        self._first: Certificate | None = None
        self._above = False

    def update(self, chain: tuple[bytes, ...]) -> None:
        """These were presented; none at all changes nothing that is known."""
        if not chain or chain == self._chain:
            return
        read = [(place, certificate) for place, der in enumerate(chain) if (certificate := read_der(der))]
        if read:
            place, self._first = min(read, key=lambda each: each[1].ends)
            self._above, self._chain = place > 0, chain

    def days(self, now: datetime) -> Decimal | None:
        """Until the first of them ends, two decimals; negative after. None when none could be read."""
        return None if self._first is None else days_between(now, self._first.ends)

    def notes(self, now: datetime) -> tuple[str, ...]:
        """The worry, if there is one."""
        if self._first is None or self._warn_before is None or self._left(now) > self._warn_before:
            return ()
        whose = f"the issuer's certificate ({self._first.name})" if self._above else "the certificate"
        left, on = self._left(now), self._first.ends.date()
        how = f"expires in {_distance(left)}" if left > 0 else f"expired {_distance(-left)} ago"
        return (f"{whose} {how} ({on})",)

    def remarks(self, now: datetime) -> tuple[str, ...]:
        """Whose certificate it is, once its end comes near."""
        if self._first is None or self._left(now) > _NAMED:
            return ()
        whom = f" for {self._first.name}" if self._first.name else ""
        return (f"certificate{whom} until {self._first.ends.date()}",)

    def last_seen(self, now: datetime) -> tuple[str, ...]:
        """For a look that saw none: a target that is down still has a certificate that ends."""
        if self._first is None:
            return ()
        left, on = self._left(now), self._first.ends.date()
        how = f"ends in {_distance(left)}" if left > 0 else f"ended {_distance(-left)} ago"
        return (f"the last seen certificate {how} ({on})",)

    def _left(self, now: datetime) -> float:
        assert self._first is not None
        return (self._first.ends - now).total_seconds()


def days_between(now: datetime, ends: datetime) -> Decimal:
    """Two decimals; negative when it has ended."""
    return (Decimal((ends - now).total_seconds()) / Decimal(_DAY)).quantize(Decimal("0.01"))


def _distance(seconds: float) -> str:
    """One whole unit, never more than there is; coarse, so that it seldom changes."""
    for unit, size in (("day", _DAY), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


# -- DER -------------------------------------------------------------------------


def read_der(der: bytes) -> Certificate | None:
    """None for what is no certificate.

    X.509: Certificate { tbs { [version], serial, algorithm, issuer, validity { notBefore, notAfter }, subject … } … }.
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
    # UTCTime (tag 0x17) has two digits of year, GeneralizedTime four; both end in Z (RFC 5280).
    if der[at] == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_name(der: bytes, at: int) -> str:
    """Name { SET { attribute { type, value } … } … }: the last common name is the most specific."""
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
