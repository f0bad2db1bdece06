"""How the runbooks did in a period: success, times against what was expected, steps left out, rollbacks, what people wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import (
    RunAnswered,
    RunDenied,
    RunRetried,
    RunSkipped,
    RunStarted,
    RunStepFailed,
    RunUndoMarked,
)
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.session.events import NoteWritten

#: Rollbacks that were begun.
ROLLED_BACK: Final = frozenset({"running", "done", "failed", "manual_done", "accepted"})
_FAILED_STEP: Final = frozenset({"failed", "timed_out", "cancelled"})
#: Seconds of the way forward that are the person's: a run that waited all night is not slow.
LONGEST_NOTE: Final = 300


@dataclass(frozen=True, slots=True)
class RunNote:
    """What a person wrote about a run: why a step was left out, tried again or answered so, or a note."""

    at: datetime
    who: str
    run: str
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class ReviewedRun:
    """A run that began in the period, with its events, oldest first."""

    run: Run
    events: Sequence[Event]

    @property
    def seconds(self) -> float | None:
        """See `Run.seconds`."""
        return self.run.seconds

    @property
    def rolled_back(self) -> bool:
        return self.run.rollback_state in ROLLED_BACK


@dataclass(frozen=True, slots=True)
class RunbookEffect:
    """One runbook. Counts are of live runs that began in the period; ``drills`` are those of drills.

    Times are those of runs that succeeded, in seconds; ``p90`` is the least that nine of ten stayed within. ``expected``
    is 0 where the runbook does not say, ``within`` None then. ``skipped`` and ``failed_steps`` are how often, by step.
    """

    runbook: str
    title: str
    title_ko: str
    runs: tuple[str, ...]
    succeeded: int
    failed: int
    aborted: int
    open: int
    rolled_back: int
    p50: float | None
    p90: float | None
    expected: float
    within: int | None
    skipped: tuple[tuple[str, int], ...]
    failed_steps: tuple[tuple[str, int], ...]
    retried: int
    drills: int
    last_drill: datetime | None
    drill_due: bool
    notes: tuple[RunNote, ...]

    @property
    def success(self) -> float | None:
        """The share of finished runs that succeeded, 0 to 1; None without one."""
        finished = self.succeeded + self.failed + self.aborted
        return self.succeeded / finished if finished else None

    @property
    def slow(self) -> bool:
        """Nine of ten runs took longer than was expected."""
        return bool(self.expected and self.p90 is not None and self.p90 > self.expected)


def runbook_effects(
    definitions: Iterable[Runbook],
    runs: Iterable[ReviewedRun],
    last_drills: Mapping[str, datetime],
    at: datetime,
) -> tuple[RunbookEffect, ...]:
    """One for each runbook that is defined or was run; those that need attention first, unused ones last."""
    known = {each.id: each for each in definitions}
    by_runbook: dict[str, list[ReviewedRun]] = {name: [] for name in known}
    for each in runs:
        by_runbook.setdefault(each.run.runbook, []).append(each)
    found = [_effect(name, known.get(name), listed, last_drills.get(name), at) for name, listed in by_runbook.items()]
    return tuple(sorted(found, key=_rank))


def _rank(effect: RunbookEffect) -> tuple[int, int, str]:
    trouble = effect.failed + effect.aborted + effect.rolled_back + effect.open
    return (0 if trouble or effect.slow else 1 if effect.runs else 2, -len(effect.runs), effect.runbook)


def _effect(
    name: str, definition: Runbook | None, listed: Sequence[ReviewedRun], last_drill: datetime | None, at: datetime
) -> RunbookEffect:
    live = [each for each in listed if each.run.mode == "live"]
    states = Counter(each.run.state if each.run.finished else "open" for each in live)
    seconds = sorted(each.seconds for each in live if each.run.state == "succeeded" and each.seconds is not None)
    skipped: Counter[str] = Counter()
    retried = 0
    notes: list[RunNote] = []
    for each in live:
        for event in each.events:
            try:
                body = read_body(event)
            except BodyError:
                continue
            if isinstance(body, RunSkipped) and body.by == "person":
                skipped[body.step] += 1
            elif isinstance(body, RunRetried):
                retried += 1
            note = _note(each.run.id, event, body)
            if note is not None:
                notes.append(note)
    failed_steps = Counter(step.id for each in live for step in each.run.steps if step.state in _FAILED_STEP)
    expected = 0.0 if definition is None else definition.expected
    every = 0.0 if definition is None else definition.drill_every
    due = bool(every) and (last_drill is None or (at - last_drill).total_seconds() > every)
    title = live[0].run.title if live else name
    return RunbookEffect(
        name,
        title if definition is None else definition.title,
        "" if definition is None else definition.title_ko,
        tuple(each.run.id for each in live),
        states["succeeded"],
        states["failed"],
        states["aborted"],
        states["open"],
        sum(each.rolled_back for each in live),
        median(seconds) if seconds else None,
        seconds[-(-len(seconds) * 9 // 10) - 1] if seconds else None,
        expected,
        sum(each <= expected for each in seconds) if expected else None,
        tuple(skipped.most_common()),
        tuple(failed_steps.most_common()),
        retried,
        sum(each.run.mode == "drill" for each in listed),
        last_drill,
        due,
        tuple(notes),
    )


def _note(run: str, event: Event, body: object) -> RunNote | None:
    """What a person wrote; None for an event without words."""
    step, text = "", ""
    match body:
        case RunAnswered():
            entered = "; ".join(f"{name}: {value}" for name, value in body.values.items())
            step, text = body.step, ": ".join(filter(None, (body.reason, entered)))
        case RunSkipped() if body.by == "person":
            step, text = body.step, body.reason
        case RunRetried() | RunUndoMarked() | RunDenied():
            step, text = body.step, body.reason
        case RunStarted():
            text = body.despite or ""
        case NoteWritten():
            text = body.text
        case RunStepFailed():
            return None
    return RunNote(event.occurred_at, event.actor, run, step, text[:LONGEST_NOTE]) if text.strip() else None
