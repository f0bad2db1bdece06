"""Why a check is in its state."""

from __future__ import annotations

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
