"""What the ways of working through a checklist share: which one is meant, and the entries that a word on it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.checklist_journal import ChecklistJournal
from artisan_tui.domain.oncall.checklist_states import checklist_states, period_state
from artisan_tui.domain.oncall.checklists import FAILED, CalendarRule, ChecklistState, ItemState
from artisan_tui.domain.oncall.events import ChecklistOpened, ChecklistTicked, ChecklistVerified
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklists import began
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Entry
    from artisan_tui.domain.oncall.checklists import Checklist
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.oncall.checklist_verifying import VerifyPorts
    from artisan_tui.store.store import Store


def looked_entries(ports: VerifyPorts, state: ChecklistState, items: Sequence[ItemState]) -> list[Entry]:
    """What the program sees of these items, one after the other. Blocks."""
    from artisan_tui.engine.oncall.checklist_verifying import seen_of

    subject, found = subject_of(state, ports.now), []
    for each in items:
        seen = seen_of(ports, state, each.item)
        body = ChecklistVerified(item=each.id, outcome=seen.outcome, seen=seen.seen, title=each.title)
        found.append(body.entry(ports.now, ports.actor, subject))
    return found


def chosen(present: Present, store: Store, wanted: str) -> ChecklistState:
    """The checklist of this id, or ID/KEY: of several open ones the one that is due first. Raises CommandRefused."""
    checklist, (_id, _slash, key) = definition_of(present, wanted), wanted.partition("/")
    rules, journal = present.state(ChecklistRules), present.state(ChecklistJournal)
    schedule = present.state(OnCallChanges).schedule
    facts = rules.facts(present.now, began(store) or present.now, schedule)
    found = checklist_states([checklist], journal, facts, present.now)
    if key:
        named = period_state(checklist, key, journal, facts, present.now)
        found = tuple(each for each in found if each.key == key) or ((named,) if named is not None else ())
    elif isinstance(checklist.rule, CalendarRule):
        # By its id alone, today's is meant, and not what was left yesterday.
        found = tuple(sorted(found, key=lambda each: each.opened_at, reverse=True))[:1]
    if not found:
        said = _("no {id} is open now: nothing opened it; `artisan-tui checklist open {id}` does")
        if key:
            said = _("there is no {checklist}: see `artisan-tui checklist list`")
        raise CommandRefused(said.format(id=checklist.id, checklist=printable(wanted, 120)))
    # One that is under way; else a new one of those that people open; else the one that is done, to be corrected.
    return next((each for wanted in (_under_way, _new) for each in found if wanted(each)), found[0])


def _under_way(state: ChecklistState) -> bool:
    return state.opened and not state.complete


def _new(state: ChecklistState) -> bool:
    return not state.opened


def definition_of(present: Present, wanted: str) -> Checklist:
    """The checklist of an id, or of ID/KEY. Raises CommandRefused."""
    from artisan_tui.config.problems import ConfigError

    try:
        known = {each.id: each for each in present.state(ChecklistRules).checklists}
    except ConfigError as error:
        raise CommandRefused(str(error.problems[0])) from None
    checklist = known.get(wanted.partition("/")[0])
    if checklist is None:
        said = _("there is no checklist {id}; known: {known}")
        raise CommandMisused(said.format(id=printable(wanted, 80), known=", ".join(known) or "-"))
    return checklist


def item_of(state: ChecklistState, wanted: str) -> ItemState:
    found = state.item(wanted)
    if found is None:
        said = _("{id} has no item {item}; its items are {known}")
        known = ", ".join(each.id for each in state.items)
        raise CommandMisused(said.format(id=state.id, item=printable(wanted, 80), known=known))
    return found


def tick_entries(present: Present, state: ChecklistState, wanted: str, evidence: str) -> tuple[Entry, ...]:
    """Raises CommandRefused where evidence is asked for, and where the program saw that it is not so."""
    item = item_of(state, wanted)
    if not evidence.strip():
        if item.item.evidence:
            raise CommandRefused(_("{item} needs evidence: words, a number or a link").format(item=item.id))
        if item.state == FAILED and item.mark is not None and item.mark.verified:
            said = _("the program saw: {seen}; write as evidence why it is ticked all the same")
            raise CommandRefused(said.format(seen=item.mark.seen))
    return mark_entries(present, state, wanted, "done", evidence)


def mark_entries(present: Present, state: ChecklistState, wanted: str, how: str, evidence: str) -> tuple[Entry, ...]:
    """``how`` is done, failed or skipped; ``evidence`` is what was found, or the reason."""
    item = item_of(state, wanted)
    body = ChecklistTicked(item=item.id, state=how, evidence=evidence.strip(), title=item.title)
    return (*opening(present, state), body.entry(present.now, present.actor, subject_of(state, present.now)))


def subject_of(state: ChecklistState, now: datetime) -> str:
    """Of one that is not open, the one that the first word opens."""
    return state.subject if state.opened else new_subject(state.id, now)


def new_subject(checklist: str, now: datetime) -> str:
    """To the millisecond: two may be opened in one second."""
    return f"{checklist}/{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}"


def opening(present: Present, state: ChecklistState) -> tuple[Entry, ...]:
    """The entry that opens one that is not open yet."""
    if state.opened:
        return ()
    return (ChecklistOpened().entry(present.now, present.actor, subject_of(state, present.now)),)
