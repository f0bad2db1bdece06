"""A horizontal autoscaler as Kubernetes has it: n·metric/target, rounded up, each 15 seconds, with a tolerance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

EVERY: Final = 15  # seconds
TOLERANCE: Final = 0.1
TARGET: Final = 0.70  # of the CPU


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """Keeps the replicas between ``minimum`` and ``maximum``. ``target`` is a CPU use, 0 to 1."""

    minimum: int
    maximum: int
    target: float = TARGET

    def wanted(self, replicas: int, metric: float) -> int:
        """How many replicas it sets at a sync. One that was scaled to 0 by hand is left alone."""
        if replicas == 0:
            return 0
        ratio = metric / self.target
        asked = replicas if abs(ratio - 1.0) <= TOLERANCE else math.ceil(replicas * ratio - 1e-9)
        return max(self.minimum, min(self.maximum, asked))
