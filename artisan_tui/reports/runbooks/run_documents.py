"""A run as a JSON document, as lines and as Markdown: what was done, by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.words import step_title, undo_text

#: Exit codes of the contract: what has not ended yet is not known.
_STATES: Final[Mapping[str, str]] = {
    "planned": N_("planned"),
    "running": N_("running"),
    "waiting": N_("waiting for a person"),
    "succeeded": N_("succeeded"),
    "failed": N_("failed"),
    "aborting": N_("aborting"),
    "aborted": N_("aborted"),
    "unknown": N_("unknown"),
    "pending": N_("to do"),
    "checking": N_("checking the precondition"),
    "awaiting": N_("waiting for a person"),
    "verifying": N_("verifying"),
    "timed_out": N_("timed out"),
    "cancelled": N_("cancelled"),
    "skipped": N_("skipped"),
    "not_reached": N_("not reached"),
}
_ROLLBACKS: Final[Mapping[str, str]] = {
    "none": "",
    "offered": N_("rollback offered"),
    "running": N_("rolling back"),
    "done": N_("rolled back"),
    "failed": N_("rollback incomplete"),
    "declined": N_("not rolled back"),
    "manual_done": N_("rolled back, partly by hand"),
    "accepted": N_("rollback left incomplete"),
}
_UNDOS: Final[Mapping[str, str]] = {
    "pending": N_("undo to do"),
    "awaiting": N_("undo waits for a person"),
    "running": N_("being undone"),
    "verifying": N_("undo being verified"),
    "done": N_("undone"),
    "failed": N_("undo failed"),
    "unknown": N_("undo unknown"),
    "skipped": N_("undo left out"),
    "manual": N_("undone by hand"),
}


def state_word(state: str) -> str:
    """The word for a state of a run or of a step."""
    return _(_STATES[state]) if state in _STATES else printable(state, 40)


def rollback_word(state: str) -> str:
    """The word for the state of a rollback, "" where there is none."""
    word = _ROLLBACKS.get(state, "")
    return _(word) if word else ""


def undo_word(state: str) -> str:
    """The word for the state of a step's undo, "" where there is none."""
    return _(_UNDOS[state]) if state in _UNDOS else ""


def _took(step: StepRun) -> str:
    return "" if step.seconds is None else f"  {span_text(step.seconds)}{unattended_text(step.unattended)}"


def unattended_text(seconds: float) -> str:
    """How long nobody carried on after an end, in brackets; "" where somebody did."""
    return "" if not seconds else f" ({_('{time} unattended').format(time=span_text(seconds))})"


def run_markdown(run: Run, definition: Runbook | None, events: Sequence[Event], zone: tzinfo | None) -> list[str]:
    """The record of a run: every step with its reason, and everything that happened. ``events`` oldest first."""
    lines = [f"# {escaped(run.id)}: {escaped(run.title)}", ""]
    words = ", ".join(filter(None, (state_word(run.state), rollback_word(run.rollback_state))))
    facts = [
        (_("Runbook"), run.runbook),
        (_("State"), words),
        (_("Why"), read_back(run.why)),
        (_("Where"), run.target),
        (_("Mode"), "" if run.mode == "live" else run.mode),
        (_("Started"), f"{full_text(run.started_at, zone)}, {run.started_by}"),
        (_("Ended"), "" if run.finished_at is None else full_text(run.finished_at, zone)),
        (_("Unattended"), span_text(run.unattended) if run.unattended else ""),
        (_("Incident"), run.incident),
        (_("Parameters"), ", ".join(f"{name}={value}" for name, value in run.params.items())),
        ("SHA-256", run.definition),
    ]
    lines += [f"- **{name}:** {escaped(value, 1000)}" for name, value in facts if value]
    lines += ["", f"## {_('Steps')}", ""]
    head = ("", _("Step"), _("State"), _("Undo"), _("Reason"))
    rows = [_row(number, step, definition) for number, step in enumerate(run.steps, 1)]
    lines += table(head, rows)
    lines += ["", f"## {_('Timeline')}", ""]
    for event in events:
        at = full_text(event.occurred_at, zone, seconds=True)
        lines.append(f"- {escaped(at)} {escaped(event.actor, 60)}: {escaped(event_text(event), 600)}")
    if events:
        lines += ["", escaped(_("journal head {hash}").format(hash=events[-1].hash))]
    return lines


def _row(number: int, step: StepRun, definition: Runbook | None) -> list[str]:
    defined = None if definition is None else definition.step(step.id)
    name = step.id if defined is None else step_title(defined)
    undo = undo_word(step.undo_state) or ("" if defined is None or not step.order else undo_text(defined))
    said = state_word(step.state) if step.exit in (None, 0) else f"{state_word(step.state)} ({step.exit})"
    return [str(number), escaped(name), escaped(said), escaped(undo, 200), escaped(read_back(step.why), 400)]
