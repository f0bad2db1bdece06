"""The clock of the simulated stack."""

from __future__ import annotations

import time


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
