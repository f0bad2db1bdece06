"""What a play leaves behind: numbered lines with ticks, and no time of any clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from artisan_tui.domain.drills.scenario import PlannedAct

# Kinds of lines.
FAULT: Final = "fault"
ALERT: Final = "alert"
ALERT_OVER: Final = "alert-over"
INJECT: Final = "inject"
HERRING: Final = "red-herring"
ACT: Final = "act"
MET: Final = "objective-met"
LOST: Final = "objective-lost"
ENDED: Final = "ended"
#: Lines that only the facilitator sees while the drill runs.
HIDDEN: Final = frozenset({FAULT, MET, LOST})


@dataclass(frozen=True, slots=True)
class PlayLine:
    """One line. ``name`` is the id of what it is about, ``data`` are JSON values that depend on the kind.

    An act has ``arguments``, ``ok``, ``output``, ``runbook``, and ``screen``: what was on screen at the decision.
    An objective that is met has ``since``, the tick from which on it holds.
    """

    seq: int
    tick: int
    kind: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HarmDone:
    """An act without which fewer requests would have failed. ``herring`` is the red herring that it followed."""

    seq: int
    tick: int
    bad: int
    herring: str = ""


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """A play from beginning to end.

    ``digest`` is that of the scenario's definition. ``bad`` requests failed in this play, ``nothing`` and ``reference``
    as many as fail on the same seed when nobody does anything, and in the reference play.
    """

    scenario: str
    digest: str
    seed: int
    ticks: int
    lines: tuple[PlayLine, ...]
    requests: int
    bad: int
    nothing: int
    reference: int
    harms: tuple[HarmDone, ...] = ()
    #: Live plays have players and a clock, a dry run has neither.
    live: bool = False

    def of(self, *kinds: str) -> Iterator[PlayLine]:
        """The lines of some kinds."""
        return (each for each in self.lines if each.kind in kinds)

    def acts(self) -> tuple[PlannedAct, ...]:
        """The acts of the play: played again on the same seed, they give the same record."""
        return tuple(
            PlannedAct(each.tick, each.name, each.data.get("arguments", {}), each.data.get("runbook", ""))
            for each in self.of(ACT)
        )
