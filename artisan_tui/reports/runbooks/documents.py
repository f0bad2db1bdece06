"""Runbooks as JSON documents and as lines for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.verifications import Verified
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.runbooks.preflight import verified_json, verified_text
from artisan_tui.reports.runbooks.words import action_text, confirm_word, step_title, title, trigger, undo_text

_NONE: Mapping[str, Verified] = MappingProxyType({})


def list_json(runbooks: Iterable[Runbook], known: Mapping[str, Verified] = _NONE) -> list[dict[str, Any]]:
    """``known`` is how each is verified, by its id; what it does not have was never verified."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "title_ko": each.title_ko,
            "severity": each.severity,
            "expected": each.expected or None,
            "drill_every": each.drill_every or None,
            "targets": list(each.targets),
            "suggest_on": list(each.suggest_on),
            "resources": list(each.resources),
            "source": list(each.source),
            "params": [parameter.id for parameter in each.params],
            "steps": len(each.steps),
            "definition": each.digest,
            "verified": verified_json(known.get(each.id, Verified())),
        }
        for each in runbooks
    ]


def list_lines(runbooks: Iterable[Runbook], known: Mapping[str, Verified] = _NONE) -> list[str]:
    """One line for each; one that is not verified says so."""
    listed = list(runbooks)
    width = max((len(each.id) for each in listed), default=0)
    lines = []
    for each in listed:
        expected = span_text(each.expected) if each.expected else "-"
        lines.append(
            f"{each.id:<{width}}  {each.severity or '-':<4}  {expected:>4}  {title(each)}{_unverified(known, each)}"
        )
    return lines


def _unverified(known: Mapping[str, Verified], runbook: Runbook) -> str:
    state = known.get(runbook.id, Verified()).state
    return "" if state == "ok" else f"  ({verified_text(state)})"


def show_json(runbook: Runbook, target: str) -> dict[str, Any]:
    """The whole definition, and what a run at ``target`` would have."""
    return {
        "definition": runbook.digest,
        "target": target or None,
        "steps_at_target": [step.id for step in runbook.steps_at(target)] if target else None,
        "runbook": json.loads(runbook.to_json()),
    }


def show_lines(runbook: Runbook, target: str) -> list[str]:
    """The runbook with each step, what it does and how it is undone."""
    lines = [f"{runbook.id}  {title(runbook)}"]
    facts = [
        (_("use it when"), trigger(runbook)),
        (_("severity"), runbook.severity),
        (_("expected"), span_text(runbook.expected) if runbook.expected else ""),
        (_("locks"), ", ".join(runbook.resources)),
        (_("suggested by"), ", ".join(runbook.suggest_on)),
        (_("where"), ", ".join(runbook.targets)),
        (_("from"), ", ".join(runbook.source)),
        ("SHA-256", runbook.digest),
    ]
    lines += [f"  {name}: {printable(value, 300)}" for name, value in facts if value]
    for each in runbook.params:
        default = _("has to be given") if each.default is None else printable(str(each.default), 100)
        lines.append(f"  --param {each.id}={each.kind}  ({default})")
    for number, step in enumerate(runbook.steps_at(target) if target else runbook.steps, 1):
        lines += _step_lines(number, step)
    return lines


def _step_lines(number: int, step: Step) -> list[str]:
    where = f"  [{', '.join(step.targets)}]" if step.targets else ""
    lines = [f"{number:>3}. {step.id}  {step_title(step)}{where}", f"     {action_text(step.action)}"]
    agreed = confirm_word(step)
    if agreed:
        lines.append(f"     {agreed}")
    if step.mutates:
        lines.append(f"     {_('undo: {how}').format(how=undo_text(step))}")
    return lines
