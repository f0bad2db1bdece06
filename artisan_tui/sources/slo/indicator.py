"""What reads the minutes of one SLO, whatever its kind."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import PATIENCE, MinuteGrid, Span
from artisan_tui.sources.metrics.backend import Blind

#: Part of every definition: raise it when the same words come to mean other minutes.
_MEANING = 1


@dataclass(frozen=True, slots=True)
class MinuteRows:
    """A ledger line for every minute that was asked for.

    With ``notes`` the answer was partial, and the rows must not be kept. ``unclaimed`` events were not counted,
    because nobody saw when they happened. ``samples`` came over the wire for it. ``estimated``: not all was counted.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    query: str = ""
    unclaimed: int = 0
    samples: int = 0
    estimated: bool = False


class Unmeasurable(Blind):
    """What is there cannot be counted as configured; asking again or for less does not help. Says the mend."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.MISSING, detail)


class Indicator(Protocol):
    """``resolution`` is seconds between two sights. ``definition`` is a SHA-256 (hex) of what a minute means:
    rows read under another one are about something else."""

    grid: MinuteGrid
    resolution: float
    evidence: Evidence
    definition: str

    async def rows(self, span: Span) -> MinuteRows:
        """Going forward is cheapest: what the span before has read is not read again. Raises Blind."""
        ...


def digest(kind: str, interval_ms: int, **means: object) -> str:
    """``means`` are the words of the configuration that change what a minute counts."""
    words = {"kind": kind, "interval": interval_ms, "lookback": LOOKBACK, "patience": PATIENCE, "meaning": _MEANING}
    text = json.dumps({**words, **means}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(selector: Selector) -> str:
    """The same text for the same matchers in another order."""
    return str(Selector(selector.name, tuple(sorted(selector.matchers, key=str))))
