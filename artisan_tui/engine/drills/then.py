"""The simulated stack and a live drill, as they were shown at a past moment.

The store has of a drill what the leading session showed. Not in it: what only the facilitator sees, which must not be
read by players; and every tick: it is counted on from the last change at the speed of then, and may be a second off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from artisan_tui.engine.drills.slice import DrillAim, DrillMessage, DrillSlice, LiveDrillSlice, StackFault
from artisan_tui.engine.past.kinds import PieceKind, Then, Weighed
from artisan_tui.engine.past.packing import Packing


def _weigh(found: LiveDrillSlice, at: datetime) -> Weighed:
    shown = found._replace(truth=None, conducts=False)
    still = shown._replace(tick=0)
    return Weighed(shown, still, still)


_STACK = PieceKind("stack", DrillSlice, lambda found: (("", found),), packing=Packing((DrillSlice, StackFault)))
_LIVE = PieceKind(
    "drill",
    LiveDrillSlice,
    lambda found: (("", found),),
    _weigh,
    Packing((LiveDrillSlice, DrillMessage, DrillAim)),
)
KEPT: Final = (_STACK, _LIVE)


def past(then: Then) -> Sequence[object]:
    """As they were kept; no drill where nothing was."""
    live: LiveDrillSlice = then.piece(_LIVE) or LiveDrillSlice()
    since = then.piece_at(_LIVE)
    if live.state == "runs" and since is not None:
        gone = int((then.at - since).total_seconds() * live.speed)
        live = live._replace(tick=max(live.tick, min(live.tick + gone, live.ends or live.tick + gone)))
    return (then.piece(_STACK) or DrillSlice(), live)
