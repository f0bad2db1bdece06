"""The two times the engine knows, injected so that tests can turn the hands."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, UTC. For people and records; it may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, also while the machine sleeps. For durations and schedules."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    if hasattr(time, "CLOCK_BOOTTIME"):
        # Unlike CLOCK_MONOTONIC this one goes on during suspend: a laptop opened
        # in the morning must not take last night's answers for fresh ones.
        def monotonic(self) -> float:
            return time.clock_gettime(time.CLOCK_BOOTTIME)

    else:

        def monotonic(self) -> float:
            return time.monotonic()
