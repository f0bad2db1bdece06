"""The minimum amounts of data behind a budget status and a burn rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from artisan_tui.domain.slo.counts import Counts


@dataclass(frozen=True, slots=True)
class Minimums:
    """The minimums of one SLO. With less data, the result is "unknown".

    A *budget status* is an exact count over the SLO window. So by default one event (``events``) is
    enough, and any number of bad events counts. The share ``coverage`` of the window must be measured.
    A larger ``events`` makes the status unknown, and closes the gate, when there are few events.

    A *burn rate* extrapolates from a few minutes, where one failure of three requests says little. So a
    burn window needs ``burn_events`` events, and an alert needs ``burn_bad`` bad events in its long window:
    a single failure never pages (SRE Workbook ch. 5, "Low-Traffic Services"; `anchors/slo.md` §1).
    ``burn_coverage`` is lower than ``coverage``, because an outage can also stop scrapes and must page,
    and counter differences lose no events when a scrape is missed.
    """

    coverage: Fraction = Fraction(9, 10)
    events: int = 1
    burn_coverage: Fraction = Fraction(1, 2)
    burn_events: int = 4
    burn_bad: int = 2

    def enough_for_burn(self, counts: Counts) -> bool:
        """Whether ``counts`` are enough for a burn rate."""
        enough = counts.total >= max(self.burn_events, 1)
        return enough and counts.measured > 0 and counts.coverage >= self.burn_coverage


#: The defaults.
USUAL = Minimums()
