"""``python -m artisan_tui.steps.runbook_step FOLDER``: do one job of a step.

The job comes on standard input as JSON (`steps.runbooks.job`), secrets filled in. What it prints is the attempt's output;
how it ended goes into ``FOLDER/result.json``, what evidence needs into ``FOLDER/hints.json``, each whole or not at all.
Exit: 0 well, 1 failed, 3 unknown.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import hide, redacted
from artisan_tui.steps.runbooks.job import HINTS, RESULT, StepJob, read_job
from artisan_tui.steps.runbooks.protocol import (
    FAILED,
    OK,
    UNKNOWN,
    Attempted,
    Resolved,
    StepChannel,
    StepOutcome,
    StepRefused,
)
from artisan_tui.steps.runbooks.simulated import kind_of

_CODES: Final = {OK: 0, FAILED: 1, UNKNOWN: 3}


def main(argv: list[str], lent: Mapping[str, Any] | None = None) -> int:
    """``lent`` is what other rooms do for a step (`steps.runbooks.lent`)."""
    folder = Path(argv[0])
    document = json.loads(sys.stdin.buffer.read())
    for secret in document.pop("masks", ()):
        hide(str(secret))
    job = read_job(document)
    lasts = job.resolved.until.within if job.does == "verify" and job.resolved.until else job.resolved.timeout
    channel = StepChannel(
        say=_say,
        note=lambda hints: _write(folder, HINTS, hints),
        deadline=time.monotonic() + lasts,
        lent={} if lent is None else lent,
    )
    result = done(job, channel)
    if result.get("why"):
        _say(str(result["why"]))
    _write(folder, RESULT, result)
    return _CODES[str(result["state"])]


def done(job: StepJob, channel: StepChannel) -> dict[str, Any]:
    """The result of a job: ``state`` and ``why``, and what its sort of job has besides."""
    kind = kind_of(job.resolved)
    try:
        match job.does:
            case "evidence":
                attempted = Attempted(job.resolved, job.before, job.hints, job.since)
                found = kind.evidence(attempted, channel)
                return {"state": OK, "verdict": found.verdict, "why": found.why}
            case "capture":
                return {"state": OK, "before": as_json(kind.capture(job.resolved, channel))}
            case "preflight":
                findings = kind.preflight(job.resolved, channel)
                state = FAILED if any(each.ok is False for each in findings) else OK
                shown = [{"ok": each.ok, "what": each.what, "mend": each.mend} for each in findings]
                return {"state": state, "findings": shown}
            case "dry":
                return _result(kind.dry(job.resolved, channel))
            case "verify":
                from artisan_tui.steps.runbooks.verifying import verified

                return _result(verified(kind, job.resolved, channel))
        if job.resolved.files:
            from artisan_tui.steps.runbooks.operands import check_unchanged

            check_unchanged(job.resolved.files)
        return _result(_completed(job.resolved, kind.act(job.resolved, job.before, channel)))
    except StepRefused as refused:
        return {"state": FAILED, "why": str(refused), "question": refused.question}
    except TimeoutError:
        # An act that was cut short may have happened. A read has not told anything.
        state = UNKNOWN if job.does == "act" and job.resolved.mutates else FAILED
        return {"state": state, "why": "the time is up", "timed_out": True}
    except Exception as error:  # noqa: BLE001 - a defect in a kind fails its step, and is a sentence for a person
        state = UNKNOWN if job.does == "act" and job.resolved.mutates else FAILED
        return {"state": state, "why": printable(f"internal error {type(error).__name__}: {error}", 500)}


def _completed(resolved: Resolved, outcome: StepOutcome) -> StepOutcome:
    if not (resolved.expect or resolved.capture):
        return outcome
    from artisan_tui.steps.runbooks.answers import completed  # conditions and their patterns take a moment

    return completed(resolved, outcome)


def _result(outcome: StepOutcome) -> dict[str, Any]:
    return {
        "state": outcome.state,
        "why": printable(outcome.why, 2000),
        "exit": outcome.exit,
        "captures": dict(outcome.captures),
        "hints": as_json(dict(outcome.hints)),
        "latency": outcome.latency,
    }


def _say(text: str) -> None:
    print(printable(text, 8000, lines=True), flush=True)


def _write(folder: Path, name: str, value: Mapping[str, Any]) -> None:
    """Whole, without secrets, and durable before this returns."""
    aside = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(
            descriptor,
            json.dumps(_without_secrets(value), ensure_ascii=False, default=str).encode("utf-8", "surrogateescape"),
        )
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(aside, folder / name)
    above = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {str(key): _without_secrets(each) for key, each in value.items()}
    return [_without_secrets(each) for each in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
