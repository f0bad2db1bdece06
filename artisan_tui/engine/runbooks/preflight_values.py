"""What is known of a runbook before a run: its values at one place, and what stands in for those that only a run has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from artisan_tui.config.runbooks.rendering import UnrenderableAct, rendered
from artisan_tui.config.runbooks.templates import SecretValue, Values
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.parameters import ParameterRefused, checked
from artisan_tui.domain.runbooks.preflight import FAILED, NOTE, UNKNOWN
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.engine.runbooks.rules import RunRules


@dataclass(frozen=True, slots=True)
class PreflightPorts:
    """``state`` is the state folder. ``actor`` is who asks; ``now`` the clock."""

    rules: RunRules
    state: Path
    environ: Mapping[str, str]
    actor: str
    now: Callable[[], datetime]


class RunbookAt:
    """One runbook at one place, with the values that are known before a run: captured ones are not."""

    def __init__(
        self, ports: PreflightPorts, runbook: Runbook, there: Runbook, target: str, given: Mapping[str, Any]
    ) -> None:
        params: dict[str, Any] = {}
        for name in given:
            if runbook.parameter(name) is None:
                raise ParameterRefused(f"{runbook.id} has no parameter {str(name)[:60]!r}", "remove it")
        for each in runbook.params:
            value = checked(each, given[each.id]) if each.id in given else each.default
            if value is not None:
                params[each.id] = value
        self.there, self.target = there, target
        self.missing = tuple(each.id for each in runbook.params if each.id not in params)
        secret = {each.id for each in runbook.params if each.secret}
        shown = {name: SecretValue(str(value)) if name in secret else value for name, value in params.items()}
        environment = ports.rules.environment
        self.known = Values(shown, {}, there.vars, environment, target, "RUN-0")
        guessed = {each.id: _guess(each.kind, each.minimum, each.choices, each.id) for each in runbook.params}
        self.with_params = replace(self.known, params={**guessed, **shown})
        captured = {each.id: _captured(each) for each in there.steps}
        # What is captured may be a text or a number: an act that can be made from either is one that can be made.
        numbers = {
            name: {each: 1 if each != "state" else value for each, value in values.items()}
            for name, values in captured.items()
        }
        self.guessed = (replace(self.with_params, steps=captured), replace(self.with_params, steps=numbers))
        self.run = Run(
            "RUN-0",
            runbook.id,
            runbook.title,
            runbook.digest,
            ports.now(),
            ports.actor,
            target=target,
            environment=environment,
            params=params,
            steps=tuple(StepRun(each.id) for each in there.steps),
        )

    def open(self, step: Step, part: str, number: int, error: UnrenderableAct) -> tuple[str, str, str]:
        """What a part is that cannot be rendered from what is known: state, what, mend."""
        if self.missing and self._renders(step, part, number, self.with_params):
            names = ", ".join(self.missing)
            return UNKNOWN, f"it depends on a value for {names}", f"give --param {self.missing[0]}=…"
        if any(self._renders(step, part, number, each) for each in self.guessed):
            return NOTE, "it depends on what an earlier step captures", ""
        return FAILED, error.what, error.mend

    def _renders(self, step: Step, part: str, number: int, values: Values) -> bool:
        """A number that was made up may not fit an arithmetic: that is no fault of the template."""
        try:
            rendered(step, part, values, number)
        except UnrenderableAct as error:
            return "cannot be rendered" in error.what
        return True


def _guess(kind: str, least: Any, choices: Sequence[str], name: str) -> Any:
    match kind:
        case "int" | "float" | "duration":
            return 1 if least is None else least
        case "bool":
            return True
        case "choice":
            return choices[0]
        case "secret":
            return SecretValue(f"env:{name.upper()}")
    return f"<{name}>"


def _captured(step: Step) -> dict[str, Any]:
    entered = step.action.body.get("input", {}) if step.kind == "manual" else {}
    names = (*step.capture, *entered, *(("choice",) if step.kind == "choice" else ()))
    return {"exit": 0, "state": "succeeded", **{name: f"<{step.id}.{name}>" for name in names}}
