"""What a scenario may set before it begins."""

from __future__ import annotations

from dataclasses import dataclass, field

from artisan_tui.drill.model.demand import REQUESTS_PER_SECOND
from artisan_tui.drill.model.routing import BreakerRules


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """What a scenario may set: the traffic (requests/s), the API's slots and queue, its callers, and the breakers.

    ``queue_limit`` requests wait at most. Callers wait ``client_timeout`` seconds and try again ``retries`` times;
    with ``retry_budget`` at most that share of first attempts is tried again.
    """

    rate: float = REQUESTS_PER_SECOND
    slots: int = 8
    queue_limit: int = 200
    client_timeout: int = 30
    retries: int = 0
    retry_budget: float | None = None
    breaker: BreakerRules = field(default_factory=BreakerRules)
