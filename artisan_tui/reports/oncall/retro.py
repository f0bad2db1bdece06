"""The draft of the retro after a shift: what happened is filled in, what to make of it is the people's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import stamp
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.oncall.checklists import ChecklistState
from artisan_tui.domain.oncall.retro import RetroFacts
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import date_time_text, full_text
from artisan_tui.reports.oncall.checklists import in_language


def retro_text(facts: RetroFacts, zone: ZoneInfo, names: Mapping[str, str]) -> str:
    """Markdown. ``names`` are those of people by id."""
    who = ", ".join(escaped(names.get(each, each)) for each in facts.people) or _("nobody by the rotation")
    since, until = full_text(facts.since, zone), full_text(facts.until, zone)
    lines = [
        f"# {_('Post-on-call retro')}: {who}, {since} - {until}",
        "",
        _(
            "A draft: the facts are from the journal, the rest is to be written by those who were on call. Blameless: it is about systems."
        ),
        "",
        *_section(_("The shift in numbers"), _numbers(facts)),
        *_section(_("Incidents"), _incidents(facts.incidents, zone)),
        *_section(_("What rang most"), _counts(facts.alerts)),
        *_section(_("Checks that were down"), _counts(facts.down)),
        *_section(_("Runbooks"), _runs(facts)),
        *_section(_("Checklists"), _checklists(facts)),
        *_section(_("Notes"), _notes(facts, zone)),
        *_section(_("What went well"), ["- "]),
        *_section(_("What cost time or sleep"), [*(f"- {each}" for each in _questions(facts)), "- "]),
        *_section(_("What is changed"), [*_action_table()]),
        *_section(_("To the next shift"), ["- "]),
    ]
    return "\n".join(lines)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(lines or [_("None.")]), ""]


def _numbers(facts: RetroFacts) -> list[str]:
    severities = ", ".join(f"Sev{level} {facts.count(level)}" for level in range(1, 5) if facts.count(level))
    succeeded = sum(each.run.state == "succeeded" for each in facts.runs)
    back = sum(each.rolled_back for each in facts.runs)
    rows = [
        [_("Incidents"), f"{len(facts.incidents)}" + (f" ({severities})" if severities else "")],
        [_("Time to acknowledge, mean"), _span(facts.mtta)],
        [_("Time to resolve, mean"), _span(facts.mttr)],
        [_("Pages"), str(len(facts.pages))],
        [_("Pages at night, 22:00 to 08:00"), str(facts.nights)],
        [_("Runs of runbooks"), _("{n}, {ok} succeeded, {back} rolled back").format(n=len(facts.runs), ok=succeeded, back=back)],
    ]  # fmt: skip
    return table([_("What"), _("How many")], rows)


def _span(seconds: float | None) -> str:
    return "-" if seconds is None else span_text(seconds)


def _incidents(incidents: Sequence[Incident], zone: ZoneInfo) -> list[str]:
    rows = []
    for each in incidents:
        took = each.at("resolved")
        span = None if took is None else max(0.0, (took - each.declared_at).total_seconds())
        rows.append(
            [
                escaped(each.id),
                f"Sev{each.peak}",
                escaped(each.title),
                date_time_text(each.declared_at, zone),
                _span(span),
                escaped(each.root_cause) or "-",
            ]
        )
    head = ["ID", _("Severity"), _("Title"), _("Declared"), _("Resolved after"), _("Root cause")]
    return table(head, rows) if rows else []


def _counts(counts: Sequence[tuple[str, int]]) -> list[str]:
    return [f"- {escaped(name)}: {n}x" for name, n in counts]


def _runs(facts: RetroFacts) -> list[str]:
    lines = []
    for each in facts.runs:
        run = each.run
        back = f", {_('rolled back')}" if each.rolled_back else ""
        lines.append(f"- {escaped(run.id)} {escaped(run.runbook)}: {run.state}, {_span(each.seconds)}{back}")
    return lines


def _checklists(facts: RetroFacts) -> list[str]:
    """A row for each checklist: how many were due, done, late; then those that were not done."""
    by_id: dict[str, list[ChecklistState]] = {}
    for each in facts.checklists:
        by_id.setdefault(each.id, []).append(each)
    rows = [
        [
            escaped(in_language(listed[0].title, listed[0].title_ko)),
            str(len(listed)),
            str(sum(each.complete for each in listed)),
            str(sum(each.late() for each in listed)),
            str(sum(not each.complete for each in listed)),
            escaped(", ".join(dict.fromkeys(name for each in listed for name in each.who))) or "-",
        ]
        for listed in by_id.values()
    ]
    head = [_("Checklist"), _("Due"), _("Done"), _("Late"), _("Not done"), _("Ticked by")]
    return table(head, rows) if rows else []


def _notes(facts: RetroFacts, zone: ZoneInfo) -> list[str]:
    return [f"- {date_time_text(at, zone)} {escaped(who, 60)}: {escaped(text)}" for at, who, text in facts.notes]


def _questions(facts: RetroFacts) -> Iterator[str]:
    """What the facts ask by themselves."""
    if facts.nights:
        said = ngettext(
            "{n} page at night. Could it have waited for the morning?",
            "{n} pages at night. Which could have waited for the morning?",
            facts.nights,
        )
        yield said.format(n=facts.nights)
    for name, n in facts.alerts[:3]:
        if n > 2:
            said = _("{alert} fired {n} times. Is its threshold right, and did anybody act on it?")
            yield said.format(alert=escaped(name), n=n)
    for each in facts.without_run:
        said = _("{incident} ({title}): no runbook was run. Is one missing?")
        yield said.format(incident=escaped(each.id), title=escaped(each.title, 80))
    slow = [each for each in facts.incidents if each.at("resolved") is None]
    for each in slow:
        said = _("{incident} was not resolved when this was written. Who has it now, and what is next?")
        yield said.format(incident=escaped(each.id))
    for run in facts.runs:
        if run.run.state in ("failed", "aborted") or run.rolled_back:
            said = _("{run} ({runbook}) did not go as planned. What has to be corrected in the runbook?")
            yield said.format(run=escaped(run.run.id), runbook=escaped(run.run.runbook))
    missed = Counter(each.id for each in facts.checklists if not each.complete)
    lists = {each.id: each.checklist for each in facts.checklists}
    for name, n in missed.items():
        checklist = lists[name]
        said = ngettext(
            "The checklist {title} was not done. Is it too long, or not needed?",
            "The checklist {title} was not done {n} times. Is it too long, or not needed?",
            n,
        )
        yield said.format(title=escaped(in_language(checklist.title, checklist.title_ko)), n=n)


def _action_table() -> list[str]:
    return table([_("Action"), _("Owner"), _("Due")], [["", "", ""]])


def retro_json(facts: RetroFacts, names: Mapping[str, str]) -> dict[str, object]:
    """Times in seconds, null where there is none."""
    return {
        "since": stamp(facts.since),
        "until": stamp(facts.until),
        "people": [{"id": each, "name": printable(names.get(each, each), 80)} for each in facts.people],
        "incidents": [
            {"id": each.id, "title": printable(each.title, 200), "severity": f"Sev{each.peak}",
             "status": each.status, "declared_at": stamp(each.declared_at), "root_cause": each.root_cause or None}
            for each in facts.incidents
        ],
        "by_severity": {f"Sev{level}": facts.count(level) for level in range(1, 5)},
        "mtta": facts.mtta,
        "mttr": facts.mttr,
        "pages": [
            {"incident": each.incident, "person": each.person or None, "at": stamp(each.at), "night": each.night}
            for each in facts.pages
        ],
        "night_pages": facts.nights,
        "alerts": dict(facts.alerts),
        "checks_down": dict(facts.down),
        "runs": [
            {"run": each.run.id, "runbook": each.run.runbook, "state": each.run.state,
             "rolled_back": each.rolled_back, "seconds": each.seconds}
            for each in facts.runs
        ],
        "without_run": [each.id for each in facts.without_run],
        "checklists": [
            {"id": each.id, "key": each.key, "done": each.done, "total": each.total,
             "complete": each.complete, "late": each.late(), "who": list(each.who)}
            for each in facts.checklists
        ],
        "notes": [{"at": stamp(at), "who": printable(who, 60), "text": printable(text, 500)}
                  for at, who, text in facts.notes],
    }  # fmt: skip
