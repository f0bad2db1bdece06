"""The draft of a postmortem: blameless, filled from the timeline, with questions where only people know the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from artisan_tui.domain.incidents.fold import elapsed
from artisan_tui.domain.incidents.metrics import detected_at
from artisan_tui.domain.span import span_text
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.comms import PRIORITIES
from artisan_tui.reports.incidents.export import IncidentRecord, item_lines, timeline_lines
from artisan_tui.reports.incidents.timeline import timeline
from artisan_tui.reports.markdown import escaped
from artisan_tui.reports.moments import full_text

_WHYS = 5
_SORTS = {
    "prevent": N_("What would have prevented it?"),
    "detect": N_("What would have shown it earlier?"),
    "mitigate": N_("What would have made it shorter or smaller?"),
}


def postmortem_draft(record: IncidentRecord, zone: tzinfo) -> str:
    """Markdown in the language in use, with a newline at its end. Brackets hold what is still to be answered."""
    incident = record.incident
    detected = detected_at(incident)
    lasted = elapsed(detected, incident.at("resolved"))
    lines = [
        f"# {'DRILL ' if incident.drill else ''}{_('Postmortem')}: {escaped(incident.title, 200)}",
        "",
        _("Blameless: this text is about systems and decisions, not about persons. Names say who knows more."),
        "",
        f"- **{_('Incident')}**: {incident.id}",
        f"- **{_('Severity')}**: Sev{incident.peak} ({PRIORITIES[incident.peak]})",
        f"- **{_('Began')}**: {full_text(detected, zone)}",
        f"- **{_('Lasted')}**: {span_text(lasted.total_seconds()) if lasted is not None else _ask(_('how long?'))}",
        f"- **{_('Owner')}**: {escaped(incident.postmortem.owner) or _ask(_('who?'))}",
    ]
    if incident.postmortem.due is not None:
        lines.append(f"- **{_('Due')}**: {full_text(incident.postmortem.due, zone)}")
    lines += [
        *_part(_("Summary"), [escaped(incident.description, 1000) or _ask(_("what happened, in three sentences?"))]),
        *_part(_("Impact"), [_ask(_("who noticed what: requests, users, money, error budget?"))]),
        *_part(_("Timeline"), timeline_lines(timeline(incident.id, record.events), zone)),
        *_screens(record),
        *_part(_("Root cause"), [escaped(incident.root_cause, 1000) or _ask(_("the cause, in one sentence?"))]),
        *_part(_("Five whys"), _whys(incident.root_cause)),
        *_part(_("What restored service"), [escaped(incident.resolution, 1000) or _ask(_("what helped?"))]),
        *_part(
            _("What went well, what did not, where we were lucky"),
            [f"- {_('Well')}: ", f"- {_('Not well')}: ", f"- {_('Luck')}: "],
        ),
        *_part(_("Action items"), _items(record, zone)),
    ]
    return "\n".join(lines) + "\n"


#: Moments of an incident at which it helps to see what people saw.
_SEEN = (
    ("declared", N_("Declared")),
    ("acknowledged", N_("Acknowledged")),
    ("mitigated", N_("Mitigated")),
    ("resolved", N_("Resolved")),
)


def _screens(record: IncidentRecord) -> list[str]:
    """How to see the board as it was: the command that opens it at each moment. Not of a drill, which had its own board."""
    if record.incident.drill:
        return []
    moments = [(N_("Detected"), detected_at(record.incident))]
    moments += [(name, at) for milestone, name in _SEEN if (at := record.incident.at(milestone)) is not None]
    lines = [f"- {_(name)}: `{at_command(at)}`" for name, at in moments]
    return _part(_("What the board showed then"), lines)


def at_command(at: datetime) -> str:
    """The command that opens the board at a moment, a second after it: what it led to is on the screen by then."""
    moment = (at.astimezone(UTC) + timedelta(seconds=1)).replace(microsecond=0)
    return f"artisan-tui --at {moment.isoformat().replace('+00:00', 'Z')}"


def _ask(question: str) -> str:
    return f"[{question}]"


def _part(title: str, lines: list[str]) -> list[str]:
    return ["", f"## {title}", "", *lines]


def _whys(cause: str) -> list[str]:
    first = escaped(cause, 300) or _ask(_("why did it happen?"))
    return [f"1. {first}", *(f"{n}. {_ask(_('why?'))}" for n in range(2, _WHYS + 1))]


def _items(record: IncidentRecord, zone: tzinfo) -> list[str]:
    known = {item.sort for item in record.incident.items if item.state != "dropped"}
    asked = [f"- {_ask(_(question))}" for sort, question in _SORTS.items() if sort not in known]
    found = item_lines(record.incident, zone)
    return [*found, *([""] if found and asked else []), *asked]
