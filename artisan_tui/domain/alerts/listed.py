"""Alerts as one source says them, and as the list shows them: one row for the same alert, whoever says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from artisan_tui.domain.alerts.fingerprint import fingerprint


class AlertState(Enum):
    """Worst first. Several reasons may hold at once; the state is the first of them in this order that applies."""

    FIRING = "firing"
    NOT_SEEN = "not_seen"
    PENDING = "pending"
    INHIBITED = "inhibited"
    SILENCED = "silenced"
    MUTED = "muted"
    RESOLVED = "resolved"


RANK = {state: rank for rank, state in enumerate(AlertState)}
#: What holds an alert back, and is not over.
SUPPRESSED = frozenset({AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED})


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """What one source says of one alert at one moment.

    ``since`` is when it began to fire, or to be pending. ``ends_at`` is until when the source believes in it without
    hearing of it again, None where that is not known. ``within`` are the seconds by which Alertmanager may date it
    later than this source does. ``why`` are further reasons.
    """

    labels: Mapping[str, str]
    state: AlertState
    since: datetime
    annotations: Mapping[str, str] = field(default_factory=dict)
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    updated_at: datetime | None = None
    ends_at: datetime | None = None
    url: str = ""
    within: float = 0.0
    why: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def key(self) -> frozenset[tuple[str, str]]:
        """The same for the same labels."""
        return frozenset(self.labels.items())


class SourceKind(Enum):
    ALERTMANAGER = "alertmanager"
    PROMETHEUS = "prometheus"
    OWN = "artisan"


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One attempt to read a source. ``error`` says why it did not answer, "" when it did; then ``alerts`` count.

    ``up_since`` is when its process began. ``evaluated`` are, by the name of a rule, when it was evaluated last without
    an error; a rule without an evaluation is not among them.
    """

    url: str
    kind: SourceKind
    at: datetime
    error: str = ""
    alerts: tuple[SeenAlert, ...] = ()
    up_since: datetime | None = None
    evaluated: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        return not self.error


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One row. ``state`` now, ``was`` the state in which it was seen last, which is the same while it is seen.

    ``reasons`` are sentences. ``sources`` name who says it now, ``members`` how many of ``of`` members of the cluster; ``seen_by`` who said it
    last. ``gone_since`` is since when it is not seen, or when it was resolved.
    ``watchdog``: it must always fire, so it is no trouble while it does. ``also`` are its fingerprints elsewhere: a
    Prometheus lacks the labels that it adds for Alertmanager.
    """

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    state: AlertState
    since: datetime
    seen_at: datetime
    reasons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    members: int = 0
    of: int = 1
    was: AlertState = AlertState.FIRING
    gone_since: datetime | None = None
    updated_at: datetime | None = None
    ends_at: datetime | None = None
    url: str = ""
    receivers: tuple[str, ...] = ()
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    own: bool = False
    silenceable: bool = False
    watchdog: bool = False
    also: tuple[str, ...] = ()

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Every fingerprint that this alert has or had, its own first."""
        return (self.fingerprint, *self.also)

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")

    @property
    def counts(self) -> bool:
        """Whether it is counted among the others: the alert that must always fire is not, while it does."""
        return not (self.watchdog and self.there)

    @property
    def there(self) -> bool:
        """Whether some source says it now."""
        return self.state not in (AlertState.NOT_SEEN, AlertState.RESOLVED)


def listed(seen: SeenAlert, at: datetime, source: str, *, own: bool = False) -> ListedAlert:
    """A row of one source's word."""
    return ListedAlert(
        fingerprint(seen.labels),
        seen.labels,
        seen.annotations,
        seen.state,
        seen.since,
        at,
        seen.why,
        sources=(source,),
        seen_by=(source,),
        was=seen.state,
        updated_at=seen.updated_at,
        ends_at=seen.ends_at,
        url=seen.url,
        receivers=seen.receivers,
        silenced_by=seen.silenced_by,
        inhibited_by=seen.inhibited_by,
        own=own,
    )


def incident_of(row: ListedAlert, attached: Mapping[str, str]) -> str:
    """The incident that has this alert under any of its fingerprints, "" for none. ``attached`` is by fingerprint."""
    return next((found for each in row.fingerprints if (found := attached.get(each))), "")


def with_also(row: ListedAlert, fingerprints: Iterable[str]) -> ListedAlert:
    """``row``, known by these fingerprints besides."""
    also = tuple(dict.fromkeys(each for each in (*row.also, *fingerprints) if each != row.fingerprint))
    return row if also == row.also else replace(row, also=also)


_SEVERITIES = {"critical": 0, "page": 0, "sev1": 0, "error": 1, "high": 1, "sev2": 1, "warning": 2, "ticket": 2}


def worst_first(rows: list[ListedAlert]) -> list[ListedAlert]:
    """What fires first, then by severity, then the oldest; what was resolved last."""
    return sorted(
        rows,
        key=lambda row: (
            row.watchdog and row.there,
            RANK[row.state],
            _SEVERITIES.get(row.severity.lower(), 3),
            row.since,
            row.name,
            sorted(row.labels.items()),
        ),
    )


def runbook_of(labels: Mapping[str, str], annotations: Mapping[str, str], wanted: str = "runbook") -> str:
    """The id or URL of the alert's runbook, "" without one: from the label or annotation ``wanted``, else the usual."""
    for name in (wanted, "runbook", "runbook_url"):
        for texts in (labels, annotations):
            if texts.get(name):
                return texts[name]
    return ""
