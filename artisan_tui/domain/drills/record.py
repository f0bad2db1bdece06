"""What a play leaves behind: numbered lines with ticks, and no time of any clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from artisan_tui.domain.drills.scenario import PlannedAct
from artisan_tui.domain.json_value import from_json

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
_KINDS: Final = frozenset({FAULT, ALERT, ALERT_OVER, INJECT, HERRING, ACT, MET, LOST, ENDED})


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

    @property
    def runbooks(self) -> frozenset[str]:
        """The runbooks that were really run: one of their acts took effect, or a run of them succeeded."""
        found = set()
        for each in self.of(ACT):
            if each.data.get("ok", True):
                found.add(each.data.get("runbook", ""))
                arguments = each.data.get("arguments", {})
                if each.name == "run" and arguments.get("state") == "succeeded":
                    found.add(arguments.get("runbook", ""))
        return frozenset(found - {""})

    def acts(self) -> tuple[PlannedAct, ...]:
        """The acts of the play: played again on the same seed, they give the same record."""
        return tuple(
            PlannedAct(each.tick, each.name, each.data.get("arguments", {}), each.data.get("runbook", ""))
            for each in self.of(ACT)
        )


def read_play_record(document: object) -> PlayRecord:
    """The record of a JSON document that `as_json` made. Raises ValueError, TypeError or KeyError for any other."""
    found = from_json(PlayRecord, document)
    for number, line in enumerate(found.lines, 1):
        if line.seq != number or line.tick < 0 or line.kind not in _KINDS:
            raise ValueError(f"line {number} is none of a play")
        _check_data(line.data)
    acts = {each.seq for each in found.of(ACT)}
    if not acts >= {each.seq for each in found.harms}:
        raise ValueError("harm was done by no act")
    return found


def _check_data(data: Mapping[str, Any]) -> None:
    screen = data.get("screen", {})
    for part in (data, screen, data.get("arguments", {}), screen.get("measures", {})):
        if not isinstance(part, Mapping):
            raise TypeError("this is no object")
    numbers = [*screen.get("measures", {}).values(), data.get("since", 0)]
    texts = [*screen.get("alerts", ()), data.get("output", ""), data.get("runbook", "")]
    if not all(isinstance(each, int | float) for each in numbers) or not all(isinstance(each, str) for each in texts):
        raise TypeError("these are no values of a line")
