"""Every two seconds: tell the bus, and notice when this process stood still or somebody set the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.session.events import ClockJumped, SessionStoodStill
from artisan_tui.engine.bus import Bus, Ticked
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.garbage import GARBAGE
from artisan_tui.engine.identity import OBSERVER

#: Seconds between two ticks.
TICK = 2.0
#: A tick later than this many seconds means that this process stood still (SIGSTOP, suspend), and not what it watches.
STOOD_STILL = 10.0
#: The wall clock moving this many seconds more or less than the monotonic one was set, not read.
JUMPED = 30.0


class Ticker:
    """``find`` receives what there is to write down."""

    def __init__(self, clock: Clock, bus: Bus, find: Callable[[Sequence[Entry]], None]) -> None:
        self._clock, self._bus, self._find = clock, bus, find

    async def run(self) -> None:
        """Until cancelled."""
        mono, wall = self._clock.monotonic(), self._clock.now()
        while True:
            await asyncio.sleep(TICK)
            mono_now, wall_now = self._clock.monotonic(), self._clock.now()
            await self.tick(mono_now - mono, (wall_now - wall).total_seconds())
            mono, wall = mono_now, wall_now

    async def tick(self, missed: float, passed: float) -> None:
        """``missed`` monotonic seconds since the tick before, ``passed`` on the wall clock."""
        entries = clock_entries(missed, passed, self._clock.now())
        if entries:
            self._find(entries)
        await self._bus.tell(Ticked(missed, passed))
        GARBAGE.tidy()


def clock_entries(missed: float, passed: float, now: datetime) -> list[Entry]:
    """What the journal is told about the two clocks."""
    entries = []
    if missed > STOOD_STILL:
        entries.append(SessionStoodStill(seconds=round(missed)).entry(now, OBSERVER))
    if abs(passed - missed) > JUMPED:
        entries.append(ClockJumped(seconds=round(passed - missed)).entry(now, OBSERVER))
    return entries
