"""``runbook export``: a runbook as a document that people can read, print and follow by hand."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.runbooks.by_hand import checklist_of
from artisan_tui.domain.runbooks.definition import Action, Parameter, Runbook, Step
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.runbooks.words import (
    confirm_word,
    description,
    step_title,
    title,
    trigger,
    undo_text,
    what_text,
)

#: The language of a fence by kind.
_FENCES = {"command": "bash", "sql": "sql", "http": "http"}
_LONGEST = 60_000


def runbook_markdown(runbook: Runbook, steps: Sequence[Step] | None = None) -> list[str]:
    """The lines of the document. ``steps``: those at one place; without it all."""
    lines = [f"# {escaped(title(runbook))}", ""]
    lines += [f"**Runbook ID:** `{runbook.id}`", ""]
    facts = [
        (_("Use it when"), trigger(runbook)),
        (_("Severity"), runbook.severity),
        (_("Expected"), span_text(runbook.expected) if runbook.expected else ""),
        (_("Practised every"), span_text(runbook.drill_every) if runbook.drill_every else ""),
        (_("Suggested by"), ", ".join(runbook.suggest_on)),
        (_("Locks"), ", ".join(runbook.resources)),
        (_("Where"), ", ".join(runbook.targets)),
        (_("From"), ", ".join(runbook.source)),
        ("SHA-256", runbook.digest),
    ]
    lines += [f"- **{name}:** {escaped(value)}" for name, value in facts if value]
    if runbook.description:
        lines += ["", escaped(description(runbook), 4000)]
    if runbook.params:
        lines += ["", f"## {_('Parameters')}", ""]
        head = (_("Name"), _("Type"), _("Default"), _("Allowed"))
        lines += table(head, [_parameter_row(each) for each in runbook.params])
    lines += ["", f"## {_('Steps')}"]
    for number, step in enumerate(runbook.steps if steps is None else steps, 1):
        lines += ["", *_step(number, step)]
    undone = [step for step in (runbook.steps if steps is None else steps) if step.mutates]
    if undone:
        lines += ["", f"## {_('Rollback, in this order')}", ""]
        lines += [
            f"{number}. {escaped(step_title(step))}: {escaped(undo_text(step), 1000)}"
            for number, step in enumerate(reversed(undone), 1)
        ]
    return lines


def _parameter_row(parameter: Parameter) -> Sequence[str]:
    allowed = list(parameter.choices) or [parameter.pattern] * bool(parameter.pattern)
    if parameter.minimum is not None or parameter.maximum is not None:
        least = "" if parameter.minimum is None else str(parameter.minimum)
        most = "" if parameter.maximum is None else str(parameter.maximum)
        allowed.append(f"{least}..{most}")
    default = "" if parameter.default is None else str(parameter.default)
    return [escaped(each) for each in (parameter.id, parameter.kind, default, ", ".join(allowed))]


def _step(number: int, step: Step) -> list[str]:
    lines = [f"### {number}. {escaped(step_title(step))}", ""]
    about = [
        (_("Where"), ", ".join(step.targets)),
        (_("Only when"), step.when),
        (_("Confirmation"), confirm_word(step)),
        (_("Captures"), ", ".join(f"{name} = {where}" for name, where in step.capture.items())),
        (_("Note"), step.note),
    ]
    if step.unreviewed:
        about.append((_("Imported"), _("nobody has reviewed this step yet")))
    lines += [f"- **{name}:** {escaped(value, 1000)}" for name, value in about if value]
    if lines[-1]:
        lines.append("")
    for before in step.pre:
        lines += [_("Before it, this has to be true:"), "", *_act(before), ""]
    lines += _act(step.action)
    if step.verify is not None:
        lines += ["", _("It worked when, within {span}:").format(span=span_text(step.verify.within)), ""]
        lines += _act(step.verify.action)
    if step.mutates:
        lines += ["", f"**{_('Undo')}:** {escaped(undo_text(step), 1000)}"]
    return lines


def _act(action: Action) -> list[str]:
    """A fence with what is done, longer than any fence inside of it, and the conditions."""
    text = printable(what_text(action), _LONGEST, lines=True)
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = [f"{fence}{_FENCES.get(action.kind, 'text')}", *text.strip("\n").splitlines(), fence]
    if action.expect:
        lines += ["", f"{_('Expected')}: {', '.join(f'`{_code(each)}`' for each in action.expect)}"]
    lines += [f"- [ ] {escaped(str(item))}" for item in checklist_of(action.body, korean=language() == "ko")]
    return lines


def _code(text: str) -> str:
    return " ".join(printable(text, 300).split()).replace("`", "'")


def _runs(text: str) -> list[str]:
    runs, run = [], ""
    for sign in text:
        if sign == "`":
            run += sign
        elif run:
            runs.append(run)
            run = ""
    return [*runs, run]
