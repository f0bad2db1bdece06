"""Swaps: asked by the one, accepted by the other login, undone by either before the first shift begins."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import SwapAccepted, SwapAsked, SwapDeclined
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Swap, SwapState
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.oncall.arguments import span_said, turn_of
from artisan_tui.engine.oncall.deciding import upon_the_journal
from artisan_tui.engine.oncall.notices import told
from artisan_tui.engine.oncall.swapping import answered, swap_there, terms
from artisan_tui.i18n import _


@upon_the_journal
def ask(present: Present, given: Mapping[str, Any]) -> Decision:
    rules, changes, now = present.state(IncidentRules), present.state(OnCallChanges), present.now
    giver, taker = rules.person_of(present.actor), given["with"]
    if giver not in present.ids.get("person", ()):
        said = _("the login {login} is no [[person]], so no shift is yours")
        raise CommandRefused(said.format(login=present.actor))
    if taker == giver:
        raise CommandRefused(_("that is yourself: name who takes your shift"))
    if taker not in changes.schedule.reachable:
        said = _("{person} has no contact in [[person]]: nobody could reach them; nothing was changed")
        raise CommandRefused(said.format(person=taker))
    rotation, start, end = _turn(changes.schedule, given["rotation"], given["shift"], giver, now)
    back_start: datetime | None = None
    back_end: datetime | None = None
    if given["for"]:
        _rotation, back_start, back_end = _turn(changes.schedule, rotation.id, given["for"], taker, now)
    for other in changes.pending(now):
        if (other.rotation, other.giver, other.start) == (rotation.id, giver, start):
            said = _("{id} already asks {person} for that shift: undo it first")
            raise CommandRefused(said.format(id=other.id, person=other.taker))
    name = f"swp-{now:%Y%m%d}-{secrets.token_hex(2)}"
    body = SwapAsked(
        rotation=rotation.id,
        giver=giver,
        taker=taker,
        start=start,
        end=end,
        back_start=back_start,
        back_end=back_end,
        reason=given["reason"] or "",
    )
    entry = body.entry(now, present.actor, name)
    mine = span_said(start, end, rotation.zone)
    text = f"{giver} asks you to take {rotation.id}, {mine}"
    if back_start is not None and back_end is not None:
        theirs = span_said(back_start, back_end, rotation.zone)
        text += f", and takes yours, {theirs}"
        said = _(
            "asked {person} to take your shift {mine} for theirs {theirs}; until they accept {id}, nothing changes"
        )
        said = said.format(person=taker, mine=mine, theirs=theirs, id=name)
    else:
        said = _("asked {person} to take your shift {mine}; until they accept {id}, nothing changes")
        said = said.format(person=taker, mine=mine, id=name)
    text += f". To accept: artisan-tui oncall accept {name}"
    return Decision(told(rules, entry, f"Swap {name}", text, (taker,), now), said, subject=name)


@upon_the_journal
def accept(present: Present, given: Mapping[str, Any]) -> Decision:
    swap, rules = _asked_of(present, given["swap"]), present.state(IncidentRules)
    schedule = present.state(OnCallChanges).schedule
    rotation = schedule.rotation(swap.rotation)
    if rotation is None:
        raise CommandRefused(_("there is no rotation {id} any more").format(id=swap.rotation))
    fits = schedule.turn_of(rotation, swap.start).person == swap.giver
    if swap.back_start is not None:
        fits = fits and schedule.turn_of(rotation, swap.back_start).person == swap.taker
    if not fits:
        said = _("{id} does not fit any more: the shifts belong to others now; ask again")
        raise CommandRefused(said.format(id=swap.id))
    said = _("{id} holds: you take {span} from {person}")
    mine = span_said(swap.start, swap.end, rotation.zone)
    text = f"{swap.taker} takes {swap.rotation}, {mine}, from {swap.giver}"
    said = said.format(id=swap.id, span=mine, person=swap.giver)
    if swap.back_start is not None and swap.back_end is not None:
        theirs = span_said(swap.back_start, swap.back_end, rotation.zone)
        said += "; " + _("{person} takes {span} for it").format(person=swap.giver, span=theirs)
        text += f"; {swap.giver} takes {theirs}"
    return answered(present, swap, SwapAccepted(**terms(swap)), text, said, rules)


@upon_the_journal
def decline(present: Present, given: Mapping[str, Any]) -> Decision:
    swap, rules = _asked_of(present, given["swap"]), present.state(IncidentRules)
    said = _("{id} is declined: everything stays as it is").format(id=swap.id)
    return answered(present, swap, SwapDeclined(**terms(swap)), f"{swap.taker} declined", said, rules)


def _asked_of(present: Present, wanted: str) -> Swap:
    """The swap, when it waits for the person who acts. Who asked cannot consent for the other."""
    swap = swap_there(present, wanted)
    person = present.state(IncidentRules).person_of(present.actor)
    if swap.state is not SwapState.ASKED:
        raise CommandRefused(_("{id} was answered already").format(id=swap.id))
    if present.now >= swap.begins:
        raise CommandRefused(_("the first shift of {id} has begun: it is too late").format(id=swap.id))
    if person != swap.taker:
        said = _("{id} waits for {taker}: only they can answer, from a login of theirs")
        raise CommandRefused(said.format(id=swap.id, taker=swap.taker))
    return swap


def _turn(
    schedule: Schedule, named: str | None, text: str, person: str, now: datetime
) -> tuple[Rotation, datetime, datetime]:
    """The turn of ``person`` that is meant. Raises CommandRefused when it is another's, or has begun."""
    rotations = [each for each in schedule.rotations if each.people and named in (None, "", each.id)]
    if not rotations:
        known = ", ".join(each.id for each in schedule.rotations) or "-"
        raise CommandMisused(_("there is no rotation {id}: there are {known}").format(id=named or "", known=known))
    others: list[str] = []
    for rotation in rotations:
        start = turn_of(rotation, text, now)
        owner = schedule.turn_of(rotation, start).person
        end = rotation.start(rotation.turn_at(start) + 1)
        if owner == person:
            if start <= now:
                said = _("the shift {span} has begun: take on-call over instead")
                raise CommandRefused(said.format(span=span_said(start, end, rotation.zone)))
            return rotation, start, end
        others.append(_("{rotation}: {person}, {span}").format(
            rotation=rotation.id, person=owner, span=span_said(start, end, rotation.zone)
        ))  # fmt: skip
    said = _("{person} has no shift then: {others}")
    raise CommandRefused(said.format(person=person, others="; ".join(others)))
