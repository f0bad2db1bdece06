"""Programs that attempts start, and waiting for their end."""

from __future__ import annotations

import sys

from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptState
from support.servers import until

PYTHON = sys.executable


def python(code: str, *arguments: str, **more: object) -> Action:
    return Action((PYTHON, "-c", code, *arguments), **more)  # type: ignore[arg-type]


def ended(attempt: Attempt, seconds: float = 20.0) -> None:
    until(lambda: attempt.state() is AttemptState.ENDED, seconds, "the end of the attempt")
