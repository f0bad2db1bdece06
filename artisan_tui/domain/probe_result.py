"""The raw result of one probe, before it is compared with the conditions of the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why a check is in its state. Each reason has one cause."""

    OK = "ok"
    PENDING = "pending"  # not probed yet
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    PROTOCOL = "protocol"  # the answer violates the protocol
    STATUS = "status"
    REDIRECT = "redirect"
    TOO_LARGE = "too large"
    ENCODING = "encoding"  # the body does not match its declared encoding
    BODY = "body"
    MISSING = "missing"  # a field or header that a condition needs
    HEADER = "header"
    LATENCY = "latency"
    VALUE = "value"
    NAN = "not a number"
    EXIT = "exit"
    STALE = "stale"
    NO_DATA = "no data"
    PARTIAL = "partial"  # the server marks its answer as incomplete
    DENIED = "denied"  # access is not permitted
    AUTH = "auth"  # the credentials were refused
    LOADING = "loading"  # running, and still loading its data
    MISCONF = "misconf"  # running, and refusing writes because of an internal error
    REJECTED = "rejected"  # running, and refusing connections: starting, stopping, or full
    QUERY = "query"  # the query was refused
    HEALTH = "health"  # its own health check fails
    EXITED = "exited"  # it exists and does not run
    RESTARTING = "restarting"  # it restarts repeatedly
    NOT_READY = "not ready"  # fewer replicas are ready than wanted
    ABSENT = "absent"  # the target does not exist
    BLOCKED = "blocked"  # the previous probe has not returned yet
    NOT_INSTALLED = "not installed"  # the probe needs a package or program that is missing here
    INTERNAL = "internal"  # an error in artisan-tui, never in the target


#: Reasons without any answer from the target. When all targets fail with one of them at the same time,
#: the network of the observer is the likely cause.
UNREACHED = frozenset({Reason.TIMEOUT, Reason.REFUSED, Reason.RESET, Reason.UNREACHABLE, Reason.DNS})


@dataclass(frozen=True, slots=True)
class Failure:
    """The probe could not be completed.

    ``blind`` is False when the target failed, which counts as down. It is True when the observer failed,
    such as when its Prometheus does not answer. That says nothing about the target and counts as unknown.

    ``connected`` is True when the target had accepted the connection. It may hang, and the network works.
    """

    reason: Reason
    detail: str
    blind: bool = False
    connected: bool = False


class _Missing:
    """The value of a field that does not exist, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of probing one target once.

    - ``answers`` maps the root of a condition's subject (``status body header value rows exit stdout tls``)
      to the value that was found.
    - ``latency`` is in seconds.
    - ``excerpt`` is the start of the response as `printable` text.
    - ``notes`` are limitations, such as warnings of the server. With a note, the target is degraded at
      best, with the reason ``noted``.
    - ``provisional`` is True while too little data is known to trust a bad result.
    - ``remarks`` are information that does not change the state.
    - ``started_by_hand`` is True when a person started the target since the probe before.
    - ``query`` is the query that was sent, for "explain".
    """

    failure: Failure | None = None
    latency: Decimal | None = None
    answers: Mapping[str, object] = field(default_factory=dict)
    excerpt: str = ""
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    provisional: bool = False
    noted: Reason = Reason.PARTIAL
    started_by_hand: bool = False
