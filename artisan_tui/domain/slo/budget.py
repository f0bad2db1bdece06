"""How much of the error budget is left, and whether that can be said at all."""

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

    PARTIAL = "partial"  # the server itself calls its answer incomplete
    NO_DATA = "no data"
    COVERAGE = "coverage"  # less of the window was seen than the SLO demands
    FEW = "few events"
    SKEW = "skew"  # the counters contradict each other by more than the whole budget


@dataclass(frozen=True, slots=True)
class Budget:
    """One SLO over its own window. ``partial``: some answer the counts rest on was incomplete."""

    objective: Objective
    counts: Counts
    minimums: Minimums = USUAL
    partial: bool = False

    @property
    def allowance(self) -> Fraction:
        """Events that may be bad, total·B."""
        return self.counts.total * self.objective.allowed

    @property
    def used(self) -> Fraction | None:
        """bad/(total·B), 1 when exhausted and more beyond; None without events."""
        if self.counts.total <= 0:
            return None
        return Fraction(max(self.counts.bad, 0) * self.objective.den, self.counts.total * self.objective.num)

    @property
    def remaining(self) -> Fraction | None:
        """1 - used, negative once overspent: by how much is what a team needs to know then."""
        return None if self.used is None else 1 - self.used

    @property
    def unknown_reason(self) -> UnknownReason | None:
        """Why nothing can be said, None when something can."""
        counts = self.counts
        if self.partial:
            return UnknownReason.PARTIAL
        if counts.total <= 0 or counts.measured <= 0:
            return UnknownReason.NO_DATA
        if counts.coverage < self.minimums.coverage:
            return UnknownReason.COVERAGE
        if counts.total < self.minimums.events:
            return UnknownReason.FEW
        # A skew smaller than the budget cannot hide that it is exhausted, and passes with the next scrape.
        if counts.skew * self.objective.den > counts.total * self.objective.num:
            return UnknownReason.SKEW
        return None

    @property
    def status(self) -> BudgetStatus:
        """Policy of the SRE guide §1.3 on integers; exactly 20 % left, which it leaves open, is a warning."""
        if self.unknown_reason is not None:
            return BudgetStatus.UNKNOWN
        spent = self.counts.bad * self.objective.den
        budget = self.counts.total * self.objective.num
        if spent >= budget:
            return BudgetStatus.EXHAUSTED
        return BudgetStatus.WARNING if 5 * spent >= 4 * budget else BudgetStatus.HEALTHY
