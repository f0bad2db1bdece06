"""The states a check can be in, and the verdict of a single look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from artisan_tui.domain.probe_result import Reason

if TYPE_CHECKING:
    from artisan_tui.domain.condition import ConditionResult


class State(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


#: Worst first, the order of every list on screen.
WORST_FIRST = (State.DOWN, State.UNKNOWN, State.DEGRADED, State.MAINTENANCE, State.UP)
RANK = {state: rank for rank, state in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look says on its own: ``verdict`` is up, degraded, down or unknown."""

    verdict: State
    reason: Reason
    detail: str = ""
    findings: tuple[ConditionResult, ...] = ()
