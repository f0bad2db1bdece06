"""What a scenario is: what goes wrong, what people are told and asked, and by what the world is held against it.

All times are ticks: whole seconds since the drill began. The hidden truth, the causes, the plays and the reasons of
red herrings are for the facilitator; `player_texts` are all texts that a player may see.
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from artisan_tui.domain.drills.vocabulary import MEASURES, OPERATIONS
from artisan_tui.domain.json_value import as_json

#: Seconds from the onset in which an alert must fire.
ALERT_WITHIN: Final = 300
_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_CRITERION: Final = re.compile(
    r"\s*([a-z_]+\.[a-z0-9_]+)\s*(<=|>=|==|!=|<|>)\s*(-?\d{1,12}(?:\.\d{1,9})?)\s*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A bound on one measure of the world, such as ``creative.p95 < 4.5``."""

    measure: str
    operator: str
    value: float

    def holds(self, measures: Mapping[str, float]) -> bool:
        """Whether it holds for these measures."""
        return _OPERATORS[self.operator](measures[self.measure], self.value)

    @property
    def text(self) -> str:
        """As it is written in the file."""
        return f"{self.measure} {self.operator} {self.value:g}"


class CriterionRefused(ValueError):
    """A text is no criterion. ``what`` is wrong, ``mend`` is the correction."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend = what, mend


def read_criterion(text: str) -> Criterion:
    """The criterion of a text. Raises CriterionRefused."""
    found = _CRITERION.fullmatch(text) if len(text) < 200 else None
    if found is None:
        raise CriterionRefused(
            f"{text[:80]!r} is no bound on a measure", 'write MEASURE OP NUMBER, like "creative.p95 < 4.5"'
        )
    name, sign, value = found.groups()
    if name not in MEASURES:
        raise CriterionRefused(f"there is no measure {name!r}", f"the measures: {', '.join(MEASURES)}")
    return Criterion(name, sign, float(value))


@dataclass(frozen=True, slots=True)
class DrillObjective:
    """What is to be reached: by ``by`` in full, by ``limit`` partly.

    Either the world decides (``reach``, all of it, for ``hold`` seconds on end) or an act (``act``, and ``inject`` of an
    answer). The times of an answer count from the arrival of its inject. ``resolve`` counts only while everything that
    the world decides is reached.
    """

    id: str
    title: str
    by: int
    limit: int
    title_ko: str = ""
    reach: tuple[Criterion, ...] = ()
    hold: int = 15
    act: str = ""
    inject: str = ""


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """An act at a tick. ``do`` is an operation or an act of a person; ``runbook`` names the runbook it is a step of."""

    at: int
    do: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    runbook: str = ""

    @property
    def mutates(self) -> bool:
        """Whether it changes the stack."""
        return self.do in OPERATIONS

    @property
    def text(self) -> str:
        """As a line: ``scale component=app replicas=4``."""
        return " ".join([self.do, *(f"{name}={value}" for name, value in self.arguments.items())])


@dataclass(frozen=True, slots=True)
class ScenarioFault:
    """What goes wrong by itself, or what somebody else does: a ``fault`` with a ramp and a level, or an operation."""

    at: int
    fault: str = ""
    ramp: int = 0
    level: float | None = None
    do: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Inject:
    """A call, mail or message that arrives: at a tick, ``after`` an act, or ``after`` a state of the world begins."""

    id: str
    sender: str
    to: str
    text: str
    serves: str
    text_ko: str = ""
    at: int | None = None
    on: str = ""
    when: tuple[Criterion, ...] = ()
    after: int = 0
    answer_by: int | None = None


@dataclass(frozen=True, slots=True)
class RedHerring:
    """Something that looks like the cause and is not. With ``do`` it tempts to an act that changes the stack."""

    id: str
    text: str
    why: str
    at: int = 0
    text_ko: str = ""
    why_ko: str = ""
    fault: str = ""
    do: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def tempts(self, act: PlannedAct) -> bool:
        """Whether an act is the one that it tempts to."""
        if not self.do or act.do != self.do:
            return False
        return all(act.arguments.get(name) == value for name, value in self.arguments.items())


@dataclass(frozen=True, slots=True)
class Hint:
    """What the facilitator can say about an objective; taking it caps the objective."""

    objective: str
    text: str
    text_ko: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioRelease:
    """How a version of the app behaves that the scenario brings along. See `drill.model.releases.Release`."""

    version: str
    errors: float = 0.0
    slow: float = 1.0
    parse_failures: float = 0.001
    workflow_failures: float = 0.002
    needs: int = 0


@dataclass(frozen=True, slots=True)
class ScenarioWorld:
    """What is different in the stack of this scenario; None is as usual."""

    rate: float | None = None
    slots: int | None = None
    queue_limit: int | None = None
    client_timeout: int | None = None
    retries: int | None = None
    retry_budget: float | None = None
    releases: tuple[ScenarioRelease, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill. ``due`` is how often it is to be played, in seconds; ``about`` are words of incidents that are like it."""

    id: str
    title: str
    briefing: str
    truth: str
    ends: int
    objectives: tuple[DrillObjective, ...]
    faults: tuple[ScenarioFault, ...]
    reference: tuple[PlannedAct, ...]
    wrong: tuple[PlannedAct, ...]
    wrong_title: str
    title_ko: str = ""
    briefing_ko: str = ""
    truth_ko: str = ""
    wrong_title_ko: str = ""
    severity: str = "Sev3"
    injects: tuple[Inject, ...] = ()
    red_herrings: tuple[RedHerring, ...] = ()
    hints: tuple[Hint, ...] = ()
    giveaways: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    due: int = 30 * 86400
    about: tuple[str, ...] = ()
    world: ScenarioWorld = field(default_factory=ScenarioWorld)

    @property
    def onset(self) -> int:
        """The tick at which the first thing goes wrong."""
        return min(each.at for each in self.faults)

    @property
    def digest(self) -> str:
        """SHA-256 of the definition, hexadecimal. A scenario that was changed is another one."""
        return hashlib.sha256(json.dumps(as_json(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def objective(self, name: str) -> DrillObjective | None:
        """The objective of that id."""
        return next((each for each in self.objectives if each.id == name), None)

    def player_texts(self) -> Iterator[str]:
        """Every text that a player may be shown before the debrief, except hints, which are asked for."""
        yield from (self.id, self.title, self.title_ko, self.briefing, self.briefing_ko)
        for objective in self.objectives:
            yield from (objective.id, objective.title, objective.title_ko)
        for inject in self.injects:
            yield from (inject.id, inject.sender, inject.to, inject.text, inject.text_ko)
        for herring in self.red_herrings:
            yield from (herring.text, herring.text_ko)

    def hidden_texts(self) -> Iterator[str]:
        """Every text that only the facilitator sees before the debrief."""
        yield from (self.truth, self.truth_ko, self.wrong_title, self.wrong_title_ko)
        for herring in self.red_herrings:
            yield from (herring.why, herring.why_ko)
        for hint in self.hints:
            yield from (hint.text, hint.text_ko)
