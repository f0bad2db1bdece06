"""What alerts write into the journal. The subject is the id of what the alert is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from artisan_tui.domain.journal_body import Body

_NONE: Mapping[str, str] = MappingProxyType({})


class AlertBody(Body):
    """What every entry about an alert says."""

    #: The same for the same alert; see `AlertCondition.key`.
    key: str = ""
    source: str = ""
    labels: Mapping[str, str] = _NONE
    #: "page" or "ticket".
    severity: str
    name: str = ""


class AlertFired(AlertBody):
    """With the windows that burned too fast, in minutes, and the burn rate's limit as a decimal number."""

    long: int | None = None
    short: int | None = None
    factor: str | None = None


class AlertRaised(AlertFired):
    KIND = "alert.raised"


class AlertReopened(AlertFired):
    KIND = "alert.reopened"


class AlertSeverityChanged(AlertFired):
    KIND = "alert.changed"


class AlertResolved(AlertBody):
    KIND = "alert.resolved"
    #: Seconds since it was raised.
    lasted: float = 0.0
