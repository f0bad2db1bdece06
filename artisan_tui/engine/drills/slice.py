"""What a snapshot says about the simulated stack, and about a live drill."""

from __future__ import annotations

from typing import NamedTuple


class StackFault(NamedTuple):
    """Something the simulated stack can break, as its panel shows it."""

    id: str
    title: str
    description: str
    active: bool


class DrillSlice(NamedTuple):
    """What the simulated stack can break; empty without one."""

    faults: tuple[StackFault, ...] = ()


class DrillMessage(NamedTuple):
    """What somebody asks or tells the players. ``answer_by`` and ``answered`` are ticks."""

    id: str
    tick: int
    sender: str
    to: str
    text: str
    answer_by: int | None = None
    answered: int | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.answer_by is not None and self.answered is None


class DrillAim(NamedTuple):
    """An objective; ``reached`` is known to the facilitator only, and only of what the world decides."""

    id: str
    title: str
    by: int
    reached: bool | None = None


class NextInject(NamedTuple):
    """What comes next. ``due`` is a tick, None while that depends on ``trigger``."""

    id: str
    sender: str
    text: str
    due: int | None
    trigger: str
    held: bool


class ExpectedAct(NamedTuple):
    """An act of the good play, and the tick at which a player did it."""

    at: int
    text: str
    runbook: str
    done: int | None


class DrillTruth(NamedTuple):
    """What only the facilitator sees."""

    truth: str
    faults: tuple[tuple[int, str], ...] = ()
    next: tuple[NextInject, ...] = ()
    expected: tuple[ExpectedAct, ...] = ()
    objectives: tuple[DrillAim, ...] = ()
    acts: tuple[tuple[int, str], ...] = ()
    players: tuple[str, ...] = ()


class LiveDrillSlice(NamedTuple):
    """A live drill; ``id`` is empty without one.

    ``state`` is ``begins``, ``runs``, ``paused``, ``ended`` or ``gone`` (its process does not answer); ``why`` says why
    it stands still. ``real`` is the real incident that is open meanwhile. ``conducts``: this session may pause, go on
    and end it. ``scored``: its play is there to be read.
    """

    id: str = ""
    title: str = ""
    briefing: str = ""
    tick: int = 0
    ends: int = 0
    speed: float = 1.0
    state: str = ""
    why: str = ""
    messages: tuple[DrillMessage, ...] = ()
    rumours: tuple[tuple[int, str], ...] = ()
    hints: tuple[tuple[int, str], ...] = ()
    objectives: tuple[DrillAim, ...] = ()
    removed: tuple[str, ...] = ()
    real: str = ""
    conducts: bool = False
    scored: bool = False
    truth: DrillTruth | None = None
    severity: str = "Sev3"
    #: The first drill of a newcomer: the screen says what comes next.
    tour: bool = False
