"""The error budget: how much is used, and whether the data is sufficient to say so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.minimums import USUAL, Minimums
from artisan_tui.domain.slo.objective import Objective


class BudgetStatus(StrEnum):
    HEALTHY = "healthy"
    WARNING = "warning"
    EXHAUSTED = "exhausted"
    UNKNOWN = "unknown"


class UnknownReason(StrEnum):
    """Why a status is unknown."""

    PARTIAL = "partial"  # the server marks its answer as incomplete
    NO_DATA = "no data"
    COVERAGE = "coverage"  # less of the window was measured than the SLO requires
    FEW = "few events"
    SKEW = "skew"  # bad is outside 0..total by more than the budget
    UNMATCHED = "unmatched"  # a selector cannot match anything: what it should find is not seen
    DOUBT = "doubt"  # more events may have been bad, uncounted, than the budget has left


@dataclass(frozen=True, slots=True)
class Budget:
    """The error budget of one SLO over its SLO window. ``partial``: an answer behind the counts was incomplete.

    ``expected`` is the total that a calendar window will have at its end. The budget of a month is that of the whole
    month: an hour of failure on its first day is an hour of it, not all that was allowed so far (that is the `pace`).
    ``unmatched``: a selector behind the counts can match nothing.
    """

    objective: Objective
    counts: Counts
    minimums: Minimums = USUAL
    partial: bool = False
    expected: int | None = None
    unmatched: bool = False

    @property
    def total(self) -> int:
        """The number of events of which the share B may be bad."""
        return self.counts.total if self.expected is None else max(self.expected, self.counts.total)

    @property
    def allowance(self) -> Fraction:
        """The number of events that may be bad: total·B."""
        return self.total * self.objective.allowed

    @property
    def pace(self) -> Fraction | None:
        """In a calendar window, the part used of the budget for the time so far: above 1, it does not last. Else None."""
        if self.expected is None or self.counts.total <= 0:
            return None
        return Fraction(max(self.counts.bad, 0) * self.objective.den, self.counts.total * self.objective.num)

    @property
    def used(self) -> Fraction | None:
        """The used share of the budget, bad/(total·B). 1 or more is exhausted. None without events."""
        if self.counts.total <= 0:
            return None
        return Fraction(max(self.counts.bad, 0) * self.objective.den, self.total * self.objective.num)

    @property
    def remaining(self) -> Fraction | None:
        """The remaining share, 1 - used. Negative when overspent, so that a report can show by how much."""
        return None if self.used is None else 1 - self.used

    @property
    def unknown_reason(self) -> UnknownReason | None:
        """Why the status is unknown, None when it is known."""
        counts = self.counts
        if self.partial:
            return UnknownReason.PARTIAL
        if counts.total <= 0 or counts.measured <= 0:
            return UnknownReason.NO_DATA
        if self.unmatched and counts.bad * self.objective.den < self.total * self.objective.num:
            return UnknownReason.UNMATCHED
        if counts.coverage < self.minimums.coverage:
            return UnknownReason.COVERAGE
        if counts.total < self.minimums.events:
            return UnknownReason.FEW
        # A skew within the budget cannot hide an exhausted budget, and the next scrape corrects it.
        if counts.skew * self.objective.den > counts.total * self.objective.num:
            return UnknownReason.SKEW
        # An exhausted budget stays exhausted, whatever was not counted.
        left = self.total * self.objective.num - counts.bad * self.objective.den
        if counts.unsure * self.objective.den > left > 0:
            return UnknownReason.DOUBT
        return None

    @property
    def status(self) -> BudgetStatus:
        """The policy of the SRE guide §1.3, compared as integers. The guide leaves exactly 20 % open; it is a warning."""
        if self.unknown_reason is not None:
            return BudgetStatus.UNKNOWN
        spent = self.counts.bad * self.objective.den
        budget = self.total * self.objective.num
        if spent >= budget:
            return BudgetStatus.EXHAUSTED
        return BudgetStatus.WARNING if 5 * spent >= 4 * budget else BudgetStatus.HEALTHY
