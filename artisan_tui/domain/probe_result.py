"""What one look at the world saw, before anybody judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why a check is in the state it is in. One word each, never a catch-all."""

    OK = "ok"
    PENDING = "pending"  # never looked at yet
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    PROTOCOL = "protocol"  # what came back is not what the protocol allows
    STATUS = "status"
    REDIRECT = "redirect"
    TOO_LARGE = "too large"
    ENCODING = "encoding"  # the body is not the text it says it is
    BODY = "body"
    MISSING = "missing"  # a field or header that a condition needs
    HEADER = "header"
    LATENCY = "latency"
    VALUE = "value"
    NAN = "not a number"
    EXIT = "exit"
    STALE = "stale"
    NO_DATA = "no data"
    PARTIAL = "partial"  # an answer the server itself calls incomplete
    DENIED = "denied"  # it would not let us in
    AUTH = "auth"  # it wants other credentials than ours
    LOADING = "loading"  # it runs and is still reading its data
    MISCONF = "misconf"  # it runs and refuses writes because of its own trouble
    REJECTED = "rejected"  # it runs and accepts no connections now: starting, stopping, or full
    QUERY = "query"  # it refused what was asked
    HEALTH = "health"  # its own health probe says no
    EXITED = "exited"  # it is there and does not run
    RESTARTING = "restarting"  # it starts again and again
    NOT_READY = "not ready"  # fewer of it are ready than should be
    ABSENT = "absent"  # the thing to look at does not exist
    BLOCKED = "blocked"  # our own look before has not come back yet
    NOT_INSTALLED = "not installed"  # a package or program of ours that the look needs
    INTERNAL = "internal"  # our own fault; never the target's


#: Reasons that say "nothing came back from there". When every target fails like
#: this at once, the observer is the likelier culprit.
UNREACHED = frozenset({Reason.TIMEOUT, Reason.REFUSED, Reason.RESET, Reason.UNREACHABLE, Reason.DNS})


@dataclass(frozen=True, slots=True)
class Failure:
    """The look could not be finished.

    ``blind`` tells the two kinds apart: the target failed (False: that is evidence of
    "down"), or our means of seeing failed, such as a Prometheus that does not answer
    (True: that is evidence of nothing, the state becomes unknown).
    """

    reason: Reason
    detail: str
    blind: bool = False


class _Missing:
    """The value of a field that is not there, told apart from null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One look at one target.

    ``answers`` maps a condition's subject root (``status body header value exit stdout tls``)
    to what was seen. ``latency`` is in seconds. ``excerpt`` is the response as `printable`
    text, capped. ``notes`` are reservations of the answer (a server's warnings, a window not
    yet covered): with any of them a target cannot be better than degraded, for the reason ``noted``.
    ``provisional``: it rests on so little that bad news is not to be believed yet.
    ``remarks`` are worth showing and change nothing. ``query`` is what was asked, for "explain".
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
