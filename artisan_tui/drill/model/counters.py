"""Everything that is counted since the start, and what came of the last minute. Only the world counts."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

#: Seconds over which shares are measured.
WINDOW: Final = 60


@dataclass(slots=True)
class Second:
    """What came of one second, as far as shares are made of it. ``creative_good`` were answered in time."""

    answered: int = 0
    failed: int = 0
    creative: int = 0
    creative_good: float = 0.0
    attempts: int = 0
    useful: int = 0


@dataclass(slots=True)
class Counters:
    """Requests by (method, path, status), inferences by (model, outcome), and users by what they got.

    ``attempts`` = ``served`` + ``rejected`` + those that wait. ``bad`` are requests that failed for good.
    """

    requests: defaultdict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    llm: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    attempts: int = 0
    served: int = 0
    rejected: int = 0
    gave_up: int = 0
    fresh: int = 0
    good: int = 0
    bad: int = 0
    bad_by_mode: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: [all, failed] of the connectors' calls, the workflows' runs, and the answers of models that are parsed.
    calls: list[int] = field(default_factory=lambda: [0, 0])
    workflows: list[int] = field(default_factory=lambda: [0, 0])
    parses: list[int] = field(default_factory=lambda: [0, 0])
    canary_answered: int = 0
    canary_failed: int = 0
    recent: deque[Second] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def recently(self, name: str) -> float:
        """The sum of a field of `Second` over the last minute."""
        return math.fsum(getattr(each, name) for each in self.recent)

    def state(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "requests": {" ".join(key): count for key, count in sorted(self.requests.items()) if count},
            "llm": {" ".join(key): count for key, count in sorted(self.llm.items()) if count},
            "attempts": self.attempts,
            "served": self.served,
            "rejected": self.rejected,
            "gave_up": self.gave_up,
            "calls": list(self.calls),
            "workflows": list(self.workflows),
            "parses": list(self.parses),
            "good": self.good,
            "bad": self.bad,
        }
