"""What is remembered of each look: samples, their roll-ups, and where a check stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.state import State


@dataclass(frozen=True, slots=True)
class CheckSample:
    """One look. ``latency`` in seconds, ``value`` the measured number as text (exact), both None if absent.

    ``verdict`` is what the look said, not the state after counting.
    """

    check_id: str
    at: datetime
    verdict: State
    reason: str
    latency: float | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class RollUp:
    """Five minutes of one check. Counts by verdict; latencies in seconds over the looks that had one."""

    check_id: str
    start: datetime
    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    latency_min: float | None = None
    latency_max: float | None = None
    latency_sum: float = 0.0
    latency_count: int = 0

    @property
    def total(self) -> int:
        return self.up + self.degraded + self.down + self.unknown


#: Seconds a roll-up covers, and how long each grain is kept.
ROLL_UP_SECONDS = 300
RAW_KEPT_SECONDS = 48 * 3600
ROLL_UPS_KEPT_SECONDS = 90 * 86400


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """Where a check stood when last written down, with what the opening screen needs to name it.

    ``evidence`` is what other sessions show beside it, as `engine.evidence` packs it.
    """

    check_id: str
    service_name: str
    kind: str
    health: Health
    latency: float | None = None
    value: str | None = None
    every: float = 30.0
    timeout: float = 5.0
    evidence: str = ""
