"""A runbook as it is defined: frozen values, their canonical text and its SHA-256. A run keeps the text it began with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json, from_json

#: The step kinds, in the order of the documentation.
KINDS: Final = (
    *("manual", "http", "command", "compose", "docker", "kubernetes", "helm", "sql"),
    *("measure", "wait", "notify", "incident", "silence", "choice", "runbook"),
)
#: Kinds that a person carries out or answers; nothing is started for them.
BY_HAND: Final = frozenset({"manual", "choice"})
#: The verbs of kinds that have several, and which of them change something.
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "compose": ("up", "restart", "scale", "ps", "down"),
    "docker": ("restart", "stop", "start", "logs", "inspect"),
    "kubernetes": ("scale", "restart", "status", "undo", "logs", "get"),
    "helm": ("upgrade", "rollback"),
    "incident": ("create", "update", "resolve"),
}
_READS: Final[Mapping[str, frozenset[str]]] = {
    "compose": frozenset({"ps"}),
    "docker": frozenset({"logs", "inspect"}),
    "kubernetes": frozenset({"status", "logs", "get"}),
}
#: What the program can undo by itself, from what it captured before the act.
_CAPTURED: Final = frozenset(
    {
        *(("compose", "scale"), ("docker", "stop"), ("docker", "start"), ("kubernetes", "scale")),
        *(("kubernetes", "undo"), ("helm", "upgrade"), ("helm", "rollback"), ("silence", ""), ("runbook", "")),
    }
)
#: A restart leaves nothing behind that could be restored.
_RESTARTS: Final = frozenset({("compose", "restart"), ("docker", "restart"), ("kubernetes", "restart")})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: The most of each that a definition has.
MOST_STEPS, MOST_PARAMETERS, LARGEST = 200, 50, 64 * 1024

_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Action:
    """What one act does. ``body`` has JSON values and templates that are not rendered yet; ``timeout`` in seconds."""

    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    expect: tuple[str, ...] = ()
    timeout: float = 60.0
    #: Seconds from TERM to KILL.
    grace: float = 10.0

    @property
    def verb(self) -> str:
        """Such as "scale"; "" for a kind without verbs."""
        return next((name for name in VERBS.get(self.kind, ()) if name in self.body), "")

    @property
    def method(self) -> str:
        """The HTTP method; "" for other kinds."""
        return str(self.body.get("request", _NONE).get("method", "GET")).upper() if self.kind == "http" else ""

    @property
    def can_change(self) -> bool:
        """Whether this kind of act changes something outside, as far as its kind tells."""
        if self.kind == "http":
            return self.method not in _SAFE_METHODS
        if self.kind in ("command", "helm", "silence", "runbook"):
            return True
        return self.kind in _READS and self.verb not in _READS[self.kind]

    @property
    def has_effect(self) -> bool:
        """Whether a dry run leaves it out: it changes something, or somebody would notice it."""
        return self.can_change or self.kind in ("notify", "incident")


@dataclass(frozen=True, slots=True)
class Verify:
    """``action`` must meet its conditions within ``within`` seconds, and for ``stable_for`` seconds without a break."""

    action: Action
    within: float = 30.0
    every: float = 2.0
    stable_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Undo:
    """How a step is undone, and how it is seen that it was."""

    action: Action
    verify: Verify | None = None
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Parameter:
    """``kind`` is string, int, float, bool, duration, choice or secret; ``default`` None means that it has to be given."""

    id: str
    kind: str
    default: Any = None
    minimum: Any = None
    maximum: Any = None
    pattern: str = ""
    choices: tuple[str, ...] = ()
    title: str = ""
    title_ko: str = ""

    @property
    def secret(self) -> bool:
        return self.kind == "secret"


@dataclass(frozen=True, slots=True)
class Step:
    """``confirm`` is none, ask or type; ``on_failure`` stop or continue; ``undo_on`` attempted or succeeded.

    ``when`` is an expression, "" means always. ``capture`` is a name by where it is found in the result.
    ``targets`` limits the step to these places, () means every one.
    """

    id: str
    title: str
    action: Action
    title_ko: str = ""
    note: str = ""
    confirm: str = "none"
    approval: bool = False
    mutates: bool = False
    irreversible: bool = False
    restores_itself: bool = False
    idempotent: bool = False
    required: bool = False
    retries: int = 0
    when: str = ""
    on_failure: str = "stop"
    undo_on: str = "attempted"
    targets: tuple[str, ...] = ()
    capture: Mapping[str, str] = field(default_factory=dict)
    pre: tuple[Action, ...] = ()
    verify: Verify | None = None
    rollback: Undo | None = None
    #: The step was imported and nobody has read it yet.
    unreviewed: bool = False

    @property
    def kind(self) -> str:
        return self.action.kind

    @property
    def by_hand(self) -> bool:
        return self.kind in BY_HAND

    @property
    def left_out_dry(self) -> bool:
        """Whether a dry run leaves it out. What a program does only its author knows; other kinds tell by themselves."""
        return self.mutates or self.by_hand or (self.action.has_effect and self.kind != "command")

    @property
    def undo(self) -> str:
        """How it can be undone: "declared", "captured" (from what was there before), "nothing" (to restore), "manual"."""
        key = (self.kind, self.action.verb)
        if not self.mutates:
            return "nothing"
        if self.rollback is not None:
            return "declared"
        if self.restores_itself or key in _RESTARTS:
            return "nothing"
        return "captured" if key in _CAPTURED and not self.irreversible else "manual"


@dataclass(frozen=True, slots=True)
class RunbookClock:
    """By when a run has to have something done. ``within`` in seconds.

    ``since`` is where it counts from: ``declared`` or ``detected`` (of the incident; the run's start where it has none),
    or ``run``. ``until`` is the step whose success stops it, "" for the run's own.
    """

    id: str
    title: str
    within: float
    title_ko: str = ""
    since: str = "declared"
    until: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """``severity`` is Sev1 to Sev4; ``expected`` and ``drill_every`` in seconds, 0 when not said.

    ``confirmations`` is how many confirmations the document says it has, None when it does not say.
    ``vars`` are the values for every place, ``target_vars`` those of one place by its name.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    title_ko: str = ""
    description: str = ""
    severity: str = ""
    expected: float = 0.0
    drill_every: float = 0.0
    resources: tuple[str, ...] = ()
    suggest_on: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    params: tuple[Parameter, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    target_vars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    undo_policy: str = "stop"
    auto_rollback: bool = False
    confirmations: int | None = None
    description_ko: str = ""
    #: What has to be seen before it is used; ``suggest_on`` is what a machine can see of that.
    trigger: str = ""
    trigger_ko: str = ""
    #: Documents and sections that it comes from.
    source: tuple[str, ...] = ()
    clocks: tuple[RunbookClock, ...] = ()

    def step(self, wanted: str) -> Step | None:
        return next((step for step in self.steps if step.id == wanted), None)

    def parameter(self, wanted: str) -> Parameter | None:
        return next((each for each in self.params if each.id == wanted), None)

    def steps_at(self, target: str) -> tuple[Step, ...]:
        """The steps that a run at ``target`` has."""
        return tuple(step for step in self.steps if not step.targets or target in step.targets)

    def at(self, target: str) -> Runbook:
        """The runbook as it is at one place: its steps and its values."""
        values = {**self.vars, **self.target_vars.get(target, {})}
        return replace(self, steps=self.steps_at(target), vars=values, target_vars={})

    def to_json(self) -> str:
        """The canonical text: equal definitions have equal texts, wherever they were written."""
        return canonical(as_json(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text, hexadecimal."""
        return digest_of(self.to_json())


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_runbook(text: str) -> Runbook:
    """What `Runbook.to_json` gave. Raises ValueError, TypeError or KeyError."""
    return from_json(Runbook, json.loads(text))
