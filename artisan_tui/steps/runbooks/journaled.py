"""What the kinds have in common that write into our own journal: whether it happened, the journal says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.steps.runbooks.lent import JOURNAL, JournalWriter, lent
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    HAPPENED,
    OK,
    Attempted,
    Evidence,
    Finding,
    Resolved,
    StepChannel,
    StepOutcome,
)


class JournaledKind:
    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        return {}

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        journal: JournalWriter = lent(channel, JOURNAL)
        if journal.written(attempted.resolved.request, attempted.resolved.mark):
            return Evidence(HAPPENED, "the journal has it")
        return Evidence(ABSENT, "the journal does not have it")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        return None

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        return StepOutcome(OK, f"would {resolved.shown}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        return ()
