"""What a validity lint says of a scenario that was played."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScenarioFinding:
    """One thing that makes a scenario no drill. ``place`` is the path of the key in its file."""

    scenario: str
    place: tuple[str, ...]
    what: str
    mend: str
