"""The clocks of the simulated stack."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class StackClock:
    """``elapsed`` is monotonic seconds since the start, ``wall`` Unix seconds. ``speed`` multiplies both."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._steady = time.monotonic()
        self._wall = time.time()

    def elapsed(self) -> float:
        """Simulated seconds since the start."""
        return (time.monotonic() - self._steady) * self.speed

    def wall(self) -> float:
        """Simulated Unix time in seconds."""
        return self._wall + self.elapsed()

    def moment(self, elapsed: float) -> float:
        """The Unix time of a moment of the stack, in seconds."""
        return self._wall + elapsed


class _Pace(NamedTuple):
    """From a moment on: the stack's seconds and the steady and Unix seconds then, and how fast it runs."""

    elapsed: float
    since: float
    wall: float
    speed: float


class DrillClock(StackClock):
    """A clock that can be stopped and can change its speed. It begins stopped, at the tick of a record.

    Unlike `StackClock`, ``wall`` is the real time whatever the speed: players look at a board whose clock is real, and
    an alert must not begin in its future.
    """

    def __init__(
        self,
        elapsed: float = 0.0,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self.speed = speed
        self.running = False
        self._now, self._unix = monotonic, unix
        self._paces = [_Pace(elapsed, monotonic(), unix(), 0.0)]

    def elapsed(self) -> float:
        """Simulated seconds since the start."""
        last = self._paces[-1]
        return last.elapsed + (self._now() - last.since) * last.speed

    def wall(self) -> float:
        """The real Unix time in seconds."""
        return self._unix()

    def moment(self, elapsed: float) -> float:
        """When the stack was at this moment, in Unix seconds."""
        pace = next((each for each in reversed(self._paces) if each.elapsed <= elapsed), self._paces[0])
        return pace.wall + (elapsed - pace.elapsed) / pace.speed if pace.speed else pace.wall

    def set_to(self, elapsed: float) -> None:
        """Be at this moment. Nothing was told of another one before."""
        self._paces = [_Pace(elapsed, self._now(), self._unix(), 0.0)]

    def run(self) -> None:
        """Go on, at the present `speed`."""
        self.running = True
        self._turn(self.speed)

    def stop(self) -> None:
        """Stand still."""
        self.running = False
        self._turn(0.0)

    def _turn(self, speed: float) -> None:
        if self._paces[-1].speed != speed:
            self._paces.append(_Pace(self.elapsed(), self._now(), self._unix(), speed))
