"""Alerts as one JSON document, and as lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, incident_of, runbook_of
from artisan_tui.domain.alerts.matchers import matchers_text
from artisan_tui.domain.alerts.silence import OurSilence, Silence
from artisan_tui.domain.event import stamp
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.moments import moment_text
from artisan_tui.reports.read_back import read_back

_WORDS = {
    AlertState.FIRING: N_("firing"),
    AlertState.NOT_SEEN: N_("not seen"),
    AlertState.PENDING: N_("pending"),
    AlertState.INHIBITED: N_("inhibited"),
    AlertState.SILENCED: N_("silenced"),
    AlertState.MUTED: N_("muted"),
    AlertState.RESOLVED: N_("resolved"),
}

#: No alert is attached to an incident.
NONE_ATTACHED: Final[Mapping[str, str]] = {}


def alert_state_word(state: AlertState) -> str:
    return _(_WORDS[state])


def alert_document(row: ListedAlert, runbook_label: str, incident: str | None = None) -> dict[str, object]:
    """One alert of `alert list --json`. Times are UTC; ``runbook`` is null without one."""
    return {
        "fingerprint": row.fingerprint,
        "also": list(row.also),
        "name": row.name,
        "labels": dict(row.labels),
        "annotations": dict(row.annotations),
        "state": row.state.value,
        "reasons": list(row.reasons),
        "since": stamp(row.since),
        "seen_at": stamp(row.seen_at),
        "sources": list(row.sources),
        "runbook": runbook_of(row.labels, row.annotations, runbook_label) or None,
        "incident": incident,
        "last_state": row.was.value,
        "not_seen_since": stamp(row.gone_since) if row.state is AlertState.NOT_SEEN and row.gone_since else None,
        "resolved_at": stamp(row.gone_since) if row.state is AlertState.RESOLVED and row.gone_since else None,
        "members": {"with": row.members, "of": row.of},
        "silences": list(row.silenced_by),
        "receivers": list(row.receivers),
        "url": row.url or None,
    }


def silence_document(silence: Silence) -> dict[str, object]:
    return {
        "id": silence.id,
        "matchers": matchers_text(silence.matchers),
        "starts_at": stamp(silence.starts_at),
        "ends_at": stamp(silence.ends_at),
        "created_by": silence.created_by,
        "comment": silence.comment,
        "state": silence.state,
    }


def lost_document(silence: OurSilence) -> dict[str, object]:
    return {
        "id": silence.id,
        "matchers": silence.matchers,
        "ends_at": stamp(silence.ends_at),
        "created_by": silence.created_by,
        "comment": silence.comment,
        "state": "lost",
    }


def counts_of(rows: Iterable[ListedAlert]) -> Mapping[AlertState, int]:
    """How many are in which state; without the alert that must always fire."""
    tally = Counter(row.state for row in rows if row.counts)
    return {state: tally[state] for state in AlertState if tally[state]}


def counts_sentence(rows: Sequence[ListedAlert], *, unheard: bool) -> str:
    """``4 firing, 1 silenced``; a question mark where no source answers: nobody knows then."""
    if unheard:
        return _("alerts: ? (no source answers)")
    found = counts_of(rows)
    said = [f"{number} {alert_state_word(state)}" for state, number in found.items()]
    return ", ".join(said) or _("no alerts")


def told_labels(labels: Mapping[str, str], limit: int = 200) -> str:
    """``svc=api team=b``: without what stands elsewhere."""
    left_out = {"alertname", "severity", "runbook", "runbook_url"}
    return printable(
        " ".join(f"{name}={value}" for name, value in sorted(labels.items()) if name not in left_out), limit
    )


def when_text(row: ListedAlert, zone: tzinfo, now: datetime) -> str:
    """How old it is; for what is gone, since when."""
    if row.state is AlertState.NOT_SEEN and row.gone_since is not None:
        return _("since {time}").format(time=moment_text(row.gone_since, zone, now))
    at = row.gone_since if row.state is AlertState.RESOLVED and row.gone_since is not None else row.since
    return minutes_text(max(0.0, (now - at).total_seconds()))


def reasons_text(row: ListedAlert) -> str:
    return "; ".join(printable(read_back(reason), 300) for reason in row.reasons)


def alert_lines(
    rows: Sequence[ListedAlert], zone: tzinfo, now: datetime, incidents: Mapping[str, str] = NONE_ATTACHED
) -> list[str]:
    """A line an alert: state, severity, name, age, its incident, labels, reasons. ``incidents`` are by fingerprint."""
    width = max((len(row.name) for row in rows), default=0)
    found = []
    for row in rows:
        state = alert_state_word(row.state)
        parts = [
            row.fingerprint,
            f"{state:<10}",
            f"{printable(row.severity, 9):<9}",
            f"{printable(row.name, 60):<{min(width, 60)}}",
            f"{when_text(row, zone, now):>9}",
            *filter(None, (incident_of(row, incidents),)),
            told_labels(row.labels),
        ]
        reasons = reasons_text(row)
        found.append("  ".join(parts).rstrip() + (f"  ({reasons})" if reasons else ""))
    return found
