"""An act of a run with its values filled in: what is shown, hashed, committed and carried out."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from artisan_tui.config.runbooks.templates import (
    SecretValue,
    TemplateRefused,
    Values,
    holds,
    render,
    render_value,
)
from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step, Verify
from artisan_tui.domain.runbooks.run import Run


class UnrenderableAct(Exception):
    """An act cannot be rendered. ``what`` is wrong, ``mend`` is the correction."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend = what, mend


#: How references to secrets begin, and the keys of acts that may hold one.
_REFERENCES: Final = ("env:", "file:")
_TAKEN_FROM: Final = (("env",), ("request", "headers"), ("database",), ("runbook", "params"))


@dataclass(frozen=True, slots=True)
class RenderedAct:
    """An act without templates. ``within``, ``every`` and ``stable_for`` are those of a verify, 0 for other acts.

    Secrets are references between the marks of `templates`.
    """

    action: Action
    within: float = 0.0
    every: float = 0.0
    stable_for: float = 0.0

    def to_json(self) -> str:
        """Canonical text: what is committed and hashed."""
        return canonical(as_json(self))


def read_act(text: str) -> RenderedAct:
    """What `RenderedAct.to_json` gave. Raises ValueError, TypeError or KeyError."""
    return from_json(RenderedAct, json.loads(text))


def values_of_run(run: Run, definition: Runbook) -> Values:
    """What templates of a run are filled with; ``definition`` is that at the run's target."""
    secrets = {each.id for each in definition.params if each.secret}
    params = {name: SecretValue(str(value)) if name in secrets else value for name, value in run.params.items()}
    steps: dict[str, Mapping[str, Any]] = {}
    for each in run.steps:
        if each.captures or each.over:
            exited = {} if each.exit is None else {"exit": each.exit}
            steps[each.id] = {**exited, "state": each.state, **each.captures}
    if run.mode == "dry":
        steps = _with_placeholders(run, definition, steps)
    return Values(params, steps, definition.vars, run.environment, run.target, run.id)


def _with_placeholders(
    run: Run, definition: Runbook, steps: dict[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """In a dry run, what a step that was left out would capture is shown by its name."""
    for each in run.steps:
        defined = definition.step(each.id)
        if defined is None or each.state != "skipped":
            continue
        entered = defined.action.body.get("input", {}) if defined.kind == "manual" else {}
        names = [*defined.capture, *entered, *(["choice"] if defined.kind == "choice" else [])]
        known = steps.get(each.id, {})
        steps[each.id] = {"exit": 0, **{name: f"<{each.id}.{name}>" for name in names}, **known}
    return steps


def is_met(step: Step, values: Values) -> bool:
    """Whether the step's ``when`` holds. Raises UnrenderableAct."""
    try:
        return holds(step.when, values)
    except TemplateRefused as refused:
        raise UnrenderableAct(refused.what, refused.mend) from None


def rendered(step: Step, part: str, values: Values, number: int = 1) -> RenderedAct | None:
    """The act of this part; None where the step has none. ``number`` counts preconditions from 1. Raises UnrenderableAct."""
    undo = step.rollback
    match part:
        case "do":
            return RenderedAct(_filled(step.action, values))
        case "pre":
            return RenderedAct(_filled(step.pre[number - 1], values)) if 0 < number <= len(step.pre) else None
        case "verify":
            return None if step.verify is None else _looked(step.verify, values)
        case "undo":
            return None if undo is None else RenderedAct(_filled(undo.action, values))
        case "undo-verify":
            return None if undo is None or undo.verify is None else _looked(undo.verify, values)
    return None


def rendered_resources(definition: Runbook, values: Values) -> tuple[str, ...]:
    """The names of the locks of a run. Raises UnrenderableAct."""
    return tuple(str(_render(text, values)) for text in definition.resources)


def _looked(verify: Verify, values: Values) -> RenderedAct:
    return RenderedAct(_filled(verify.action, values), verify.within, verify.every, verify.stable_for)


def _filled(action: Action, values: Values) -> Action:
    try:
        body = render_value(action.body, values)
        expect = tuple(str(render(each, values)) for each in action.expect)
    except TemplateRefused as refused:
        raise UnrenderableAct(refused.what, refused.mend) from None
    known = {each for each in values.vars.values() if isinstance(each, str)}
    _check_references(action.body, body, known)
    return replace(action, body=body, expect=expect)


def _check_references(written: Any, filled: Any, known: Container[str], path: tuple[str, ...] = ()) -> None:
    """Raise UnrenderableAct where what was filled in would be taken for the name of a secret, and sent somewhere.

    A parameter, or what another machine answered, never names one: the author of the runbook does, here or in
    ``[vars]``, which are ``known``.
    """
    if isinstance(filled, Mapping) and isinstance(written, Mapping):
        for name, each in filled.items():
            _check_references(written.get(name), each, known, (*path, str(name)))
        return
    if not isinstance(filled, str) or not any(path[: len(at)] == at for at in _TAKEN_FROM):
        return
    if filled.startswith(_REFERENCES) and not (str(written).startswith(_REFERENCES) or filled in known):
        raise UnrenderableAct(
            f"the value of {'.'.join(path)} begins with env: or file:, as if it named a secret",
            "write the reference itself, or make the parameter secret",
        )


def _render(text: str, values: Values) -> Any:
    try:
        return render(text, values)
    except TemplateRefused as refused:
        raise UnrenderableAct(refused.what, refused.mend) from None
