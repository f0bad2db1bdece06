"""Reads of a step that are needed before it starts, in a child process that ends in time, whatever a library waits for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from artisan_tui.engine.runbooks.spawner import PROGRAM
from artisan_tui.steps.runbooks.job import StepJob, launch
from artisan_tui.steps.runbooks.protocol import StepRefused
from artisan_tui.steps.runbooks.seen import StepResult, step_result

#: Seconds that a reading may take at most.
_LONGEST: Final = 60.0


def read_outside(job: StepJob, above: Path, environ: Mapping[str, str], longest: float = _LONGEST) -> StepResult:
    """Do a job that only reads, in a folder below ``above`` that is removed again.

    Raises StepRefused when it cannot be started, and config.secret.SecretMissing.
    """
    try:
        above.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(prefix=".read-", dir=above))
    except OSError as error:
        raise StepRefused(f"{above} cannot be written: {error.strerror}") from None
    try:
        return _ran(job, folder, environ, longest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ran(job: StepJob, folder: Path, environ: Mapping[str, str], longest: float) -> StepResult:
    plan = launch(job, folder, environ, program=PROGRAM)
    child = subprocess.Popen(
        plan.argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
    timed_out, began = False, time.monotonic()
    try:
        child.communicate(plan.input or "", timeout=min(longest, plan.timeout))
    except subprocess.TimeoutExpired:
        timed_out = True
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    return step_result(
        job,
        folder,
        code=child.returncode,
        timed_out=timed_out,
        aborted=False,
        error="",
        output="",
        lasted=time.monotonic() - began,
    )
