"""Flapping: a check changes its state so often that a single change says little.

Flapping begins with many changes within a window and ends when few are left in it. Two thresholds
(hysteresis) keep the flapping status itself from changing often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FlapRule:
    """Flapping begins with ``begin`` changes within ``window`` seconds and ends with fewer than ``end`` in it."""

    window: float = 600.0
    begin: int = 5
    end: int = 2


@dataclass(frozen=True, slots=True)
class Flaps:
    """The state changes of one check. ``moments`` are in monotonic seconds, oldest first.

    Only changes between up, degraded and down belong here. A change to unknown is caused by the observer.
    A change is forgotten after ``window`` seconds.

    A change until ``by_hand_until`` followed what a person did, such as a restart. It says nothing about the check.
    """

    rule: FlapRule = FlapRule()
    moments: tuple[float, ...] = ()
    begun: bool = False
    by_hand_until: float | None = None

    def taken_in_hand(self, until: float) -> Flaps:
        """The changes after a person began to mend or break it. What it did before and does until ``until`` is forgotten."""
        moments = tuple(moment for moment in self.moments if moment > until)
        begun = self.begun and len(moments) >= self.rule.end
        latest = until if self.by_hand_until is None else max(until, self.by_hand_until)
        return replace(self, moments=moments, begun=begun, by_hand_until=latest)

    def changed(self, at: float) -> Flaps:
        """The changes after another change of state at ``at``."""
        now = self.settled(at)
        if self.by_hand_until is not None and at <= self.by_hand_until:
            return now
        moments = (*now.moments, at)
        return replace(now, moments=moments, begun=now.begun or len(moments) >= self.rule.begin)

    def settled(self, at: float) -> Flaps:
        """The changes without those older than the window at ``at``. The same object when none is."""
        left = tuple(moment for moment in self.moments if at - moment < self.rule.window)
        begun = self.begun and len(left) >= self.rule.end
        return self if (left, begun) == (self.moments, self.begun) else replace(self, moments=left, begun=begun)

    def count(self, at: float) -> int:
        """Changes within the window that ends at ``at``."""
        return sum(1 for moment in self.moments if at - moment < self.rule.window)

    def flapping(self, at: float) -> bool:
        return self.begun and self.count(at) >= self.rule.end
