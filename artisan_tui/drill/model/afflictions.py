"""What is broken: the faults of the demo and further ones of scenarios, each with the tick since when it is active.

Some faults have a level, and may grow to it over a ramp. All others are there or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from artisan_tui.drill import faults

TRAFFIC_SURGE: Final = "traffic_surge"
DATABASE_SLOW: Final = "database_slow"
MODELS_DOWN: Final = "models_down"
CONNECTOR_DOWN: Final = "connector_down"
REGION_LOST: Final = "region_lost"
DATA_CORRUPTED: Final = "data_corrupted"

#: What the level of a fault means, and what it is unless told: a factor, or a share of all requests.
LEVELS: Final = {
    TRAFFIC_SURGE: 2.0,  # : factor of the arrivals
    DATABASE_SLOW: 4.0,  # : factor of the time of a query
    faults.LATENCY_HIGH: 3.3,  # : factor of the CPU time of a request
    faults.ERRORS_5XX: 0.08,  # : share of requests
    CONNECTOR_DOWN: 0.06,  # : share of requests
    DATA_CORRUPTED: 0.2,  # : share of requests that meet a damaged row
}
#: Levels that are factors begin at 1, shares at 0.
_FACTORS: Final = frozenset({TRAFFIC_SURGE, DATABASE_SLOW, faults.LATENCY_HIGH})
KNOWN: Final = (*faults.BY_ID, TRAFFIC_SURGE, DATABASE_SLOW, MODELS_DOWN, CONNECTOR_DOWN, REGION_LOST, DATA_CORRUPTED)


class UnknownFault(KeyError):
    """There is no fault with this id."""


@dataclass(frozen=True, slots=True)
class Affliction:
    """An active fault: since which tick, seconds until its full level, and the level."""

    since: int
    ramp: int = 0
    level: float = 1.0


class Afflictions:
    """The active faults."""

    def __init__(self) -> None:
        self.active: dict[str, Affliction] = {}

    def begin(self, fault: str, tick: int, ramp: int = 0, level: float | None = None) -> None:
        """Activate a fault. An active one stays as it is. Raises UnknownFault."""
        if fault not in KNOWN:
            raise UnknownFault(fault)
        chosen = LEVELS.get(fault, 1.0) if level is None else level
        self.active.setdefault(fault, Affliction(tick, max(0, ramp), chosen))

    def end(self, fault: str) -> None:
        """Deactivate a fault. Raises UnknownFault."""
        if fault not in KNOWN:
            raise UnknownFault(fault)
        self.active.pop(fault, None)

    def __contains__(self, fault: str) -> bool:
        return fault in self.active

    def level(self, fault: str, tick: int) -> float:
        """The level at a tick: 1 for the factor, and 0 for the share, of a fault that is not active."""
        nothing = 1.0 if fault in _FACTORS else 0.0
        found = self.active.get(fault)
        if found is None:
            return nothing
        grown = min(1.0, (tick - found.since) / found.ramp) if found.ramp else 1.0
        return nothing + (found.level - nothing) * grown

    def state(self) -> dict[str, object]:
        """As JSON values, in the order of the ids."""
        return {name: [each.since, each.ramp, each.level] for name, each in sorted(self.active.items())}
