"""All incidents of a time in one text: what is open, what is overdue, and how long they took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from artisan_tui.domain.incidents.clocks import acknowledge_due, update_due
from artisan_tui.domain.incidents.incident import CANCELLED, ActionItem, Incident
from artisan_tui.domain.incidents.metrics import IncidentTimes, Times, metrics
from artisan_tui.domain.span import minutes_text
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.words import postmortem_word, status_word
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import date_text, full_text

_SPANS = {"mttd": N_("Time to detect"), "mtta": N_("Time to acknowledge"), "mttr": N_("Time to resolve")}


def incident_report(incidents: Iterable[Incident], since: datetime, until: datetime, zone: tzinfo) -> str:
    """Markdown about those declared in ``[since, until)``, and every one that is open. Newline at its end."""
    known = sorted(incidents, key=lambda each: (each.declared_at, each.id))
    within = [each for each in known if since <= each.declared_at < until]
    opened = [each for each in known if each.open]
    lines = [
        f"# {_('Incidents')}",
        "",
        _("{since} to {until}").format(since=full_text(since, zone), until=full_text(until, zone)),
        "",
        f"## {_('Open')}",
        "",
        *(_open_lines(opened, until, zone) or [_("None.")]),
        "",
        f"## {_('Times')}",
        "",
        _(
            "Median and 90th percentile in this time. Drills and cancelled incidents do not count, merged ones count once."
        ),
        "",
        *time_lines(metrics(within)),
        "",
        f"## {_('Declared in this time')}",
        "",
        *(_declared_lines(within, zone) or [_("None.")]),
        "",
        f"## {_('Overdue')}",
        "",
        *(overdue_lines(known, until, zone) or [_("Nothing.")]),
    ]
    return "\n".join(lines) + "\n"


def _open_lines(incidents: Sequence[Incident], now: datetime, zone: tzinfo) -> list[str]:
    rows = []
    for each in sorted(incidents, key=lambda one: (one.severity, one.declared_at)):
        deadline = acknowledge_due(each) or update_due(each)
        due = full_text(deadline, zone) if deadline is not None else ""
        age = minutes_text(max(0.0, (now - each.declared_at).total_seconds()))
        who = each.commander or each.acknowledged_by or _("nobody")
        rows.append(
            [each.id, f"Sev{each.severity}", status_word(each.status), escaped(who), age, due, escaped(each.title)]
        )
    head = [_("Id"), _("Severity"), _("Status"), _("Who"), _("Age"), _("Next due"), _("Title")]
    return table(head, rows) if rows else []


def _declared_lines(incidents: Sequence[Incident], zone: tzinfo) -> list[str]:
    rows = [
        [
            each.id,
            f"Sev{each.peak}",
            status_word(each.status) if not each.merged_into else _("part of {id}").format(id=each.merged_into),
            full_text(each.declared_at, zone),
            escaped(each.title) + (f" ({_('drill')})" if each.drill else ""),
        ]
        for each in incidents
    ]
    return table([_("Id"), _("Severity"), _("Status"), _("Declared"), _("Title")], rows) if rows else []


def time_lines(measured: Mapping[int, IncidentTimes]) -> list[str]:
    """A row for each severity: how many, and median / 90th percentile of each span with how many it is of."""
    rows = []
    for level, times in sorted(measured.items()):
        spans = (times.mttd, times.mtta, times.mttr)
        rows.append([f"Sev{level}", str(times.incidents), *map(_times_text, spans)])
    return table([_("Severity"), _("Incidents"), *(_(name) for name in _SPANS.values())], rows)


def _times_text(times: Times) -> str:
    if times.median is None or times.p90 is None:
        return "-"
    said = _("{median} / {p90} of {n}")
    return said.format(median=minutes_text(times.median), p90=minutes_text(times.p90), n=times.n)


def overdue(incidents: Iterable[Incident], now: datetime) -> list[tuple[Incident, ActionItem | None]]:
    """Action items and postmortems (None) whose date is over, oldest incident first."""
    found: list[tuple[Incident, ActionItem | None]] = []
    for each in incidents:
        if each.merged_into or each.status == CANCELLED:
            continue
        postmortem = each.postmortem
        if postmortem.pending and postmortem.due is not None and postmortem.due < now:
            found.append((each, None))
        found += [
            (each, item) for item in each.items if item.state == "open" and item.due is not None and item.due < now
        ]
    return found


def overdue_lines(incidents: Iterable[Incident], now: datetime, zone: tzinfo) -> list[str]:
    lines = []
    for each, item in overdue(incidents, now):
        if item is None:
            due, owner = each.postmortem.due, each.postmortem.owner
            what = f"{_('postmortem')} ({postmortem_word(each.postmortem.state)})"
        else:
            due, owner, what = item.due, item.owner, f"{item.id} {escaped(item.text)}"
        when = date_text(due, zone) if due is not None else "?"
        lines.append(f"- {each.id}: {what}, {escaped(owner) or '?'}, {when}")
    return lines


def report_document(incidents: Iterable[Incident], since: datetime, until: datetime) -> dict[str, object]:
    """`incident report --json`: seconds, and ids."""
    known = list(incidents)
    measured = metrics(each for each in known if since <= each.declared_at < until)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "open": [each.id for each in known if each.open],
        "severities": {
            f"Sev{level}": {
                "incidents": times.incidents,
                **{name: _document_of(getattr(times, name)) for name in _SPANS},
            }
            for level, times in sorted(measured.items())
        },
        "overdue": [
            {"incident": each.id, "item": None if item is None else item.id} for each, item in overdue(known, until)
        ],
    }


def _document_of(times: Times) -> dict[str, object]:
    return {"n": times.n, "median": times.median, "p90": times.p90}
