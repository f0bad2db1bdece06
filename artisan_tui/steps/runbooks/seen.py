"""How an attempt did, told from its folder: what the program wrote down, or the exit code of a program of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artisan_tui.steps.runbooks.answers import completed
from artisan_tui.steps.runbooks.command import outcome_of
from artisan_tui.steps.runbooks.job import HINTS, RESULT, StepJob
from artisan_tui.steps.runbooks.protocol import FAILED, UNKNOWN

_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StepResult:
    """``outcome`` is ok, failed, timed_out, cancelled or unknown. ``captures`` are JSON texts by name.

    ``verdict`` is evidence's, ``before`` what was captured, ``findings`` those of a preflight: ok, what, mend.
    ``question``: it was refused, and a person may insist.
    """

    outcome: str
    why: str = ""
    exit: int | None = None
    captures: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    question: bool = False


def step_result(
    job: StepJob,
    folder: Path,
    *,
    code: int | None,
    timed_out: bool,
    aborted: bool,
    error: str,
    output: str,
    lasted: float,
) -> StepResult:
    """The result of an attempt that has ended; the arguments are what `exit.json` and the log say."""
    act = job.resolved
    written = _read(folder, RESULT)
    hints = noted_hints(folder)
    if act.argv and job.does == "act":
        if error:
            return StepResult("failed", f"{act.argv[0]} cannot be executed: {error}")
        if timed_out or aborted:
            return StepResult("timed_out" if timed_out else "cancelled", "", code)
        found = completed(act, replace(outcome_of(code, output, act), latency=lasted))
        return StepResult(found.state, found.why, code, found.captures)
    if written is not None:
        state = str(written["state"])
        outcome = "timed_out" if state == FAILED and written.get("timed_out") else state
        return StepResult(
            outcome,
            str(written.get("why", "")),
            written.get("exit"),
            {str(name): str(each) for name, each in written.get("captures", {}).items()},
            {**hints, **written.get("hints", {})},
            str(written.get("verdict", "")),
            written.get("before", {}),
            tuple(written.get("findings", ())),
            bool(written.get("question")),
        )
    unsure = job.does == "act" and act.mutates and not error
    how = "aborted" if aborted else "ended at its timeout" if timed_out else error or f"ended with {code}"
    if unsure:
        return StepResult(UNKNOWN, f"the step was {how} and left no result", code, hints=hints)
    return StepResult("timed_out" if timed_out else "cancelled" if aborted else FAILED, how, code, hints=hints)


def noted_hints(folder: Path) -> Mapping[str, Any]:
    """What an attempt noted for `evidence`, also one that did not live to say how it ended."""
    return _read(folder, HINTS) or {}


def _read(folder: Path, name: str) -> dict[str, Any] | None:
    try:
        with (folder / name).open("rb") as file:
            found = json.loads(file.read(_LARGEST))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
