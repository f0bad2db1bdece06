"""The time before a drill begins: usual traffic, so that rates and shares are known and true from the first frame on.

It is a world of its own beside that of the play, which it never touches: what is scored begins at tick 0. The metrics
show the sum of both, so no counter falls when the drill begins.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.drill.play import prepare, settings_of
from artisan_tui.drill.stack import SimulatedStack

#: Seconds that have passed when the stack is first read: as long as the longest window of a shipped check.
PAST: Final = 300
#: Seconds of it a second. The first two looks are a second apart, and a percentile of twenty requests says nothing.
PACE: Final = 10
#: The traffic before is that of another hour.
_OTHER_SEED: Final = 1


class TimeBefore:
    """Runs `PACE` times as fast as ``clock``, whatever the speed of the drill is. ``stack`` is the one of the play."""

    def __init__(self, scenario: Scenario, stack: SimulatedStack, clock: Callable[[], float] = time.monotonic) -> None:
        past = SimulatedStack(stack.seed + _OTHER_SEED, settings=settings_of(scenario))
        prepare(past.world, scenario)
        past.traffic.fills(stack.traffic)
        self._world, self._clock, self._since = past.world, clock, clock()
        self._world.advance_to(PAST)

    def advance(self) -> None:
        """Let the time pass that passed since the last call; of a long time only the end is simulated."""
        tick = PAST + math.floor(PACE * (self._clock() - self._since))
        self._world.skip_to(tick - PAST)
        self._world.advance_to(tick)
