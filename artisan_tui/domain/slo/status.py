"""The status of an SLO: its evaluation and the origin of the data. The screen, the reports and JSON display it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.slo.evaluation import SloEvaluation


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a backfill: ``done`` of the minutes that were missing at its start."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A selector that no series has ever matched.

    ``metric``: there is no metric of this name. ``label``: no series of the metric has this label. Both are "" when only
    the values of labels do not occur: perhaps there was no such event yet.
    """

    role: str
    selector: str
    metric: str = ""
    label: str = ""

    @property
    def impossible(self) -> bool:
        """Nothing can match, whatever happens: the selector is mistyped, or its metric is not there yet."""
        return bool(self.metric or self.label)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How an SLO is measured. All text is printable.

    - ``kind`` is the kind of the SLI: events, latency, slices, checks or promql.
    - ``selectors`` are (role, text) pairs as configured, such as ("total", "api_requests_total").
    - ``query`` is the last query, ready to paste.
    - ``estimated`` means that the counts are not exact; ``estimated_why`` says why.
    - ``interval_ms`` is the measuring interval.
    - ``unclaimed`` is the number of events of the SLO window that were not counted, because their time is unknown;
      at most ``unclaimed_bad`` of them are bad events of this window, and decide whether the status is known.
    - ``unmatched`` are the selectors that have never matched a series.
    """

    kind: str
    selectors: tuple[tuple[str, str], ...] = ()
    query: str = ""
    estimated: bool = False
    estimated_why: str = ""
    interval_ms: int = 15_000
    unclaimed: int = 0
    unclaimed_bad: int = 0
    unmatched: tuple[Unmatched, ...] = ()


@dataclass(frozen=True, slots=True)
class SloStatus:
    """The evaluation of an SLO, and the state of its data.

    - ``problem`` says why no new data can be read, "" when it can.
    - ``notes`` are limitations of the newest answers, ``remarks`` further information.
    - ``kept_seconds`` is the retention of the server, None when unknown.
    - ``since`` is the first minute in the ledger, None while it is empty.
    - ``read_at`` is the time of the newest answer.
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
