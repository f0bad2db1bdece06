"""What the commands of checklists lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.checklists import ChecklistState, OccasionRule
from artisan_tui.domain.oncall.events import (
    ChecklistDropped,
    ChecklistOpened,
    ChecklistUnticked,
)
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.oncall.checklist_acts import (
    chosen,
    definition_of,
    item_of,
    looked_entries,
    mark_entries,
    new_subject,
    opening,
    tick_entries,
)
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Entry
    from artisan_tui.engine.oncall.checklist_verifying import VerifyPorts
    from artisan_tui.store.store import Store


Entries = tuple["Entry", ...]


def tick(present: Present, given: Mapping[str, Any]) -> Decision:
    def entries(state: ChecklistState) -> Entries:
        return tick_entries(present, state, given["item"], given["evidence"] or "")

    return _written(present, given, entries, _("ticked"))


def fail(present: Present, given: Mapping[str, Any]) -> Decision:
    def entries(state: ChecklistState) -> Entries:
        return mark_entries(present, state, given["item"], "failed", given["found"])

    return _written(present, given, entries, _("written down"))


def skip(present: Present, given: Mapping[str, Any]) -> Decision:
    def entries(state: ChecklistState) -> Entries:
        return mark_entries(present, state, given["item"], "skipped", given["reason"])

    return _written(present, given, entries, _("left out"))


def untick(present: Present, given: Mapping[str, Any]) -> Decision:
    def entries(state: ChecklistState) -> Entries:
        item = item_of(state, given["item"])
        if item.mark is None:
            raise CommandRefused(_("nobody has ticked {item}").format(item=item.id))
        body = ChecklistUnticked(item=item.id, reason=given["reason"] or "", title=item.title)
        return (body.entry(present.now, present.actor, state.subject),)

    return _written(present, given, entries, _("open again"))


def drop(present: Present, given: Mapping[str, Any]) -> Decision:
    def entries(state: ChecklistState) -> Entries:
        if not state.opened:
            raise CommandRefused(_("{id} is not open").format(id=state.id))
        return (ChecklistDropped(reason=given["reason"]).entry(present.now, present.actor, state.subject),)

    return _written(present, given, entries, _("{checklist} is not needed").format(checklist=given["checklist"]))


def open_new(present: Present, given: Mapping[str, Any]) -> Decision:
    """One that nothing opens, or that an occasion opens, which may have been missed. The calendar opens its own."""
    checklist = definition_of(present, given["checklist"])
    if checklist.rule is not None and not isinstance(checklist.rule, OccasionRule):
        raise CommandRefused(_("{id} opens by the calendar").format(id=checklist.id))
    subject = new_subject(checklist.id, present.now)
    entry = ChecklistOpened(about=given["about"] or "").entry(present.now, present.actor, subject)
    return Decision((entry,), _("opened {checklist}").format(checklist=subject), subject=subject)


def verify(present: Present, given: Mapping[str, Any]) -> Decision:
    """Looks first, for as long as that takes; what was seen is written down then."""
    rules = present.state(RunRules)
    if rules.state is None:
        raise CommandRefused(_("{title} needs a running session").format(title=_("Verify")))

    def begin(store: Store) -> Decision:
        state = chosen(present, store, given["checklist"])
        items = [item_of(state, given["item"])] if given["item"] else list(state.items)
        items = [each for each in items if each.item.verify is not None]
        if not items:
            raise CommandRefused(_("the program cannot verify this: a person ticks it"))
        seen: list[Entry] = []

        def write(store: Store) -> Decision:
            written = store.append((*opening(present, state), *seen), at=present.now)
            return Decision(said=_said_of(seen), written=written)

        return Decision(ready=lambda: seen.extend(looked_entries(_ports(present, rules), state, items)), change=write)

    return Decision(change=begin)


def _written(
    present: Present, given: Mapping[str, Any], entries: Callable[[ChecklistState], Entries], said: str
) -> Decision:
    """What follows depends on the store: when it began says which checklists there are."""

    def write(store: Store) -> Decision:
        state = chosen(present, store, given["checklist"])
        return Decision(said=said, written=store.append(entries(state), at=present.now), subject=state.subject)

    return Decision(change=write)


def _ports(present: Present, rules: RunRules) -> VerifyPorts:
    from artisan_tui.engine.oncall.checklist_verifying import VerifyPorts

    assert rules.state is not None
    schedule = present.state(OnCallChanges).schedule
    return VerifyPorts(rules, rules.state, rules.environ, present.actor, present.now, schedule)


def _said_of(seen: Sequence[Entry]) -> str:
    outcomes = [str(each.body["outcome"]) for each in seen]
    well, bad = outcomes.count("ok"), outcomes.count("failed")
    if len(seen) == 1:
        return str(seen[0].body["seen"])
    return _("{ok} as expected, {failed} not, {unknown} not known").format(
        ok=well, failed=bad, unknown=len(seen) - well - bad
    )
