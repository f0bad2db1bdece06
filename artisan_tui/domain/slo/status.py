"""An SLO's account together with what it rests on: what the screen, the reports and JSON are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.slo.evaluation import SloEvaluation


@dataclass(frozen=True, slots=True)
class Progress:
    """A backfill: minutes filled of those that were missing when it began."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """How an SLO is measured. All text is printable.

    ``kind`` is the sli's (events, latency, slices, checks, promql), ``selectors`` (role, text) pairs as
    configured, such as ("total", "api_requests_total"); ``query`` is what was last asked, ready to paste.
    ``estimated``: the counts are not exact, and ``estimated_why`` says why. ``interval_ms`` is how often it is
    seen. ``unclaimed`` events were not counted, because nobody saw when they happened.
    """

    kind: str
    selectors: tuple[tuple[str, str], ...] = ()
    query: str = ""
    estimated: bool = False
    estimated_why: str = ""
    interval_ms: int = 15_000
    unclaimed: int = 0


@dataclass(frozen=True, slots=True)
class SloStatus:
    """``problem`` says why nothing new can be read, "" when it can; ``notes`` are reservations about the newest answers.

    ``kept_seconds`` is how far back the server remembers (None when it does not say), ``since`` the first minute
    (since the epoch) that the ledger holds, None while it is empty. ``read_at`` is when the newest
    answer came.
    """

    evaluation: SloEvaluation
    evidence: Evidence
    problem: str = ""
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    kept_seconds: float | None = None
    since: int | None = None
    progress: Progress | None = None
    read_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.evaluation.slo.id
