"""Attempts of steps: a job is started by its text, and what came of it is told from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.runbooks.ports import EXITED, LOST, NOT_STARTED, RUNNING, SEALED, Observed
from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptFailed, AttemptState, Secrets
from artisan_tui.engine.runbooks.shim.masking import ShortSecret
from artisan_tui.steps.runbooks.job import launch, read_job
from artisan_tui.steps.runbooks.protocol import StepRefused
from artisan_tui.steps.runbooks.seen import step_result

PROGRAM: Final = "artisan_tui.engine.runbooks.step_program"
_STATES: Final = {
    AttemptState.NOT_STARTED: NOT_STARTED,
    AttemptState.SEALED: SEALED,
    AttemptState.STARTING: RUNNING,
    AttemptState.RUNNING: RUNNING,
    AttemptState.ORPHANED: RUNNING,
    AttemptState.ENDED: EXITED,
    AttemptState.LOST: LOST,
}
#: Characters of what was printed that an observation has.
_TAIL: Final = 2000


def start_step(folder: Path, job: str, environ: Mapping[str, str]) -> Attempt:
    """Start the attempt in ``folder``. Blocks for a moment; call it in a thread.

    Raises AttemptExists, and AttemptFailed when nothing was started: a secret is missing, a file changed.
    """
    try:
        plan = launch(read_job(json.loads(job)), folder, environ, program=PROGRAM)
    except (SecretMissing, StepRefused) as refused:
        raise AttemptFailed(str(refused)) from None
    attempt = Attempt(folder)
    action = Action(plan.argv, plan.environ, plan.cwd, plan.timeout, plan.grace, plan.pty)
    try:
        attempt.start(action, Secrets(plan.secret_environ, plan.masks, plan.input))
    except ShortSecret as short:
        raise AttemptFailed(str(short)) from None
    return attempt


def observed_step(folder: Path, job: str) -> Observed:
    """How the attempt is. A damaged record is a lost attempt."""
    attempt = Attempt(folder)
    try:
        state = _STATES[attempt.state()]
        ended = attempt.ended() if state == EXITED else None
    except ValueError:
        return Observed(LOST, why="its record is damaged")
    if ended is None:
        return Observed(state)
    output = attempt.output()
    found = step_result(
        read_job(json.loads(job)),
        folder,
        code=ended.code,
        timed_out=ended.timed_out,
        aborted=ended.aborted,
        error=ended.error,
        output=output,
        lasted=ended.lasted,
    )
    code = found.exit if found.exit is not None else ended.code
    return Observed(
        EXITED,
        outcome=found.outcome,
        exit=code,
        why=found.why,
        survivors=len(ended.survivors),
        captures=dict(found.captures),
        tail=output[-_TAIL:],
        log=str(ended.output.get("sha256", "")),
        log_bytes=int(ended.output.get("total", 0)),
        verdict=found.verdict,
    )
