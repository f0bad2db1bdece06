"""How much evidence a verdict needs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from artisan_tui.domain.slo.counts import Counts


@dataclass(frozen=True, slots=True)
class Minimums:
    """Minimums of one SLO; below them the answer is "unknown", never "fine".

    Two kinds, because they answer two questions. The *budget* is book-keeping over the window that was
    promised: 1 bad of 1,000 at 99.9 % is a broken promise however few events there were, so by default
    one event is enough (``events``) and no number of bad ones is too small; ``coverage`` of the window's
    minutes must have been seen. A team that wants "too few to say" raises ``events``: its status is
    then unknown and its gate shut, not green.

    A *burn rate* is a guess at what comes next from a few minutes: one failure of three requests is
    33 % and means nothing. So a burn window needs ``burn_events`` events to be known at all, and an alert
    ``burn_bad`` bad ones in its long window: a single failure never pages (SRE Workbook ch. 5, "Low-Traffic
    Services"; the "min events + min bad" of `anchors/slo.md` §1). ``burn_coverage`` is lower than ``coverage``
    because an outage that also costs scrapes is exactly when a page must come, and telescoped counters
    lose no event to a missed scrape.
    """

    coverage: Fraction = Fraction(9, 10)
    events: int = 1
    burn_coverage: Fraction = Fraction(1, 2)
    burn_events: int = 4
    burn_bad: int = 2

    def enough_for_burn(self, counts: Counts) -> bool:
        """Whether a burn rate may be read off these counts."""
        enough = counts.total >= max(self.burn_events, 1)
        return enough and counts.measured > 0 and counts.coverage >= self.burn_coverage


#: What holds for an SLO that says nothing about it.
USUAL = Minimums()
