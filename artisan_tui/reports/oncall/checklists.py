"""Checklists in words and in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.event import stamp
from artisan_tui.domain.oncall.checklists import DONE, FAILED, OPEN, SKIPPED, CalendarRule, ItemState, OccasionRule
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language, ngettext
from artisan_tui.reports.moments import moment_text
from artisan_tui.reports.read_back import read_back

if TYPE_CHECKING:
    from artisan_tui.domain.oncall.checklists import Checklist, ChecklistState

#: How an item stands, as a mark that ASCII has.
MARKS: Final = {OPEN: "[ ]", DONE: "[x]", FAILED: "[!]", SKIPPED: "[-]"}
_EVERY: Final = {"day": N_("daily"), "week": N_("weekly"), "month": N_("monthly"), "quarter": N_("quarterly")}
_ON: Final = {
    "maintenance.planned": N_("before maintenance"),
    "maintenance.start": N_("when maintenance begins"),
    "maintenance.end": N_("after maintenance"),
    "rollback": N_("after a rollback"),
    "incident.resolved": N_("when an incident is resolved"),
    "shift": N_("before a shift"),
}


def in_language(english: str, korean: str, limit: int = 300) -> str:
    """A text of the file in the language in use, printable."""
    return printable(korean if korean and language() == "ko" else english, limit)


def when_text(checklist: Checklist) -> str:
    """What opens it: "daily", "after a rollback", "by hand"."""
    rule = checklist.rule
    if isinstance(rule, CalendarRule):
        return _(_EVERY[rule.every])
    return _(_ON[rule.occasion]) if isinstance(rule, OccasionRule) else _("by hand")


def due_text(state: ChecklistState, at: datetime, zone: tzinfo) -> str:
    """When it is due, how late it is, or when it was done."""
    if state.complete and state.when is not None:
        done = moment_text(state.when, zone, at)
        return (_("done {time}, late") if state.late() else _("done {time}")).format(time=done)
    if not state.opened:
        return _("not open")
    if state.due is None:
        return _("no date")
    due = moment_text(state.due, zone, at)
    if state.overdue(at):
        late = minutes_text((at - state.due).total_seconds())
        return _("OVERDUE {span}, since {time}").format(span=late, time=due)
    if at >= state.due:
        return _("was due {time}").format(time=due)
    return _("due {time}").format(time=due)


def missed_text(state: ChecklistState) -> str:
    """The periods before that went by, "" for none."""
    if not state.missed:
        return ""
    return ngettext("missed once before", "missed {n} times before", state.missed).format(n=state.missed)


def mark_text(item: ItemState, at: datetime, zone: tzinfo) -> str:
    """Who said it, when, and with what evidence; "" while nobody did."""
    mark = item.mark
    if mark is None:
        return ""
    who = f"{mark.who} {moment_text(mark.when, zone, at)}"
    seen = read_back(mark.seen)
    if mark.verified == "ok":
        return _("verified: {seen} ({who})").format(who=who, seen=seen)
    if mark.verified == "failed":
        return _("NOT SO: {seen} ({who})").format(who=who, seen=seen)
    if mark.verified:
        return _("cannot be told: {seen}").format(seen=seen)
    word = {FAILED: _("NOT SO"), SKIPPED: _("left out")}.get(mark.state, "")
    said = ": ".join(filter(None, (word, mark.evidence)))
    text = f"{who}: {said}" if said else who
    return _("{text} (the program saw: {seen})").format(text=text, seen=seen) if seen else text


def needs_text(item: ItemState) -> str:
    """What an open item wants: evidence, a look of the program, a runbook."""
    wants = []
    if item.item.verify is not None:
        wants.append(_("can be verified"))
    if item.item.evidence:
        wants.append(_("needs evidence"))
    if item.item.runbook:
        wants.append(_("runbook {id}").format(id=item.item.runbook))
    return ", ".join(wants)


def checklist_lines(states: Sequence[ChecklistState], at: datetime, zone: tzinfo) -> Iterator[str]:
    """One line for each."""
    width = max((len(each.subject) for each in states if each.key), default=0)
    for each in states:
        name = each.subject if each.key else each.id
        parts = [f"{each.done}/{each.total}", due_text(each, at, zone), missed_text(each), printable(each.about, 120)]
        title = in_language(each.title, each.title_ko)
        yield f"{name:<{width}}  " + "  ".join(filter(None, (*parts[:2], title, *parts[2:])))


def one_checklist_lines(state: ChecklistState, at: datetime, zone: tzinfo) -> Iterator[str]:
    """The whole of one, item by item."""
    head = [in_language(state.title, state.title_ko), f"{state.done}/{state.total}", due_text(state, at, zone)]
    yield "  ".join(filter(None, (*head, printable(state.about, 200), missed_text(state))))
    width = max((len(each.id) for each in state.items), default=0)
    for item in state.items:
        said = mark_text(item, at, zone) or needs_text(item)
        title = in_language(item.title, item.title_ko)
        yield f"{MARKS[item.state]} {item.id:<{width}}  {title}" + (f" - {said}" if said else "")


def checklist_json(state: ChecklistState, at: datetime) -> dict[str, object]:
    """One checklist as a document: times in UTC, null for what is not there."""
    return {
        "id": state.id,
        "key": state.key or None,
        "title": state.title,
        "title_ko": state.title_ko or None,
        "source": list(state.checklist.source),
        "about": state.about or None,
        "opened_at": stamp(state.opened_at) if state.opened else None,
        "due": None if state.due is None else stamp(state.due),
        "state": _state_of(state, at),
        "done": state.done,
        "total": state.total,
        "missed": state.missed,
        "last_completed": None if state.last is None else stamp(state.last),
        "completed_at": stamp(state.when) if state.complete and state.when is not None else None,
        "items": [_item_json(each) for each in state.items],
    }


def _state_of(state: ChecklistState, at: datetime) -> str:
    if state.complete:
        return "complete"
    if not state.opened:
        return "closed"
    return "overdue" if state.overdue(at) else "open"


def _item_json(item: ItemState) -> dict[str, object]:
    mark = item.mark
    return {
        "id": item.id,
        "title": item.title,
        "title_ko": item.title_ko or None,
        "state": item.state,
        "who": item.who or None,
        "at": None if mark is None else stamp(mark.when),
        "evidence": item.evidence or None,
        "verified": None if mark is None or not mark.verified else mark.verified,
        "seen": item.said or None,
        "can_be_verified": item.item.verify is not None,
        "needs_evidence": item.item.evidence,
        "runbook": item.item.runbook or None,
    }


def definitions_json(checklists: Iterable[Checklist]) -> list[dict[str, object]]:
    """What there is, whether open or not."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "title_ko": each.title_ko or None,
            "every": each.rule.every if isinstance(each.rule, CalendarRule) else None,
            "on": each.rule.occasion if isinstance(each.rule, OccasionRule) else None,
            "items": len(each.items),
            "source": list(each.source),
        }
        for each in checklists
    ]
