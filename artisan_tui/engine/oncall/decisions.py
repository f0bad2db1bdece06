"""What the commands that change who is on call lead to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import OnCallOverridden, OnCallOverrideEnded, OnCallTaken
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import OnCallOverride, Why
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.oncall.arguments import coming, span_said
from artisan_tui.engine.oncall.deciding import upon_the_journal
from artisan_tui.engine.oncall.notices import told
from artisan_tui.engine.oncall.swapping import undo_swap
from artisan_tui.i18n import _

#: An override longer than this belongs into the configuration.
_LONGEST = timedelta(days=60)


@upon_the_journal
def override(present: Present, given: Mapping[str, Any]) -> Decision:
    rules, schedule, now = present.state(IncidentRules), present.state(OnCallChanges).schedule, present.now
    level, person = _level(given, rules), given["person"]
    start = coming(given["from"], present) or now
    end = coming(given["to"], present, after=max(start, now))
    assert end is not None  # the command needs it
    _check(start, end, now)
    if person not in schedule.reachable:
        said = _("{person} has no contact in [[person]]: nobody could reach them; nothing was changed")
        raise CommandRefused(said.format(person=person))
    body = OnCallOverridden(level=level, person=person, start=start, end=end, reason=given["reason"] or "")
    name = _id("ovr", now)
    until = span_said(start, end, rules.zone)
    replaced = _replaced(schedule, level, start, end, person)
    said = _("{person} is on call for {level}, {span} ({id})").format(person=person, level=level, span=until, id=name)
    if replaced:
        said += "; " + _("instead of {people}").format(people=", ".join(replaced))
    hidden = [each.id for each in schedule.overrides if each.level == level and each.start < end and start < each.end]
    if hidden:
        said += "; " + _("it hides {ids} for some of that time").format(ids=", ".join(hidden))
    text = f"{person} is on call for {level} {until} instead of {', '.join(replaced) or 'nobody'}: {body.reason or '-'}"
    entry = body.entry(now, present.actor, name)
    return Decision(told(rules, entry, f"On call: {person}", text, (person, *replaced), now), said, subject=name)


@upon_the_journal
def take(present: Present, given: Mapping[str, Any]) -> Decision:
    rules, schedule, now = present.state(IncidentRules), present.state(OnCallChanges).schedule, present.now
    level, person = _level(given, rules), rules.person_of(present.actor)
    if person not in present.ids.get("person", ()):
        said = _("the login {login} is no [[person]]: nobody could reach you; add one with logins and contacts")
        raise CommandRefused(said.format(login=present.actor))
    if person not in schedule.reachable:
        said = _("{person} has no contact in [[person]]: nobody could reach them; nothing was changed")
        raise CommandRefused(said.format(person=person))
    before = schedule.on_call(level, now)
    if before == (person,):
        raise CommandRefused(_("you are on call for {level} already").format(level=level))
    end = coming(given["to"], present, after=now) or _shift_end(schedule, level, now)
    _check(now, end, now)
    body = OnCallTaken(level=level, person=person, start=now, end=end, reason=given["reason"] or "", people=before)
    name = _id("ovr", now)
    until = span_said(now, end, rules.zone)
    said = _("you are on call for {level}, {span} ({id})").format(level=level, span=until, id=name)
    if before:
        said += "; " + _("instead of {people}").format(people=", ".join(before))
    text = f"{person} took over {level} from {', '.join(before) or 'nobody'}, {until}: {body.reason or '-'}"
    entry = body.entry(now, present.actor, name)
    return Decision(told(rules, entry, f"On call: {person}", text, (person, *before), now), said, subject=name)


@upon_the_journal
def undo(present: Present, given: Mapping[str, Any]) -> Decision:
    changes, now = present.state(OnCallChanges), present.now
    found = changes.override(given["change"])
    if found is None:
        return undo_swap(present, given["change"], given["reason"] or "")
    rules = present.state(IncidentRules)
    _may_end(present, rules, found)
    body = OnCallOverrideEnded(level=found.level, person=found.person, reason=given["reason"] or "")
    entry = body.entry(now, present.actor, found.id)
    others = changes.schedule.changed(
        tuple(each for each in changes.overrides if each.id != found.id), changes.schedule.swaps
    )
    back = others.on_call(found.level, max(now, found.start))
    who = ", ".join(back) or _("nobody")
    said = _("{id} is over: {people} on call for {level}").format(id=found.id, people=who, level=found.level)
    text = f"{found.person} is not on call for {found.level} any more; {', '.join(back) or 'nobody'} is"
    return Decision(told(rules, entry, "On call", text, (found.person, *back), now), said, subject=found.id)


def _may_end(present: Present, rules: IncidentRules, found: OnCallOverride) -> None:
    """Who took it over, or made it, may give it back; others override it again, which needs the right to."""
    person = rules.person_of(present.actor)
    if person != found.person and rules.person_of(found.actor) != person:
        said = _("{id} was made by {actor} for {person}: one of them ends it, or a commander overrides it")
        raise CommandRefused(said.format(id=found.id, actor=found.actor, person=found.person))


def _level(given: Mapping[str, Any], rules: IncidentRules) -> str:
    ladder = rules.policy.ladder
    wanted = given["level"] or ladder[0]
    for level in ladder:
        if level.casefold() == wanted.casefold():
            return level
    said = _("there is no level {level}: write one of {levels}")
    raise CommandMisused(said.format(level=wanted, levels=", ".join(ladder)))


def _check(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise CommandMisused(_("it would end before it begins, or at once: nothing was changed"))
    if end <= now:
        raise CommandRefused(_("it would be over already: nothing was changed"))
    if end - start > _LONGEST:
        said = _("that is more than {days} days: change the [[rotation]] instead")
        raise CommandRefused(said.format(days=_LONGEST.days))


def _replaced(schedule: Schedule, level: str, start: datetime, end: datetime, person: str) -> tuple[str, ...]:
    """Who would be on call then."""
    found = (each.person for each in schedule.shifts(level, start, end) if each.why is not Why.STANDING)
    return tuple(dict.fromkeys(each for each in found if each != person))


def _shift_end(schedule: Schedule, level: str, now: datetime) -> datetime:
    """When the shift of who is on call ends, a day from now where nobody's does."""
    ends = [each.end for each in schedule.shifts_at(level, now) if each.why is not Why.STANDING]
    if ends:
        return min(ends)
    edge = next((each for each in schedule.edges(level, now, now + timedelta(days=1)) if each > now), None)
    return edge or now + timedelta(days=1)


def _id(kind: str, now: datetime) -> str:
    return f"{kind}-{now:%Y%m%d}-{secrets.token_hex(2)}"
