"""What one attempt does, as text in the journal, and how it is started."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.steps.runbooks.protocol import Resolved

#: What an attempt can do with an act: carry it out, repeat it until it is met, find out, say what it would do, look
#: at what is there before, check whether it could.
DOES: Final = ("act", "verify", "evidence", "dry", "capture", "preflight")
#: Files of the attempt's folder that the program writes.
RESULT: Final = "result.json"
HINTS: Final = "hints.json"
PROGRAM: Final = "artisan_tui.steps.runbook_step"
#: Seconds that a started program may need before its act begins, and to say how it ended.
_AROUND: Final = 15.0


@dataclass(frozen=True, slots=True)
class StepJob:
    """``before`` was captured at the intent. For evidence, ``hints`` are what the attempt noted, ``since`` its intent."""

    does: str
    resolved: Resolved
    before: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    since: float = 0.0

    def to_json(self) -> str:
        return canonical(as_json(self))


def read_job(document: Any) -> StepJob:
    """Raises ValueError, TypeError or KeyError."""
    job = from_json(StepJob, document)
    if job.does not in DOES:
        raise ValueError(f"{job.does!r} is nothing that an attempt does")
    return job


@dataclass(frozen=True, slots=True)
class Launch:
    """How an attempt is started. ``environ`` may be on disk, ``secret_environ`` and ``input`` may not."""

    argv: tuple[str, ...]
    input: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    secret_environ: Mapping[str, str] = field(default_factory=dict)
    masks: tuple[str, ...] = ()
    cwd: str | None = None
    timeout: float = 60.0
    grace: float = 10.0
    pty: bool = False


def launch(job: StepJob, folder: Path, environ: Mapping[str, str], *, program: str = PROGRAM) -> Launch:
    """The process for a job, with its secrets. Raises config.secret.SecretMissing, and StepRefused for changed files.

    A program of the operator is started as it is; every other act by ``python -m PROGRAM FOLDER``.
    """
    from artisan_tui.steps.runbooks.operands import check_unchanged
    from artisan_tui.steps.runbooks.secrets import with_secrets  # heavy, and no attempt needs it

    act = job.resolved
    if job.does == "act":
        check_unchanged(act.files)
    text, masks = with_secrets(job.to_json(), environ)
    if act.argv and job.does == "act":
        document = json.loads(text)
        request = document["resolved"].get("request", {})
        shown = dict(act.request.get("env", {}))
        given = {str(name): str(value) for name, value in request.get("env", {}).items()}
        secret = {name: value for name, value in given.items() if value != shown.get(name)}
        return Launch(
            argv=act.argv,
            input=request.get("stdin"),
            environ={name: value for name, value in given.items() if name not in secret},
            secret_environ=secret,
            masks=masks,
            cwd=request.get("cwd"),
            timeout=act.timeout,
            grace=act.grace,
            pty=bool(request.get("pty")),
        )
    if masks:
        # The program writes a result, which must not have them either.
        text = json.dumps({**json.loads(text), "masks": masks}, ensure_ascii=False)
    lasts = act.until.within if act.until is not None and job.does == "verify" else act.timeout
    argv = (sys.executable, "-m", program, str(folder))
    return Launch(argv, text, masks=masks, timeout=lasts + _AROUND, grace=act.grace)
