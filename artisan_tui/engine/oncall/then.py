"""Who was on call, the hand-over and the checklists, as they were shown at a past moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice, DueChecklist
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.engine.oncall.slice import GapView, LevelNow, OnCallSlice, SwapView
from artisan_tui.engine.past.kinds import PieceKind, Then
from artisan_tui.engine.past.packing import Packing

# They follow from rotations and files that may have changed since: what was shown is kept.
_ON_CALL = PieceKind(
    "on-call", OnCallSlice, lambda found: (("", found),), packing=Packing((OnCallSlice, LevelNow, GapView, SwapView))
)
_HANDOFF = PieceKind("handoff", HandoffSlice, lambda found: (("", found),), packing=Packing((HandoffSlice,)))
_CHECKLISTS = PieceKind(
    "checklists", ChecklistSlice, lambda found: (("", found),), packing=Packing((ChecklistSlice, DueChecklist))
)
KEPT: Final = (_ON_CALL, _HANDOFF, _CHECKLISTS)
STATES: Final = (OnCallChanges,)


def past(then: Then) -> Sequence[object]:
    """As they were kept; who was on call, before that, by the rotations of now and the overrides and swaps of then.

    `PeopleSlice` is that of the configuration now: whom to call is wanted now.
    """
    from artisan_tui.engine.oncall.views import on_call_slice, people_slice

    on_call = then.piece(_ON_CALL)
    if on_call is None:
        names = {each.id: each.name or each.id for each in then.config.people}
        on_call = on_call_slice(
            then.states.get(OnCallChanges),
            then.config.escalation.ladder,
            then.at,
            lambda person: names.get(person, person),
        )
    return (
        on_call,
        people_slice(then.config),
        then.piece(_HANDOFF) or HandoffSlice(),
        then.piece(_CHECKLISTS) or ChecklistSlice(),
    )
