"""One alert in full, as names and texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, runbook_of
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.listing import alert_state_word
from artisan_tui.reports.moments import full_text, moment_text
from artisan_tui.reports.read_back import read_back

_LONGEST = 4000


def alert_facts(
    row: ListedAlert,
    silences: Sequence[Silence],
    zone: tzinfo,
    now: datetime,
    runbook_label: str,
    incident: str = "",
) -> list[tuple[str, str]]:
    """(name, text) of everything that is known of an alert, what matters first. ``incident`` has it, "" for none."""
    facts = [
        (_("alert"), row.name),
        (_("state"), state_text(row, zone, now)),
        *((_("reason"), reason_text(reason, silences, zone, now)) for reason in row.reasons),
        (_("since"), f"{full_text(row.since, zone)} ({minutes_text(max(0.0, (now - row.since).total_seconds()))})"),
        (_("last seen"), full_text(row.seen_at, zone, seconds=True)),
        (_("severity"), row.severity),
        (_("incident"), incident),
        (_("runbook"), runbook_of(row.labels, row.annotations, runbook_label)),
        *((name, row.annotations[name]) for name in ("summary", "description") if row.annotations.get(name)),
        (_("sources"), sources_text(row)),
        (_("receivers"), ", ".join(row.receivers)),
        (_("link"), row.url),
        (_("fingerprint"), row.fingerprint),
        *((f"{{{name}}}", value) for name, value in sorted(row.labels.items())),
        *(
            (f"[{name}]", value)
            for name, value in sorted(row.annotations.items())
            if name not in ("summary", "description")
        ),
    ]
    return [(printable(name, 60), printable(text, _LONGEST)) for name, text in facts if text]


def state_text(row: ListedAlert, zone: tzinfo, now: datetime) -> str:
    """``not seen since 12:04 (was firing)``"""
    word = alert_state_word(row.state)
    if row.gone_since is None:
        return word
    time = moment_text(row.gone_since, zone, now)
    if row.state is AlertState.NOT_SEEN:
        return _("not seen since {time} (was {state})").format(time=time, state=alert_state_word(row.was))
    return _("{state} at {time}").format(state=word, time=time)


def reason_text(reason: str, silences: Sequence[Silence], zone: tzinfo, now: datetime, *, brief: bool = False) -> str:
    """With who silenced it, until when and why, where the silence is known; ``brief``: without its id."""
    id = reason.removeprefix("silenced by ")
    found = next((each for each in silences if each.id == id), None)
    if found is None or id == reason:
        return read_back(reason)
    said = _("until {time} by {who}: {why}") if brief else _("silenced until {time} by {who}: {why} ({id})")
    until = moment_text(found.ends_at, zone, now)
    return said.format(time=until, who=found.created_by, why=found.comment, id=id)


def sources_text(row: ListedAlert) -> str:
    """``http://a:9093, http://p:9090 (1/2 members)``"""
    said = ", ".join(row.sources) or _("no source now; last: {sources}").format(sources=", ".join(row.seen_by))
    if row.of < 2 or not row.silenceable:
        return said
    return f"{said} ({members_text(row)})"


def members_text(row: ListedAlert) -> str:
    """``1/2``: how many members of the cluster have it."""
    return f"{row.members}/{row.of}"
