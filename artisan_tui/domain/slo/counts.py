"""What was counted in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

#: (minute, bad, total, measured): a line of the ledger. What was expected follows from the grid (`windows.PlotGrid`).
Row = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """``bad`` of ``total`` events; ``measured`` of ``expected`` minutes or slices were seen at all.

    ``bad`` may lie outside 0..total by the few events that happened between the reading of two
    counters in one scrape (where bad is total - good). The next minute makes up for it, so a minute
    is kept as it was counted and only the sum is looked at (`skew`).
    """

    bad: int = 0
    total: int = 0
    expected: int = 0
    measured: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.bad + other.bad,
            self.total + other.total,
            self.expected + other.expected,
            self.measured + other.measured,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.bad - other.bad,
            self.total - other.total,
            self.expected - other.expected,
            self.measured - other.measured,
        )

    @property
    def coverage(self) -> Fraction:
        """measured/expected, 0 to 1. 0 where nothing was expected: a window all under maintenance proves nothing."""
        if self.expected <= 0:
            return Fraction(0)
        return min(Fraction(1), Fraction(self.measured, self.expected))

    @property
    def sli(self) -> Fraction | None:
        """The good share, 0 to 1; None without events, which is neither 0 % nor 100 %."""
        if self.total <= 0:
            return None
        return 1 - Fraction(min(max(self.bad, 0), self.total), self.total)

    @property
    def skew(self) -> int:
        """How many events ``bad`` lies outside of what is possible, 0 when it is possible."""
        return max(-self.bad, self.bad - self.total, 0)
