"""What the answers to a swap have in common, and its undoing."""

from __future__ import annotations

from typing import Any

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import SwapBody, SwapUndone
from artisan_tui.domain.oncall.shift import Swap, SwapState
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.oncall.notices import told
from artisan_tui.i18n import _


def undo_swap(present: Present, wanted: str, reason: str) -> Decision:
    swap, rules = swap_there(present, wanted), present.state(IncidentRules)
    person = rules.person_of(present.actor)
    if person not in (swap.giver, swap.taker):
        said = _("{id} is between {giver} and {taker}: one of them undoes it")
        raise CommandRefused(said.format(id=swap.id, giver=swap.giver, taker=swap.taker))
    if swap.state not in (SwapState.ASKED, SwapState.ACCEPTED):
        raise CommandRefused(_("{id} does not hold any more").format(id=swap.id))
    if present.now >= swap.begins:
        said = _("the first shift of {id} has begun: override on-call instead")
        raise CommandRefused(said.format(id=swap.id))
    said = _("{id} is undone: everything is as it was").format(id=swap.id)
    body = SwapUndone(**{**terms(swap), "reason": reason})
    return answered(present, swap, body, f"{person} undid the swap {swap.id}", said, rules)


def answered(present: Present, swap: Swap, body: SwapBody, text: str, said: str, rules: IncidentRules) -> Decision:
    """Both are told."""
    entry = body.entry(present.now, present.actor, swap.id)
    entries = told(rules, entry, f"Swap {swap.id}", text, (swap.giver, swap.taker), present.now)
    return Decision(entries, said, subject=swap.id)


def terms(swap: Swap) -> dict[str, Any]:
    """What every entry about it says."""
    return {
        "rotation": swap.rotation,
        "giver": swap.giver,
        "taker": swap.taker,
        "start": swap.start,
        "end": swap.end,
        "back_start": swap.back_start,
        "back_end": swap.back_end,
        "reason": swap.reason,
    }


def swap_there(present: Present, wanted: str) -> Swap:
    """Raises CommandRefused for a swap that is not there."""
    swap = present.state(OnCallChanges).swap(wanted)
    if swap is None:
        raise CommandRefused(_("there is no swap {id}").format(id=wanted))
    return swap
