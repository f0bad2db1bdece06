"""When a tick of a drill was: the debrief counts in ticks, the board and its time machine in moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from artisan_tui.domain.drills import events as kinds
from artisan_tui.engine.drills.folders import DrillPlace, NoDrill
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

_TICK: Final = re.compile(r"\+(\d{1,4}):([0-5]\d)")
_STANDS: Final = kinds.DrillPaused.KIND
_KINDS: Final = (
    kinds.DrillMessageArrived.KIND,
    _STANDS,
    kinds.DrillResumed.KIND,
    kinds.DrillHintTaken.KIND,
    kinds.DrillEnded.KIND,
)
#: What a tick led to is on the screen a moment after it.
_AFTER: Final = timedelta(seconds=1)


class KnownTick(NamedTuple):
    """The journal has that it was ``tick`` at ``at``; ``stands``: from then on it stayed so."""

    tick: int
    at: datetime
    stands: bool = False


def tick_of(text: str) -> int | None:
    """The tick that ``+02:30`` names, as debriefs write it; None for anything else."""
    found = _TICK.fullmatch(text.strip())
    return None if found is None else int(found[1]) * 60 + int(found[2])


def moment_of(known: Sequence[KnownTick], tick: int, speed: float) -> datetime | None:
    """When it was this tick. Between two known ones it is in proportion, after the last one by ``speed``.

    None before the first one.
    """
    before = [index for index, each in enumerate(known) if each.tick <= tick]
    if not before:
        return None
    at = before[-1]
    last = known[at]
    if last.tick == tick:
        # A drill that stood still at this tick showed it from its first moment on.
        return next(each for each in known if each.tick == tick).at
    if last.stands:
        return last.at
    if at + 1 < len(known):
        coming = known[at + 1]
        share = (tick - last.tick) / (coming.tick - last.tick)
        return last.at + (coming.at - last.at) * share
    return last.at + timedelta(seconds=(tick - last.tick) / (speed or 1.0))


def known_ticks(store: Store) -> tuple[KnownTick, ...]:
    """In the store's thread. Raises StoreError."""
    found = [event for kind in _KINDS for event in store.journal.page(10**6, kind=kind)]
    return tuple(
        KnownTick(tick, event.occurred_at, event.kind == _STANDS)
        for event in sorted(found, key=lambda each: each.seq)
        if isinstance(tick := event.body.get("tick"), int)
    )


@dataclass(frozen=True, slots=True)
class MomentOfTick:
    """The query for the moment of a tick of the drill that this session's store is of. LookupError for none."""

    tick: int

    async def run(self, core: Core) -> datetime:
        known = await core.ask(known_ticks)
        if not known:
            raise LookupError(_("this store is not of a drill: a tick, like +02:30, names no moment of it"))
        try:
            speed = float(DrillPlace(core.options.place.state_dir).about.get("speed", 1.0))
        except (NoDrill, TypeError, ValueError):
            speed = 1.0
        found = moment_of(known, self.tick, speed)
        if found is None:
            raise LookupError(_("the drill had not begun at that tick"))
        return min(found + _AFTER, core.clock.now())
