"""``notify``: a message into our outbox. Asked for twice, it is one message: its id is made from the step's mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.journaled import JournaledKind
from artisan_tui.steps.runbooks.lent import JOURNAL, JournalWriter, lent
from artisan_tui.steps.runbooks.protocol import (
    OK,
    Finding,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    plain,
    resolved_act,
)


class NotifyStep(JournaledKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        to, message = [plain(each) for each in action.body["to"]], plain(action.body["message"])
        request = {
            "to": to,
            "message": message,
            "incident": context.incident,
            "severity": context.severity,
            "options": dict(context.options),
            "by": context.actor,
        }
        shown = f"notify {', '.join(to)}: {message}"
        return resolved_act(action, context, printable(shown, 2000, lines=True), request)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        journal: JournalWriter = lent(channel, JOURNAL)
        try:
            channels = journal.channels(resolved.request, resolved.mark)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        return (Finding(True, f"{', '.join(channels)} would take it"),)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        journal: JournalWriter = lent(channel, JOURNAL)
        channels = journal.notify(resolved.request, resolved.mark)
        channel.say(f"queued for {', '.join(channels)}")
        return StepOutcome(OK)


KIND = NotifyStep()
