"""How much of the error budget is left, and whether that can be said at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.terms import USUAL, Terms


class Status(StrEnum):
    HEALTHY = "healthy"
    WARNING = "warning"
    EXHAUSTED = "exhausted"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
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
    terms: Terms = USUAL
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
    def doubt(self) -> Doubt | None:
        """Why nothing can be said, None when something can."""
        counts = self.counts
        if self.partial:
            return Doubt.PARTIAL
        if counts.total <= 0 or counts.measured <= 0:
            return Doubt.NO_DATA
        if counts.coverage < self.terms.coverage:
            return Doubt.COVERAGE
        if counts.total < self.terms.events:
            return Doubt.FEW
        # A skew smaller than the budget cannot hide that it is exhausted, and passes with the next scrape.
        if counts.skew * self.objective.den > counts.total * self.objective.num:
            return Doubt.SKEW
        return None

    @property
    def status(self) -> Status:
        """Policy of the SRE guide §1.3 on integers; exactly 20 % left, which it leaves open, is a warning."""
        if self.doubt is not None:
            return Status.UNKNOWN
        spent = self.counts.bad * self.objective.den
        budget = self.counts.total * self.objective.num
        if spent >= budget:
            return Status.EXHAUSTED
        return Status.WARNING if 5 * spent >= 4 * budget else Status.HEALTHY
