"""What the store keeps of probes: samples, roll-ups of samples, and the last status of each check."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.domain.state import State


@dataclass(frozen=True, slots=True)
class CheckSample:
    """One probe. ``verdict`` is the verdict of this probe, not the state after fall and rise.

    ``planned``: it was made in a maintenance window, and says nothing about uptime.

    ``latency`` is in seconds. ``value`` is the exact measured number as text. Both are None when absent.
    """

    check_id: str
    at: datetime
    verdict: State
    reason: str
    latency: float | None = None
    value: str | None = None
    planned: bool = False

    @property
    def number(self) -> float | None:
        """The value for a curve, None where it is none that a curve could have."""
        return number_of(self.value)


def number_of(value: str | None) -> float | None:
    """A measured value as a number, None for no value and for what is none: NaN, infinity, text."""
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class CheckHour:
    """An hour of one check: the probes outside of maintenance by verdict, and the latencies of those that have one."""

    start: datetime
    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    latencies: Latencies = field(default_factory=Latencies)


@dataclass(frozen=True, slots=True)
class RollUp:
    """Five minutes of one check: the number of probes by verdict, and of the probes that have one the latencies in
    seconds and the least and the greatest value.
    """

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
    value_min: float | None = None
    value_max: float | None = None

    @property
    def total(self) -> int:
        return self.up + self.degraded + self.down + self.unknown


#: Seconds that a roll-up and an hour cover, and how long samples, roll-ups and hours are kept.
ROLL_UP_SECONDS = 300
HOUR_SECONDS = 3600
RAW_KEPT_SECONDS = 48 * 3600
ROLL_UPS_KEPT_SECONDS = 90 * 86400
HOURS_KEPT_SECONDS = 91 * 86400


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """The last stored status of a check, with the names that the first screen shows before the configuration is read.

    ``evidence`` is what other sessions show for the check, as packed by `engine.checks.evidence`.
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
