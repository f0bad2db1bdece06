"""The machine below the stack: disk, memory and CPU. Each approaches its target, so that a recovery takes seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: CPU use of a replica at usual traffic and the usual number of replicas.
USUAL_CPU: Final = 0.34
#: A CPU shows no more, however much is asked of it.
_FULL: Final = 0.97


@lru_cache(maxsize=64)
def _kept(tau: float) -> float:
    return math.exp(-1.0 / tau)


def approach(value: float, target: float, tau: float) -> float:
    """``value`` after a second of exponential approach to ``target`` with the time constant ``tau`` (s)."""
    return target + (value - target) * _kept(tau)


@dataclass(slots=True)
class Machine:
    """Shares of what there is, 0 to 1. ``demand`` is the CPU asked of a replica and may be above 1."""

    disk: float = 0.61
    memory: float = 0.58
    demand: float = USUAL_CPU

    @property
    def cpu(self) -> float:
        """The CPU use of a replica, 0 to 1."""
        return min(_FULL, max(0.01, self.demand))

    def tick(self, disk: float, memory: float, demand: float) -> None:
        """Approach the targets for a second."""
        self.disk = approach(self.disk, disk, 8.0)
        self.memory = approach(self.memory, memory, 5.0)
        self.demand = approach(self.demand, demand, 3.0)


def throttled(demand: float) -> float:
    """The share of requests that the CPU quota stops for some seconds, for a ``demand`` above the quota."""
    return 1.0 - 1.0 / demand if demand > 1.0 else 0.0
