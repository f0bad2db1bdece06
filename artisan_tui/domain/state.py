"""The states of a check."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


#: The order of every list on the screen: worst first.
WORST_FIRST = (State.DOWN, State.UNKNOWN, State.DEGRADED, State.MAINTENANCE, State.UP)
RANK = {state: rank for rank, state in enumerate(WORST_FIRST)}
