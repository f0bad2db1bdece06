"""``incident``: declare one, write into the run's, resolve it. The text has the step's mark, so it is written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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


class IncidentStep(JournaledKind):
    #: Nothing outside is looked at.
    PREFLIGHT_HERE: Final = True

    def plan(self, action: Action, context: StepContext) -> Resolved:
        verb = action.verb
        told = action.body[verb]
        fields = {str(name): _texts(each) for name, each in told.items()}
        request = {"verb": verb, "fields": fields, "incident": context.incident, "options": dict(context.options)}
        request["by"] = context.actor
        what = fields.get("title") or fields.get("status") or fields.get("resolution") or fields.get("text") or ""
        which = context.incident or ("a new one" if verb == "create" else "the run's incident")
        return resolved_act(action, context, printable(f"incident {verb} {which}: {what}", 2000), request)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request = resolved.request
        if request["verb"] == "create" and request["incident"]:
            channel.say(f"the run has {request['incident']} already")
            return StepOutcome(OK, answers={"body": {"id": request["incident"]}})
        if request["verb"] != "create" and not request["incident"]:
            raise StepRefused("the run has no incident", "declare one first, or start the run from one")
        journal: JournalWriter = lent(channel, JOURNAL)
        found = journal.incident(request, resolved.mark)
        channel.say(f"{resolved.shown}: {found}")
        return StepOutcome(OK, answers={"body": {"id": found}}, hints={"incident": found})

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        if resolved.request["verb"] != "create" and not resolved.request["incident"]:
            return (Finding(None, "the run needs an incident", "declare one, or start the run from one"),)
        return ()


def _texts(value: Any) -> Any:
    return [plain(each) for each in value] if isinstance(value, tuple | list) else plain(value)


KIND = IncidentStep()
