"""What alerts write into the journal. The subject is the id of what the alert is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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


class OutsideAlert(Body):
    """What every entry about an alert of Alertmanager or Prometheus says. The subject is its fingerprint."""

    labels: Mapping[str, str]
    name: str = ""


class AlertSeen(OutsideAlert):
    """It fires, and did not before."""

    KIND = "alert.seen"
    annotations: Mapping[str, str] = _NONE
    since: datetime
    sources: tuple[str, ...] = ()
    ends: datetime | None = None
    #: "yes" when Alertmanager has it: only then a silence can hit it.
    silenceable: str = ""


class AlertNamed(OutsideAlert):
    """The same alert has other fingerprints in other sources. An incident that has it under one of them has this alert."""

    KIND = "alert.named"
    also: tuple[str, ...] = ()


class AlertOver(OutsideAlert):
    """It was resolved, and something proves it."""

    KIND = "alert.over"
    #: Seconds since it began.
    lasted: float = 0.0


class AlertingBlind(Body):
    """Nothing would be heard of a new alert."""

    KIND = "alerting.blind"
    reason: str = ""


class AlertingSees(Body):
    KIND = "alerting.sees"
    #: Seconds without sight.
    lasted: float = 0.0


class SilenceBody(Body):
    """What every entry about a silence says. The subject is its id in Alertmanager."""

    matchers: str
    comment: str = ""


class SilenceIntended(SilenceBody):
    """What is about to be asked of Alertmanager. The subject is the mark of the intent: no id is known yet."""

    KIND = "silence.intended"
    ROUTINE = True
    #: "create", "replace", "extend" or "end".
    verb: str
    #: The id of the silence that it is about, or that it replaces or restores, "" for none.
    silence: str = ""
    #: The matchers that are replaced.
    before: str = ""
    until: datetime | None = None
    #: As in `SilenceCreated`.
    hits: int = 0
    alerts: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    until_quiet: str = ""
    #: Why it is to end.
    reason: str = ""
    #: The alert that is acknowledged with it: fingerprint, name and labels. "" for none.
    alert: str = ""
    name: str = ""
    labels: Mapping[str, str] = _NONE
    #: The process that asks, as in `run.started`.
    owner: str = ""


class SilenceUnwritten(SilenceBody):
    """Nothing came of an intent. The subject is its mark."""

    KIND = "silence.unwritten"
    verb: str = ""
    reason: str = ""


class SilenceDone(SilenceBody):
    """What every entry says that an intent came to."""

    #: The mark of the intent, "" for what was written by a version without intents.
    intent: str = ""
    #: "yes" where nobody who did it wrote it down: it was found at Alertmanager afterwards.
    found: str = ""


class SilenceCreated(SilenceDone):
    KIND = "silence.created"
    until: datetime
    #: How many alerts it hit when it was created, and their fingerprints.
    hits: int = 0
    alerts: tuple[str, ...] = ()
    #: Who will not hear that they are resolved.
    receivers: tuple[str, ...] = ()
    #: "yes" for a silence of "acknowledge and silence": it ends when nothing matches any more.
    until_quiet: str = ""
    #: The id of the silence that it replaces or restores, "" for none.
    replaces: str = ""


class SilenceExtended(SilenceDone):
    """The same id, another end or comment."""

    KIND = "silence.extended"
    until: datetime


class SilenceExpired(SilenceDone):
    KIND = "silence.expired"
    #: Why it ended before its time, "" when a person ended it.
    reason: str = ""


class SilenceLost(SilenceBody):
    """No member knows it, although it should be in force."""

    KIND = "silence.lost"
    until: datetime


class AlertAcknowledged(OutsideAlert):
    """A person works on it. This alone changes nothing in Alertmanager."""

    KIND = "alert.acknowledged"
    #: The silence that was created with it, "" for none.
    silence: str = ""
