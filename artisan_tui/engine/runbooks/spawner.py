"""Attempts in their folders, `<state>/runs/<run>/<step>.<number>.<part>/`: the runner's port to real processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.ports import EXITED, LOST, NOT_STARTED, RUNNING, SEALED, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptExists, AttemptFailed, AttemptState, Secrets
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.masking import ShortSecret
from artisan_tui.engine.runbooks.shim.processes import lasted_since
from artisan_tui.steps.runbooks.job import Launch, launch, read_job
from artisan_tui.steps.runbooks.protocol import StepRefused
from artisan_tui.steps.runbooks.seen import step_result

#: Characters of the end of an output that go into the journal.
_TAIL: Final = 2000
PROGRAM: Final = "artisan_tui.engine.runbooks.step_program"

#: What was committed for an attempt: run and seq of the intent.
ReadIntent = Callable[[str, int], RunIntended]


def attempt_folder(state: Path, run: str, name: str) -> Path:
    """The folder of an attempt; ``name`` as in `InFlight.name`."""
    return state / "runs" / run / name


class FolderSpawner:
    """``state`` is the state folder; secrets are revealed from ``environ`` just before the start."""

    def __init__(self, state: Path, environ: Mapping[str, str], intent: ReadIntent) -> None:
        self._state, self._environ, self._intent = state, environ, intent

    def attempt(self, run: Run, attempt: InFlight) -> Attempt:
        return Attempt(attempt_folder(self._state, run.id, attempt.name))

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        """What cannot be started is sealed with the reason; what was started before is left alone."""
        one = self.attempt(run, attempt)
        try:
            one.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            plan = launch(read_job(json.loads(act)), one.folder, self._environ, program=PROGRAM)
            one.start(*for_attempt(plan))
        except AttemptExists:
            return
        except (AttemptFailed, SecretMissing, ShortSecret, StepRefused, ValueError, KeyError, OSError) as error:
            one.seal(str(error) or type(error).__name__)

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        one = self.attempt(run, attempt)
        try:
            state = one.state()
            match state:
                case AttemptState.NOT_STARTED:
                    return Observed(NOT_STARTED)
                case AttemptState.SEALED:
                    return Observed(SEALED, why=one.sealed_for())
                case AttemptState.STARTING | AttemptState.RUNNING:
                    return Observed(RUNNING)
                case AttemptState.ORPHANED:
                    _overdue(one)
                    return Observed(RUNNING, why="its supervisor was killed, and it still runs")
                case AttemptState.LOST:
                    why = "its supervisor was killed, or the machine was started anew: nobody knows how it ended"
                    return Observed(LOST, why=why, tail=_tail(one))
            return self._ended(run, attempt, one)
        except ValueError as error:
            return Observed(LOST, why=f"the record of the attempt is damaged: {error}")

    def _ended(self, run: Run, attempt: InFlight, one: Attempt) -> Observed:
        ended = one.ended()
        if ended is None:
            raise ValueError(f"{files.EXIT} is gone")
        job = read_job(json.loads(self._intent(run.id, attempt.seq).act))
        output = one.output()
        result = step_result(
            job,
            one.folder,
            code=ended.code,
            timed_out=ended.timed_out,
            aborted=ended.aborted,
            error=ended.error,
            output=output,
            lasted=ended.lasted,
        )
        outcome, verdict = result.outcome, result.verdict
        if attempt.part == "evidence" and job.does == "verify":
            # That it is not met tells nothing: half of it may be there.
            outcome, verdict = "ok", "happened" if outcome == "ok" else "unsure"
        return Observed(
            EXITED,
            outcome,
            ended.code if result.exit is None else result.exit,
            result.why,
            len(ended.survivors),
            result.captures,
            printable(output, 1 << 20, lines=True)[-_TAIL:],
            str(ended.output.get("sha256", "")),
            int(ended.output.get("total", 0)),
            verdict,
            lasted=round(ended.lasted, 3),
        )

    def seal(self, run: Run, attempt: InFlight) -> Observed:
        self.attempt(run, attempt).seal()
        return self.observe(run, attempt)

    def terminate(self, run: Run, attempt: InFlight) -> None:
        self.attempt(run, attempt).terminate()

    def kill(self, run: Run, attempt: InFlight) -> None:
        self.attempt(run, attempt).kill()

    def end_survivors(self, run: Run) -> int:
        """Kill what the steps of a run left behind; the number of steps that had left something."""
        found = 0
        for step in run.steps:
            for number in range(1, step.attempt + 1) if step.survivors else ():
                folder = attempt_folder(self._state, run.id, f"{step.id}.{number}.do")
                found += Attempt(folder).kill() if folder.is_dir() else 0
        return found


def for_attempt(plan: Launch) -> tuple[Action, Secrets]:
    """A launch as the shim takes it."""
    action = Action(plan.argv, plan.environ, plan.cwd, plan.timeout, plan.grace, plan.pty)
    return action, Secrets(plan.secret_environ, plan.masks, plan.input)


def _overdue(one: Attempt) -> None:
    """Nobody ends an orphan at its timeout: do it here."""
    begun, request = files.read_json(one.folder, files.START), files.read_json(one.folder, files.REQUEST)
    if begun is not None and request is not None:
        lasted = lasted_since(str(begun["start"]))
        if lasted is None:
            lasted = time.time() - float(begun["at"])
        if lasted > float(request["timeout"]) + float(request["grace"]):
            one.kill()


def _tail(one: Attempt) -> str:
    return printable(one.output(), 1 << 20, lines=True)[-_TAIL:]
