"""Flapping: a check whose state changes so often that no single change means anything.

It begins with many changes within a window and ends when hardly any are left in it. Between
the two thresholds it stays what it was, or flapping itself would flap.
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
    """The state changes of one check: ``moments`` in monotonic seconds, oldest first.

    Only changes between states that rest on evidence belong here: becoming blind and seeing
    again is our trouble, not the target's. A change counts for less than ``window`` seconds.
    """

    rule: FlapRule = FlapRule()
    moments: tuple[float, ...] = ()
    begun: bool = False

    def changed(self, at: float) -> Flaps:
        """After a change of state at ``at``."""
        now = self.settled(at)
        moments = (*now.moments, at)
        return replace(now, moments=moments, begun=now.begun or len(moments) >= self.rule.begin)

    def settled(self, at: float) -> Flaps:
        """As time alone changes it: without what is too old. The same object when nothing is."""
        left = tuple(moment for moment in self.moments if at - moment < self.rule.window)
        begun = self.begun and len(left) >= self.rule.end
        return self if (left, begun) == (self.moments, self.begun) else replace(self, moments=left, begun=begun)

    def count(self, at: float) -> int:
        """Changes within the window that ends at ``at``."""
        return sum(1 for moment in self.moments if at - moment < self.rule.window)

    def flapping(self, at: float) -> bool:
        return self.begun and self.count(at) >= self.rule.end
