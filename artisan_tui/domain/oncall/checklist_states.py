"""How every checklist stands at a moment: which are open, what is ticked, what is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.oncall.checklist_calendar import period_at, period_before
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal, Happened
from artisan_tui.domain.oncall.checklists import (
    CalendarRule,
    Checklist,
    ChecklistState,
    ItemState,
    Mark,
    OccasionRule,
)
from artisan_tui.domain.oncall.shift import Shift

#: An occasion longer ago opens nothing any more; a checklist that a person opened stays so long, too.
REMEMBERED: Final = timedelta(days=14)
#: Periods that are looked back for ones that went by.
_MISSED_AT_MOST: Final = 12
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ChecklistFacts:
    """What checklists depend on besides the journal. ``since`` is when the store began; None: not known.

    ``windows`` are maintenance windows of the configuration around the moment, ``shifts`` those of who answers first.
    """

    zone: ZoneInfo
    since: datetime | None = None
    windows: tuple[Window, ...] = ()
    shifts: tuple[Shift, ...] = ()


def checklist_states(
    checklists: Iterable[Checklist], journal: ChecklistJournal, facts: ChecklistFacts, at: datetime
) -> tuple[ChecklistState, ...]:
    """Overdue first, then open ones by their due date, then complete ones, the newest first.

    Of a checklist of the calendar the present period, and the one before where it was begun and left; of others every
    one of the last two weeks.
    """
    happened = tuple(journal.happened(at))
    found = [
        each
        for checklist in checklists
        for each in _of(checklist, journal, facts, at, happened)
        if each.subject not in journal.dropped
    ]
    return tuple(sorted(found, key=lambda each: _rank(each, at)))


def due_between(
    checklists: Iterable[Checklist], journal: ChecklistJournal, facts: ChecklistFacts, since: datetime, until: datetime
) -> tuple[ChecklistState, ...]:
    """Every one that was due in ``[since, until)``, done or not, as it stands now. At most two weeks back for occasions."""
    found: list[ChecklistState] = []
    happened = tuple(journal.happened(until))
    for checklist in checklists:
        rule = checklist.rule
        if isinstance(rule, CalendarRule):
            period = period_at(rule, since, facts.zone)
            while period.start < until:
                if since <= period.due < until and _known(facts, period.due):
                    found.append(_state(checklist, journal, period.key, period.start, period.due))
                period = period_at(rule, period.end, facts.zone)
        else:
            found += [
                each
                for each in _of(checklist, journal, facts, until, happened)
                if each.due is not None and since <= each.due < until
            ]
    return tuple(each for each in found if each.subject not in journal.dropped)


def _rank(state: ChecklistState, at: datetime) -> tuple[int, float, str]:
    if state.complete:
        return 3, -(state.when or state.opened_at).timestamp(), state.subject
    if not state.opened:
        return 2, 0.0, state.subject
    due = state.due.timestamp() if state.due is not None and not state.excused else float("inf")
    return (0 if state.overdue(at) else 1), due, state.subject


def _of(
    checklist: Checklist,
    journal: ChecklistJournal,
    facts: ChecklistFacts,
    at: datetime,
    happened: Sequence[Happened],
) -> Iterator[ChecklistState]:
    rule = checklist.rule
    if isinstance(rule, CalendarRule):
        left = _left(checklist, rule, journal, facts, at)
        yield _of_period(checklist, rule, journal, facts, at, left)
        if left is not None:
            yield left
        return
    keys = set()
    if isinstance(rule, OccasionRule):
        for key, opened_at, due, about in _openings(rule, facts, at, happened):
            keys.add(key)
            yield _state(checklist, journal, key, opened_at, due, about)
    for subject, (opened_at, _who, about) in journal.opened.items():
        name, _slash, key = subject.partition("/")
        if name == checklist.id and key not in keys and at - REMEMBERED < opened_at <= at:
            by = opened_at + rule.within if isinstance(rule, OccasionRule) else None
            yield _state(checklist, journal, key, opened_at, by, about)
    if rule is None:
        # It can be begun at any time: the first tick opens it.
        yield ChecklistState(checklist, "", at, None, _items(checklist, {}), opened=False)


def period_state(
    checklist: Checklist, key: str, journal: ChecklistJournal, facts: ChecklistFacts, at: datetime
) -> ChecklistState | None:
    """The period ``key`` of a checklist of the calendar, when it is the present one or the one before; None for others.

    Whoever begins before midnight may end after it, also where nothing was ticked before.
    """
    rule = checklist.rule
    if not isinstance(rule, CalendarRule):
        return None
    present = period_at(rule, at, facts.zone)
    for period in (present, period_before(rule, present, facts.zone)):
        if period.key == key and f"{checklist.id}/{key}" not in journal.dropped:
            return _state(checklist, journal, period.key, period.start, period.due)
    return None


def _left(
    checklist: Checklist, rule: CalendarRule, journal: ChecklistJournal, facts: ChecklistFacts, at: datetime
) -> ChecklistState | None:
    """The period before the present one, where it was begun and not completed in its time: it can still be completed."""
    period = period_before(rule, period_at(rule, at, facts.zone), facts.zone)
    state = _state(checklist, journal, period.key, period.start, period.due)
    if state.when is None or state.subject in journal.dropped:
        return None
    return None if state.complete and state.when < period.end else state


def _of_period(
    checklist: Checklist,
    rule: CalendarRule,
    journal: ChecklistJournal,
    facts: ChecklistFacts,
    at: datetime,
    left: ChecklistState | None,
) -> ChecklistState:
    """``left`` is listed by itself, so it is none that went by."""
    period = period_at(rule, at, facts.zone)
    missed, last, before = 0, None, period
    for _number in range(_MISSED_AT_MOST):
        before = period_before(rule, before, facts.zone)
        state = _state(checklist, journal, before.key, before.start, before.due)
        if state.complete:
            last = state.when
            break
        if facts.since is None or before.due <= facts.since or state.subject in journal.dropped:
            break
        missed += left is None or state.key != left.key
    found = _state(checklist, journal, period.key, period.start, period.due)
    excused = facts.since is None or period.due <= facts.since
    return ChecklistState(
        checklist, found.key, found.opened_at, found.due, found.items, missed=missed, last=last, excused=excused
    )


def _openings(
    rule: OccasionRule, facts: ChecklistFacts, at: datetime, happened: Sequence[Happened]
) -> Iterator[tuple[str, datetime, datetime, str]]:
    """(key, opened, due, what about) of everything that opens a checklist with this rule."""
    if rule.occasion == "maintenance.planned":
        for window in facts.windows:
            opens = window.start - rule.ahead
            if opens <= at < max(window.end, window.start + REMEMBERED) and _known(facts, window.start):
                yield f"{window.id}@{window.start:%Y%m%dT%H%MZ}", opens, window.start, window.reason
        return
    if rule.occasion == "shift":
        for shift in facts.shifts:
            opens = shift.start - rule.ahead
            if opens <= at < shift.end and _known(facts, shift.start):
                yield f"{shift.person}@{shift.start:%Y%m%dT%H%MZ}", opens, shift.start, shift.person
        return
    for each in happened:
        if each.kind != rule.occasion or not at - REMEMBERED < each.at <= at:
            continue
        if rule.severities and each.severity not in rule.severities:
            continue
        if each.kind == "rollback" and not each.rolled_back and each.runbook not in rule.runbooks:
            continue
        yield each.subject, each.at, each.at + rule.within, each.about


def _known(facts: ChecklistFacts, moment: datetime) -> bool:
    """What was due before the store began was nobody's to do. Where that is not asked, everything is."""
    return facts.since is None or moment > facts.since


def _state(
    checklist: Checklist,
    journal: ChecklistJournal,
    key: str,
    opened_at: datetime,
    due: datetime | None,
    about: str = "",
) -> ChecklistState:
    marks = journal.marks.get(f"{checklist.id}/{key}", {})
    return ChecklistState(checklist, key, opened_at, due, _items(checklist, marks), about)


def _items(checklist: Checklist, marks: Mapping[str, Mark]) -> tuple[ItemState, ...]:
    return tuple(ItemState(each, marks.get(each.id)) for each in checklist.items)
