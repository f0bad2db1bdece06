"""Event counts of a period of time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

#: A ledger row: (minute, bad, total, measured), and a fifth number where there is a doubt: the events that may have been
#: bad in this minute and are in no count. The expected count follows from `windows.MinuteGrid`.
Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """``bad`` of ``total`` events, and ``measured`` of ``expected`` minutes or slices.

    ``bad`` can be outside 0..total by a few events when bad is computed as total - good, because the two
    counters are not read at the same instant. The next minute corrects it. So minutes are kept
    as counted, and only sums are checked (`skew`). ``unsure`` more events may have been bad, and are not counted.
    """

    bad: int = 0
    total: int = 0
    expected: int = 0
    measured: int = 0
    unsure: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.bad + other.bad,
            self.total + other.total,
            self.expected + other.expected,
            self.measured + other.measured,
            self.unsure + other.unsure,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.bad - other.bad,
            self.total - other.total,
            self.expected - other.expected,
            self.measured - other.measured,
            self.unsure - other.unsure,
        )

    @property
    def coverage(self) -> Fraction:
        """measured/expected, 0 to 1. 0 when nothing is expected, such as in a window that is all maintenance."""
        if self.expected <= 0:
            return Fraction(0)
        return min(Fraction(1), Fraction(self.measured, self.expected))

    @property
    def sli(self) -> Fraction | None:
        """The share of good events, 0 to 1. None without events."""
        if self.total <= 0:
            return None
        return 1 - Fraction(min(max(self.bad, 0), self.total), self.total)

    @property
    def skew(self) -> int:
        """How far ``bad`` is outside 0..total, in events. 0 when it is inside."""
        return max(-self.bad, self.bad - self.total, 0)
