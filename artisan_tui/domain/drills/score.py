"""The score of a play: a level for each objective with its evidence, and what share of users was saved.

The world is scored, never a person, and there is no grade over all objectives. The levels are HSEEP's: P performed by
its time, S by its limit, M reached with harm or with a hint, U not reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from artisan_tui.domain.drills.record import ACT, INJECT, LOST, MET, HarmDone, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import DrillObjective, Scenario

#: An act that makes fewer requests fail than this does no harm: a restart may cost a moment.
HARMLESS: Final = 10
#: The order of the levels, for comparing plays only.
POINTS: Final = {"P": 3, "S": 2, "M": 1, "U": 0}


@dataclass(frozen=True, slots=True)
class ObjectiveScore:
    """The level of one objective. ``evidence`` are the numbers of the lines that show it; ``why`` is a word for it.

    ``why``: ``in-time``, ``late``, ``hint``, ``harm``, ``too-late``, ``lost``, ``premature`` or ``never``.
    """

    objective: str
    level: str
    why: str
    tick: int | None = None
    evidence: tuple[int, ...] = ()
    #: Requests that own acts made fail, where the reason is harm.
    bad: int = 0


@dataclass(frozen=True, slots=True)
class PlayScore:
    """The levels, and the requests that failed. ``saved`` is None where the reference saves nobody.

    ``saved`` is 1 for what the reference saves, 0 for what happens by itself, and below 0 for worse.
    """

    objectives: tuple[ObjectiveScore, ...]
    saved: float | None
    bad: int
    nothing: int
    reference: int
    harms: tuple[HarmDone, ...]
    unanswered: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """A number to compare two plays of one scenario with. It is not shown."""
        return sum(POINTS[each.level] for each in self.objectives)


def users_saved(nothing: int, yours: int, reference: int) -> float | None:
    """The share of failed requests that a play avoided, of those that the reference avoids."""
    return None if nothing == reference else (nothing - yours) / (nothing - reference)


def score(scenario: Scenario, record: PlayRecord) -> PlayScore:
    """The score of a record of this scenario."""
    levels = tuple(_level(scenario, record, each) for each in scenario.objectives)
    saved = users_saved(record.nothing, record.bad, record.reference)
    answered = {each.data.get("arguments", {}).get("inject") for each in record.of(ACT) if each.name == "answer"}
    due = {each.id for each in scenario.injects if each.answer_by is not None}
    unanswered = tuple(each.name for each in record.of(INJECT) if each.name in due and each.name not in answered)
    return PlayScore(levels, saved, record.bad, record.nothing, record.reference, record.harms, unanswered)


def _level(scenario: Scenario, record: PlayRecord, objective: DrillObjective) -> ObjectiveScore:
    found, why, start = _by_act(scenario, record, objective) if objective.act else _by_world(record, objective)
    if found is None:
        seqs = tuple(each.seq for each in record.of(LOST, ACT) if _about(each, objective, why))
        return ObjectiveScore(objective.id, "U", why, evidence=seqs)
    at = int(found.data.get("since", found.tick))
    if at - start > objective.limit:
        return ObjectiveScore(objective.id, "U", "too-late", at, (found.seq,))
    hints = tuple(each.seq for each in record.of(ACT) if _hinted(each, objective) and each.tick <= at)
    harms = () if objective.act and objective.act != "resolve" else tuple(h for h in record.harms if h.tick <= at)
    if hints:
        return ObjectiveScore(objective.id, "M", "hint", at, (found.seq, *hints))
    if harms:
        seqs = (found.seq, *(each.seq for each in harms))
        return ObjectiveScore(objective.id, "M", "harm", at, seqs, sum(each.bad for each in harms))
    if at - start <= objective.by:
        return ObjectiveScore(objective.id, "P", "in-time", at, (found.seq,))
    return ObjectiveScore(objective.id, "S", "late", at, (found.seq,))


def _about(line: PlayLine, objective: DrillObjective, why: str) -> bool:
    if why == "lost":
        return line.kind == LOST and line.name == objective.id
    return why == "premature" and line.kind == ACT and line.name == objective.act


def _hinted(line: PlayLine, objective: DrillObjective) -> bool:
    """A hint without an objective is one about all of them."""
    about = line.data.get("arguments", {}).get("objective", objective.id)
    return line.name == "hint" and about == objective.id


def _by_world(record: PlayRecord, objective: DrillObjective) -> tuple[PlayLine | None, str, int]:
    """The line that says that the world is there for good, or why there is none."""
    found, why = None, "never"
    for line in record.of(MET, LOST):
        if line.name == objective.id:
            found, why = (line, "") if line.kind == MET else (None, "lost")
    return found, why, 0


def _by_act(scenario: Scenario, record: PlayRecord, objective: DrillObjective) -> tuple[PlayLine | None, str, int]:
    """The first act that counts, or why none does, and the tick from which its times count."""
    start = 0
    if objective.act == "answer":
        arrival = next((each for each in record.of(INJECT) if each.name == objective.inject), None)
        if arrival is None:
            return None, "never", 0
        start = arrival.tick
    why = "never"
    for line in record.of(ACT):
        if line.name != objective.act or not line.data.get("ok", True):
            continue
        if objective.act == "answer" and line.data.get("arguments", {}).get("inject") != objective.inject:
            continue
        if objective.act == "resolve" and not _all_met(scenario, record, line.seq):
            why = "premature"
            continue
        return line, "", start
    return None, why, start


def _all_met(scenario: Scenario, record: PlayRecord, seq: int) -> bool:
    """Whether everything that the world decides was there when a line was written."""
    state = {each.id: False for each in scenario.objectives if each.reach}
    for line in record.of(MET, LOST):
        if line.seq < seq and line.name in state:
            state[line.name] = line.kind == MET
    return all(state.values())
