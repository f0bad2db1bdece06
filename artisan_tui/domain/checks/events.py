"""What checks write into the journal. The subject is the check's id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.journal_body import Body


class CheckStateChanged(Body):
    """``before`` and ``to`` are values of State, ``reason`` of Reason; a newer program may know more of them."""

    KIND = "check.state"
    KEYS: ClassVar[Mapping[str, str]] = {"before": "from", "root_cause": "blamed"}
    before: str
    to: str
    reason: str = ""
    detail: str = ""
    #: Results in a row that led to it.
    count: int = 0
    #: The check that this one depends on, that is down and failed first.
    root_cause: str | None = None
    #: Such a check that is no longer down: this one had not recovered from it yet.
    past_cause: str | None = None
    #: Why nobody is paged for it now: "flapping".
    held: str | None = None


class CheckCauseCorrected(Body):
    """A check is still down, and not because of what the journal says so far. None: it fails by itself."""

    KIND = "check.cause"
    KEYS: ClassVar[Mapping[str, str]] = {"before": "from"}
    before: str | None = None
    to: str | None = None
    reason: str = ""
    detail: str = ""


class CheckFlapping(Body):
    KIND = "check.flapping"
    #: Changes of state within the last ``seconds``.
    changes: int
    seconds: float = 0.0


class CheckSteady(Body):
    KIND = "check.steady"
    changes: int = 0
    seconds: float = 0.0


class CheckMuted(Body):
    KIND = "check.muted"
    until: datetime
    reason: str = ""


class CheckUnmuted(Body):
    KIND = "check.unmuted"


class ObserverSuspected(Body):
    """Nearly every target became unreachable at once: this machine's own network is the likelier cause."""

    KIND = "observer.suspect"
    KEYS: ClassVar[Mapping[str, str]] = {"targets": "of"}
    unreached: int
    targets: int


class ObserverCleared(Body):
    KIND = "observer.cleared"
