"""What every kind of step is: it resolves an act, captures what undoing it needs, carries it out, and finds out afterwards."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.domain.runbooks.definition import Action

#: How an act ended. "unknown": it may have happened, and only evidence tells.
OK, FAILED, UNKNOWN = OUTCOMES = ("ok", "failed", "unknown")
#: What evidence says.
HAPPENED, ABSENT, UNSURE = VERDICTS = ("happened", "absent", "unsure")


class StepRefused(Exception):
    """The act is not carried out. ``what`` is wrong, ``mend`` is the correction; ``question``: a person may insist."""

    def __init__(self, what: str, mend: str = "", *, question: bool = False) -> None:
        super().__init__(f"{what}: {mend}" if mend else what)
        self.what, self.mend, self.question = what, mend, question


@dataclass(frozen=True, slots=True)
class StepContext:
    """Where an act belongs and what it may know. ``folder`` is where relative paths begin.

    ``part`` is do, undo, pre or verify. ``place`` has the defaults of the run's target: context, namespace,
    compose_file. ``metrics`` is the ``[metrics]`` table, ``alertmanagers`` the addresses, both as JSON values;
    ``alert_login`` are the keys of ``[alerts]`` for the connection: headers, bearer_token, username, password, ca_file,
    cert_file, key_file.
    """

    run: str
    step: str
    part: str = "do"
    folder: Path = field(default_factory=Path.cwd)
    mutates: bool = False
    place: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    metrics: Mapping[str, Any] | None = None
    alertmanagers: tuple[str, ...] = ()
    alert_login: Mapping[str, Any] = field(default_factory=dict)
    #: The incident that the run belongs to, "" for none.
    incident: str = ""
    #: Who started the run.
    actor: str = ""
    #: Configuration file and state folder, for what is written into our own journal.
    options: Mapping[str, str] = field(default_factory=dict)
    severity: str = ""
    #: Address of the simulated stack that carries the act out, "" where it is carried out for real.
    stack: str = ""
    #: Id of the runbook that the step is of.
    runbook: str = ""
    #: What is to be captured from the result, by name.
    capture: Mapping[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """What the act leaves at its target, so that it is found again: the same in every attempt."""
        return f"{self.run}/{self.step}" + ("/undo" if self.part.startswith("undo") else "")


@dataclass(frozen=True, slots=True)
class Until:
    """The act is repeated until its conditions hold; times in seconds."""

    within: float
    every: float = 2.0
    stable_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """An act with every value filled in, secrets as references. Shown to a person, hashed, and carried out as it is.

    ``request`` is what its kind needs. ``argv`` is started as it is, () for an act that the program carries out itself.
    ``files`` are operands with the SHA-256 of their content. ``notes`` are what a person should know before.
    """

    kind: str
    verb: str
    shown: str
    mark: str
    request: Mapping[str, Any] = field(default_factory=dict)
    expect: tuple[str, ...] = ()
    capture: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0
    grace: float = 10.0
    mutates: bool = False
    argv: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    until: Until | None = None
    #: Address of the simulated stack that carries it out, "" for real.
    simulated: str = ""
    #: Whose act it is in a drill, so that the drill's record names it: runbook and actor. Empty for real.
    drill: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The canonical text."""
        return canonical(as_json(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text, hexadecimal."""
        return hashlib.sha256(self.to_json().encode("utf-8", "surrogatepass")).hexdigest()


def read_resolved(document: Any) -> Resolved:
    """What `as_json` made of a `Resolved`. Raises ValueError, TypeError or KeyError."""
    return from_json(Resolved, document)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How an act ended. ``answers`` are what conditions and captures are about, by the root of their subject.

    ``hints`` are what `evidence` can use later. ``latency`` in seconds.
    """

    state: str
    why: str = ""
    exit: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    captures: Mapping[str, str] = field(default_factory=dict)
    latency: float | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """An act that was begun. ``before`` was captured at its intent, ``hints`` are what it wrote down, ``since`` is when
    its intent was committed (Unix seconds).
    """

    resolved: Resolved
    before: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether an act happened, found out by reads alone."""

    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `preflight` looked at. ``ok`` None: it cannot be told."""

    ok: bool | None
    what: str
    mend: str = ""


@dataclass(slots=True)
class StepChannel:
    """What an act has while it runs: ``say`` prints a line, ``note`` writes hints down before they are needed."""

    say: Callable[[str], None]
    note: Callable[[Mapping[str, Any]], None]
    deadline: float
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    #: What other rooms do for a step: those of `lent.py`, by name.
    lent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left(self) -> float:
        """Seconds until the act has to be over. Raises TimeoutError when there are none."""
        left = self.deadline - self.clock()
        if left <= 0:
            raise TimeoutError
        return left


class StepKind(Protocol):
    """One kind. Nothing but `act` changes anything; what a kind refuses it refuses by StepRefused."""

    def plan(self, action: Action, context: StepContext) -> Resolved:
        """The act as it would be now. ``action`` has no templates any more. Reads at most files."""
        ...

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        """What is there before the act, as undoing it and telling whether it happened need it."""
        ...

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        """Carry it out. ``before`` was captured at the intent; what differs from it by then may be a reason to refuse."""
        ...

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        """Whether it happened."""
        ...

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        """The act that puts back what was captured, None when there is nothing to be put back or no way."""
        ...

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        """What it would do, by reads alone."""
        ...

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        """Whether it could be carried out and undone, by reads alone."""
        ...


class QuietKind:
    """What most kinds have in common: nothing to capture, nothing to undo, nothing to find out."""

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        return {}

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        return None

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        if not attempted.resolved.mutates:
            return Evidence(ABSENT, "it only reads")
        return Evidence(UNSURE, "nothing tells whether it happened: its verify, or a person")

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        return StepOutcome(OK, f"would run: {resolved.shown}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        return ()


_OPEN: Final = "\u27e6"
_CLOSE: Final = "\u27e7"


def marked(text: str) -> str:
    """A value that may be a bare reference (``env:NAME``), with the marks of a secret around it."""
    return f"{_OPEN}{text}{_CLOSE}" if text.startswith(("env:", "file:")) else text


def unmarked(value: Any) -> Any:
    """A JSON value with its references to secrets as plain text, which no value is ever put in place of."""
    if isinstance(value, str):
        return value.replace(_OPEN, "").replace(_CLOSE, "")
    if isinstance(value, Mapping):
        return {str(name): unmarked(each) for name, each in value.items()}
    return [unmarked(each) for each in value] if isinstance(value, list | tuple) else value


def has_secrets(text: str) -> bool:
    """Whether a text has references to secrets in it."""
    return _OPEN in text


def plain(value: Any) -> str:
    """A rendered value as text, booleans as in JSON."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def resolved_act(action: Action, context: StepContext, shown: str, request: Mapping[str, Any], **more: Any) -> Resolved:
    """A `Resolved` with what every kind takes from its action."""
    return Resolved(
        kind=action.kind,
        verb=action.verb,
        shown=shown,
        mark=context.mark,
        request=request,
        expect=tuple(action.expect),
        capture=dict(context.capture),
        timeout=action.timeout,
        grace=action.grace,
        mutates=context.mutates,
        **more,
    )
