"""``runbook``: another runbook, as a run of its own below this one. The runner starts it and waits for it; no process does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import (
    UNSURE,
    Attempted,
    Evidence,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    marked,
    plain,
    resolved_act,
)

#: Verbs of the request: start a child, and undo what the children of a step did.
START, ROLL_BACK = "start", "rollback"
_READS: Final = frozenset({"pre", "verify", "undo-verify"})


class ChildStep(QuietKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        if context.part in _READS:
            raise StepRefused("a runbook is no condition: it may change something", "write a step that only reads")
        wanted = action.body["runbook"]
        name, given = plain(wanted["id"]), {str(key): each for key, each in wanted.get("params", {}).items()}
        said = ", ".join(f"{key}={marked(plain(each))}" for key, each in given.items())
        shown = printable(f"runbook: {name}" + (f" ({said})" if said else ""), 4000)
        request = {"verb": START, "id": name, "params": as_json(given), "step": context.step}
        return resolved_act(action, context, shown, request)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        raise StepRefused("the runner does this, no process", "run it by artisan-tui runbook run")

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        """Asked only of a run that the database lost: it had begun, and what it did is nowhere else."""
        return Evidence(UNSURE, "the database lost the run of this step: see what its steps did, and decide")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        """Whatever its children did, undone by them, the last first."""
        if resolved.request["verb"] == ROLL_BACK:
            return None
        request = {"verb": ROLL_BACK, "id": resolved.request["id"], "step": resolved.request["step"]}
        shown = f"roll back what runbook {resolved.request['id']} did, its last step first"
        return replace(
            resolved, verb=ROLL_BACK, shown=shown, mark=f"{resolved.mark}/undo", request=request, mutates=True
        )


KIND = ChildStep()
