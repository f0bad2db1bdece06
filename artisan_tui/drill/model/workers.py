"""The workers' queue: jobs come, and each ready worker takes so many a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LIMIT: Final = 5000  # jobs; the broker drops more
JOBS_PER_WORKER: Final = 8.0


@dataclass(slots=True)
class JobQueue:
    """``backlog`` are the jobs left at the end of a second; ``in_hand`` those that a healthy queue shows."""

    backlog: int = 0
    in_hand: int = 3
    dropped: int = 0
    _credit: float = 0.0

    @property
    def length(self) -> int:
        """The jobs that wait, as the broker says it."""
        return max(self.backlog, self.in_hand)

    def tick(self, came: int, workers: int, u: float) -> None:
        """A second in which ``came`` jobs arrive. ``u`` places the moment at which the queue is looked into."""
        self._credit += JOBS_PER_WORKER * workers
        here = self.backlog + came
        done = min(here, int(self._credit))
        self._credit = min(self._credit - done, 1.0) if workers else 0.0
        self.backlog = here - done
        above = max(0, self.backlog - LIMIT)
        self.backlog -= above
        self.dropped += above
        self.in_hand = int(5 * u) if workers else 0
