"""Which entries of the journal are acts of a drill: the world is scored by what people wrote down as they always do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.domain.alerts.events import AlertAcknowledged
from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.events import (
    IncidentAcknowledged,
    IncidentInformed,
    IncidentNoted,
    IncidentResolved,
    IncidentStatusChanged,
)
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks.events import RunFinished
from artisan_tui.engine.identity import OBSERVER

_LONGEST: Final = 500


def drill_act(event: Event) -> tuple[str, Mapping[str, Any]] | None:
    """The act and its arguments; None for an entry that is none, or that nobody wrote.

    Which runbook a run was of, its last entry does not say: whoever asks looks it up.
    """
    try:
        body = read_body(event)
    except BodyError:
        return None
    if isinstance(body, RunFinished):  # the program says how it ended; a person began it
        return "run", {"runbook": "", "state": body.state}
    if event.actor == OBSERVER:
        return None
    if isinstance(body, IncidentAcknowledged | AlertAcknowledged):
        return "acknowledge", {}
    if isinstance(body, IncidentNoted):
        return "note", {"text": body.text[:_LONGEST]}
    if isinstance(body, IncidentInformed):
        return "update", {"text": body.text[:_LONGEST]}
    if isinstance(body, IncidentStatusChanged):
        return "update", {"text": (body.text or body.after)[:_LONGEST]}
    if isinstance(body, IncidentResolved):
        return "resolve", {}
    return None
