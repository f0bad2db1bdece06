"""Kinds that no process carries out: a person does, or answers, or the runner starts another run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    Attempted,
    Evidence,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    plain,
    resolved_act,
)


class ByHand(QuietKind):
    """``who`` does it; ``shown`` is the key of the body that says what."""

    def __init__(self, who: str, shown: str) -> None:
        self._who, self._shown = who, shown

    def plan(self, action: Action, context: StepContext) -> Resolved:
        what = action.body.get(self._shown, "")
        if isinstance(what, Mapping):
            given = ", ".join(f"{name}={plain(each)}" for name, each in what.get("params", {}).items())
            what = f"{what['id']}" + (f" with {given}" if given else "")
        shown = f"{action.kind}: {plain(what)}"
        return resolved_act(action, context, printable(shown, 4000, lines=True), as_json(dict(action.body)))

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        raise StepRefused(f"{self._who} does this, no process", "answer it in the stepper, or by runbook confirm")

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        return Evidence(ABSENT, f"no process does this, {self._who} does")
