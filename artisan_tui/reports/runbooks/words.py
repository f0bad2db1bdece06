"""Words of runbooks that are the same everywhere: steps, acts, undo, places."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from artisan_tui.domain.runbooks.by_hand import instructions_of, question_of
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language
from artisan_tui.reports.checks.words import state_word as check_state_word
from artisan_tui.reports.read_back import read_back

_CONFIRM: Mapping[str, str] = {
    "none": "",
    "ask": N_("asks before it runs"),
    "type": N_("the target is typed before it runs"),
}
_UNDO: Mapping[str, str] = {
    "captured": N_("put back to what was there before"),
    "nothing": N_("nothing to undo"),
    "manual": N_("by hand: no rollback is declared"),
}


#: What `engine.runbooks.causes` writes: of a check, of an alert, of a burning error budget.
_CHECK = re.compile(r"(?s)(\S+) is (up|degraded|down|unknown)(?:: (.*?))?(?: \((\d+) in a row\))?")
_BUDGET = re.compile(r"alert ([^:]+) fires \((\w+)\)")
_RUN = re.compile(r"(\S+) succeeded in (RUN-\S+)")
_ALERT = re.compile(r"(?s)alert (\S+) fires(?:: (.*))?")


def evidence_text(evidence: str) -> str:
    """Why a runbook is suggested, in the person's language. The summary of an alert is its author's and stays as it is."""
    if language() == "en":
        return evidence
    if found := _CHECK.fullmatch(evidence):
        check, state, detail, count = found.groups()
        said = _("{check} is {state}").format(check=check, state=check_state_word(State(state)))
        if detail:
            said += ": " + read_back(detail)
        return said + (" " + _("({n} in a row)").format(n=count) if count else "")
    if found := _BUDGET.fullmatch(evidence):
        return _("alert {name} fires ({severity})").format(name=found[1], severity=found[2])
    if found := _ALERT.fullmatch(evidence):
        said = _("alert {name} fires").format(name=found[1])
        return f"{said}: {found[2]}" if found[2] else said
    if found := _RUN.fullmatch(evidence):
        return _("{runbook} succeeded in {run}").format(runbook=found[1], run=found[2])
    return read_back(evidence)


def title(runbook: Runbook) -> str:
    """The title in the person's language, printable."""
    return printable(runbook.title_ko if runbook.title_ko and language() == "ko" else runbook.title, 200)


def description(runbook: Runbook) -> str:
    """The description in the person's language, printable, "" without one."""
    korean = runbook.description_ko and language() == "ko"
    return printable(runbook.description_ko if korean else runbook.description, 2000)


def trigger(runbook: Runbook) -> str:
    """What has to be seen before it is used, in the person's language, printable, "" where nothing is said."""
    return printable(runbook.trigger_ko if runbook.trigger_ko and language() == "ko" else runbook.trigger, 1000)


def step_title(step: Step) -> str:
    return printable(step.title_ko if step.title_ko and language() == "ko" else step.title, 200)


def confirm_word(step: Step) -> str:
    """What has to be agreed before a step, "" for nothing."""
    said = _(_CONFIRM[step.confirm]) if _CONFIRM[step.confirm] else ""
    if step.approval:
        approved = _("somebody else approves it")
        return f"{said}; {approved}" if said else approved
    return said


def undo_text(step: Step) -> str:
    """How a step is undone, in one line."""
    if step.rollback is not None:
        return action_text(step.rollback.action)
    if step.irreversible:
        return _("cannot be undone")
    return _(_UNDO[step.undo])


def by_hand_text(step: Step | None) -> str:
    """How a person undoes a step that nothing undoes by itself; None: its definition is not known."""
    if step is None:
        return _("by hand")
    said = undo_text(step)
    return said if step.rollback is None and step.undo == "manual" else _("by hand: {act}").format(act=said)


def action_text(action: Action) -> str:
    """What an act does, in one line: as a person would type it where that is possible."""
    return printable(" ".join(what_text(action).split()), 400)


def what_text(action: Action) -> str:
    """What an act does, with its lines."""
    body = action.body
    match action.kind:
        case "http":
            request = body["request"]
            sent = request.get("json", request.get("body"))
            text = sent if isinstance(sent, str) else json.dumps(sent, ensure_ascii=False)
            line = f"{request.get('method', 'GET')} {request['url']}"
            return line if sent is None else f"{line} {text}"
        case "command":
            return str(body["shell"]) if "shell" in body else " ".join(_quoted(each) for each in body["run"])
        case "manual":
            return instructions_of(body, korean=language() == "ko")
        case "sql":
            return str(body["query"])
        case "wait":
            return _wait(body)
        case "measure":
            return " ".join(f"{key} {_flat(each)}" for key, each in body["measure"].items())
        case "notify":
            return f"notify {', '.join(body['to'])}: {body['message']}"
        case "choice":
            return question_of(body, korean=language() == "ko").replace("\n", " | ")
        case "runbook":
            return f"runbook {body['runbook']['id']}"
        case "silence":
            return f"silence {', '.join(body['matchers'])} {_span(body['for'])}"
    return f"{action.kind} {action.verb} {_flat(body.get(action.verb))}"


def _wait(body: Mapping[str, Any]) -> str:
    if "for" in body:
        return f"wait {_span(body['for'])}"
    inner = body["until"]["action"]
    seen = what_text(Action(inner["kind"], inner["body"]))
    return f"wait until {seen}: {', '.join(inner['expect'])}"


def _span(value: Any) -> str:
    return span_text(value) if isinstance(value, int | float) else str(value)


def _quoted(text: Any) -> str:
    import shlex

    return shlex.quote(str(text)) if "{{" not in str(text) else str(text)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_flat(each)}" for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(map(_flat, value))
    return "" if value is None or value is True else str(value)
