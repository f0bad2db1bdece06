"""The protocol of an indicator, which reads the minutes of one SLO."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import LONGEST_GAP, MinuteGrid, Span
from artisan_tui.sources.metrics.backend import Blind

#: Part of every definition. Increase it when the same configuration is counted differently.
_MEANING = 2


@dataclass(frozen=True, slots=True)
class MinuteRows:
    """One ledger row for every minute of a span.

    With ``notes`` the response was partial and the rows must not be stored. ``unclaimed`` events were not counted,
    because their minute is unknown. ``samples`` is the number of samples read. ``estimated``: not all rows are
    counts. ``uncounted`` has these events as (minute, 0, all, 1 or 0) rows; 0 when no target was seen before them, so that
    they may be from any time.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    unclaimed: int = 0
    samples: int = 0
    estimated: bool = False
    uncounted: tuple[Row, ...] = ()


class Unmeasurable(Blind):
    """The metrics cannot be counted as configured. Another or a smaller request does not help. The message says the
    fix.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.MISSING, detail)


class Indicator(Protocol):
    """``resolution`` is the time between two samples, in seconds.

    ``definition`` is a SHA-256 (hex) of everything that determines a minute's counts. Rows with another definition
    must not be mixed with these.
    """

    grid: MinuteGrid
    resolution: float
    evidence: Evidence
    definition: str

    async def rows(self, span: Span) -> MinuteRows:
        """The rows of ``span``. Increasing spans are cheapest, because samples are not read twice. Raises Blind."""
        ...


def digest(kind: str, interval_ms: int, **means: object) -> str:
    """The `definition` for ``means``, the configuration keys that determine a minute's counts."""
    words = {"kind": kind, "interval": interval_ms, "lookback": LOOKBACK, "patience": LONGEST_GAP, "meaning": _MEANING}
    text = json.dumps({**words, **means}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(selector: Selector) -> str:
    """The selector as text, the same for any order of its matchers."""
    return str(Selector(selector.name, tuple(sorted(selector.matchers, key=str))))
