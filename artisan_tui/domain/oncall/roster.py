"""Who answers for a level of escalation at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from artisan_tui.domain.oncall.rotation import Rotation


@dataclass(frozen=True, slots=True)
class Roster:
    """``levels`` names persons and rotations by level. Rotations also name their level themselves.

    ``reachable`` are the people with a contact: who cannot be reached is not on call.
    """

    rotations: tuple[Rotation, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reachable: frozenset[str] = frozenset()

    def on_call(self, level: str, at: datetime) -> tuple[str, ...]:
        """The ids of the people on call for ``level`` at ``at``; empty when there is nobody.

        Of the rotations of a level that cover ``at``, the one written last counts: a layer lies over those before it.
        """
        found: list[str] = []
        layers = [each for each in self.rotations if each.level == level and each.covers(at)]
        if layers:
            found.append(layers[-1].shift_at(at).person)
        rotations = {each.id: each for each in self.rotations}
        for name in self.levels.get(level, ()):
            rotation = rotations.get(name)
            if rotation is None:
                found.append(name)
            elif rotation.covers(at):
                found.append(rotation.shift_at(at).person)
        return tuple(person for person in dict.fromkeys(found) if person in self.reachable)
