"""The raw result of one probe, before it is compared with the conditions of the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from artisan_tui.domain.reason import Reason


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
