"""What a runbook is, in lines: why it is suggested, its parameters, its steps with what each does and its undo. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.preflight import verified_text
from artisan_tui.reports.runbooks.words import (
    action_text,
    confirm_word,
    description,
    evidence_text,
    step_title,
    trigger,
    undo_text,
)
from artisan_tui.tui.cells import Run, fitted, wrapped

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Parameter, Runbook
    from artisan_tui.domain.runbooks.verifications import Verified
    from artisan_tui.engine.runbooks.slice import SuggestedRun

Row = list[Run]


def parameter_title(each: Parameter) -> str:
    """``Restart Qwen (restart, bool)``: what is asked for, its name, its type and its bounds."""
    said = each.title_ko if each.title_ko and language() == "ko" else each.title
    kind = each.kind
    if each.minimum is not None or each.maximum is not None:
        low = "" if each.minimum is None else each.minimum
        high = "" if each.maximum is None else each.maximum
        kind += f" {low}..{high}"
    if each.secret:
        kind += ", env:NAME " + _("or") + " file:PATH"
    return printable(f"{said} ({each.id}, {kind})" if said else f"{each.id} ({kind})", 200)


def default_text(each: Parameter) -> str:
    """The default as a person would type it, "" where there is none."""
    if each.default is None:
        return ""
    if each.kind == "bool":
        return "true" if each.default else "false"
    if each.kind == "duration" and isinstance(each.default, int | float):
        return span_text(each.default)
    return str(each.default)


def runbook_lines(
    runbook: Runbook, suggested: tuple[SuggestedRun, ...], width: int, verified: Verified | None = None
) -> Iterator[Row]:
    """Everything about a runbook, in lines of at most ``width`` cells."""
    for suggestion in suggested:
        yield from _wrapped(
            _("suggested: {evidence}").format(evidence=evidence_text(suggestion.evidence)), width, "-warn"
        )
    if verified is not None and verified.state in ("failed", "stale", "changed"):
        said = verified_text(verified.state)
        why = f": {read_back(verified.why)}" if verified.state == "failed" and verified.why else ""
        yield from _wrapped(said + why, width, "-bad" if verified.state == "failed" else "-stale")
    yield from _wrapped(description(runbook), width, "")
    if runbook.trigger:
        yield from _wrapped(_("use it when: {trigger}").format(trigger=trigger(runbook)), width, "")
    facts = [
        runbook.severity,
        _("expected {time}").format(time=span_text(runbook.expected)) if runbook.expected else "",
        _("drill every {time}").format(time=span_text(runbook.drill_every)) if runbook.drill_every else "",
        _("places: {names}").format(names=", ".join(runbook.targets)) if runbook.targets else "",
        _("locks: {names}").format(names=", ".join(runbook.resources)) if runbook.resources else "",
        _("from: {documents}").format(documents=printable(", ".join(runbook.source), 400)) if runbook.source else "",
    ]
    yield from _wrapped("  ".join(each for each in facts if each), width, "-dim")
    if runbook.params:
        yield [(" " + _("Parameters"), "-strong")]
        for each in runbook.params:
            default = default_text(each)
            yield fitted([("  " + parameter_title(each), ""), (f"  = {default}" if default else "", "-accent")], width)
    yield [(" " + _("Steps"), "-strong")]
    for number, step in enumerate(runbook.steps, 1):
        only = f"  [{', '.join(step.targets)}]" if step.targets else ""
        yield fitted([(f" {number:>2} ", "-dim"), (step_title(step), ""), (only, "-dim")], width)
        yield fitted([("      ", ""), (action_text(step.action), "-dim")], width)
        notes = [confirm_word(step), _("irreversible") if step.irreversible else ""]
        if step.mutates:
            notes.append(_("undo: {act}").format(act=undo_text(step)))
        said = "; ".join(each for each in notes if each)
        if said:
            yield fitted([("      ", ""), (said, "-warn" if step.irreversible else "-accent")], width)


def _wrapped(text: str, width: int, role: str) -> Iterator[Row]:
    if text:
        for line in wrapped(text, max(8, width - 1)):
            yield [(" " + line, role)]
