"""A run as its events say: a frozen value of bounded size. Outputs and resolved acts are in the journal, not in here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json, from_json

STATES: Final = ("planned", "running", "waiting", "succeeded", "failed", "aborting", "aborted", "unknown")
#: Nothing more happens on the way forward.
FINISHED: Final = frozenset({"succeeded", "failed", "aborted"})
ROLLBACK_STATES: Final = ("none", "offered", "running", "done", "failed", "declined", "manual_done", "accepted")
#: Nothing more happens on the way back.
ROLLED: Final = frozenset({"none", "done", "declined", "manual_done", "accepted"})
STEP_STATES: Final = (
    *("pending", "checking", "awaiting", "running", "verifying", "succeeded", "failed", "timed_out"),
    *("cancelled", "unknown", "skipped", "not_reached"),
)
UNDO_STATES: Final = (
    "",
    "pending",
    "awaiting",
    "running",
    "verifying",
    "done",
    "failed",
    "unknown",
    "skipped",
    "manual",
)
#: The undo of a step needs nothing more.
UNDONE: Final = frozenset({"done", "skipped", "manual"})
#: Characters of a text that is kept.
LONGEST_TEXT, LONGEST_TAIL, LONGEST_VALUE = 500, 2000, 2000


@dataclass(frozen=True, slots=True)
class InFlight:
    """An attempt whose intent is committed and whose end is not; ``seq`` is the event of the intent."""

    step: str
    part: str
    number: int
    since: datetime
    seq: int = 0
    #: "inconclusive" after it was asked whether it happened, and nothing could tell.
    evidence: str = ""

    @property
    def name(self) -> str:
        """Such as "open_breaker.1.do"."""
        return f"{self.step}.{self.number}.{self.part}"

    @property
    def forward(self) -> bool:
        return self.part in ("pre", "do", "verify")


@dataclass(frozen=True, slots=True)
class Question:
    """A person is waited for. ``what`` and the rest as in `events.RunAsked`; ``answered`` by whom, "" until then."""

    step: str
    what: str
    since: datetime
    digest: str = ""
    expires: datetime | None = None
    requester: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that was given, for exactly one thing."""

    binding: str
    login: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class StepRun:
    """``tries`` are the attempts by part. ``order`` is when it was first attempted among all steps, 0 for never.

    ``undo_seq`` is the event with the undo that counts: that of the first attempt, before anything was changed.
    ``unattended``: seconds after its attempts had ended in which nobody carried the run out.
    ``agreed`` is the digest of the act that a person confirmed. ``succeeded_before``: in an attempt that was gone back over.
    """

    id: str
    state: str = "pending"
    tries: Mapping[str, int] = field(default_factory=dict)
    order: int = 0
    mutated: bool = False
    undo_seq: int = 0
    undo_state: str = ""
    agreed: str = ""
    approval: Approval | None = None
    met: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit: int | None = None
    why: str = ""
    survivors: int = 0
    captures: Mapping[str, Any] = field(default_factory=dict)
    tail: str = ""
    succeeded_before: bool = False
    unattended: float = 0.0

    @property
    def seconds(self) -> float | None:
        """How long it took itself, None before its end or where it never began; never less than nothing."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds() - self.unattended)

    @property
    def attempt(self) -> int:
        return self.tries.get("do", 0)

    @property
    def over(self) -> bool:
        return self.state in ("succeeded", "failed", "timed_out", "cancelled", "skipped", "not_reached")

    @property
    def passed(self) -> bool:
        """The run goes on after it."""
        return self.state in ("succeeded", "skipped")


@dataclass(frozen=True, slots=True)
class Run:
    """``version`` counts its events. ``fence`` grows with every adoption; only its owner's acts are written.

    ``passed_over`` are steps that failed and that the run went on after. ``children`` are the digests of the runbooks that
    its steps run, by id, as they were when it started.
    """

    id: str
    runbook: str
    title: str
    definition: str
    started_at: datetime
    started_by: str
    target: str = ""
    environment: str = ""
    mode: str = "live"
    yes: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[StepRun, ...] = ()
    resources: tuple[str, ...] = ()
    broken_locks: tuple[str, ...] = ()
    incident: str = ""
    state: str = "planned"
    rollback_state: str = "none"
    version: int = 0
    last_seq: int = 0
    owner: str = ""
    fence: int = 1
    current: InFlight | None = None
    #: The act of which nobody knows how it ended, until it is settled.
    unknown: InFlight | None = None
    asked: Question | None = None
    abort_presses: int = 0
    #: Ids of the steps to undo, in that order.
    undo: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    children: Mapping[str, str] = field(default_factory=dict)
    finished_at: datetime | None = None
    why: str = ""
    #: Seconds of the way forward in which nothing ran and nobody carried it out: its session had ended.
    unattended: float = 0.0

    @property
    def seconds(self) -> float | None:
        """How long the way forward took, None before its end, without what nobody attended; never less than nothing."""
        if self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds() - self.unattended)

    def step(self, wanted: str) -> StepRun:
        """Raises KeyError."""
        for each in self.steps:
            if each.id == wanted:
                return each
        raise KeyError(wanted)

    @property
    def position(self) -> StepRun | None:
        """The step that is next or at work; None after the last one."""
        return next((each for each in self.steps if not each.passed and each.id not in self.passed_over), None)

    @property
    def next_undo(self) -> StepRun | None:
        """The step whose undo is next or at work."""
        return next((step for name in self.undo if (step := self.step(name)).undo_state not in UNDONE), None)

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def over(self) -> bool:
        """Nothing more happens, in either direction, and it needs no locks."""
        return self.finished and self.rollback_state in ROLLED

    @property
    def rolling_back(self) -> bool:
        return self.rollback_state == "running"

    def to_json(self) -> str:
        """Canonical: equal runs have equal texts."""
        return canonical(as_json(self))


def read_run(text: str) -> Run:
    """What `Run.to_json` gave. Raises ValueError, TypeError or KeyError."""
    return from_json(Run, json.loads(text))
