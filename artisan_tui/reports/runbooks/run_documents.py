"""A run as a JSON document, as lines and as Markdown: what was done, by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.domain.runbooks.summary import RunStatistics, RunSummary
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.words import step_title, undo_text

#: Exit codes of the contract: what has not ended yet is not known.
_EXITS: Final[Mapping[str, int]] = {"succeeded": 0, "failed": 1, "aborted": 1, "waiting": 4}
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


def exit_of_run(run: Run) -> int:
    """The exit code: 0 succeeded, 1 failed or aborted, 4 waiting for a person, 3 while the outcome is not known."""
    return _EXITS.get(run.state, 3)


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


def run_json(run: Run, definition: Runbook | None) -> dict[str, Any]:
    """The document of the contract. Fields may be added."""
    return {
        "run": run.id,
        "runbook": run.runbook,
        "definition": run.definition,
        "target": run.target or None,
        "mode": run.mode,
        "state": run.state,
        "rollback_state": run.rollback_state,
        "started_at": stamp(run.started_at),
        "started_by": run.started_by,
        "finished_at": _stamped(run.finished_at),
        "incident": run.incident or None,
        "params": dict(run.params),
        "why": run.why,
        "asked": None if run.asked is None else {"step": run.asked.step, "what": run.asked.what},
        "steps": [_step_json(step, definition) for step in run.steps],
    }


def _step_json(step: StepRun, definition: Runbook | None) -> dict[str, Any]:
    defined = None if definition is None else definition.step(step.id)
    return {
        "id": step.id,
        "kind": None if defined is None else defined.kind,
        "state": step.state,
        "undo_state": step.undo_state or None,
        "attempt": step.attempt,
        "exit": step.exit,
        "started_at": _stamped(step.started_at),
        "finished_at": _stamped(step.finished_at),
        "captures": dict(step.captures),
        "output_tail": step.tail,
        "survivors": step.survivors,
        "why": step.why,
    }


def _stamped(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def run_lines(run: Run, definition: Runbook | None) -> list[str]:
    """The run in a few lines: its state, each step, and what is waited for."""
    head = f"{run.id}  {printable(run.runbook, 63)}"
    if run.target:
        head += f"  {printable(run.target, 63)}"
    words = [state_word(run.state), rollback_word(run.rollback_state)]
    lines = [f"{head}  {', '.join(filter(None, words))}"]
    if run.why:
        lines.append(f"  {printable(read_back(run.why), 400)}")
    width = max((len(step.id) for step in run.steps), default=0)
    for number, step in enumerate(run.steps, 1):
        said = ", ".join(filter(None, (state_word(step.state), undo_word(step.undo_state))))
        took = _took(step)
        why = f": {printable(read_back(step.why), 200)}" if step.why else ""
        lines.append(f"{number:>3}. {step.id:<{width}}  {said}{took}{why}")
    if run.asked is not None:
        lines.append("  " + _("waits: {step} ({what})").format(step=printable(run.asked.step, 63), what=run.asked.what))
    return lines


def _took(step: StepRun) -> str:
    if step.started_at is None or step.finished_at is None:
        return ""
    return f"  {span_text(max(0.0, (step.finished_at - step.started_at).total_seconds()))}"


def history_json(runs: Sequence[RunSummary], statistics: RunStatistics) -> dict[str, Any]:
    return {
        "runs": [
            {
                "run": each.id,
                "runbook": each.runbook,
                "target": each.target or None,
                "mode": each.mode,
                "state": each.state,
                "rollback_state": each.rollback_state,
                "started_at": stamp(each.started_at),
                "seconds": each.seconds,
                "incident": each.incident or None,
                "definition": each.definition,
            }
            for each in runs
        ],
        "live_runs": statistics.runs,
        "succeeded": statistics.succeeded,
        "rolled_back": statistics.rolled_back,
        "seconds_p50": statistics.p50,
        "seconds_p90": statistics.p90,
    }


def history_lines(runs: Sequence[RunSummary], zone: tzinfo | None) -> list[str]:
    """One line for each run."""
    width = max((len(each.runbook) for each in runs), default=0)
    lines = []
    for each in runs:
        took = "-" if each.seconds is None else span_text(each.seconds)
        words = ", ".join(filter(None, (state_word(each.state), rollback_word(each.rollback_state))))
        mode = "" if each.mode == "live" else f" ({each.mode})"
        lines.append(
            f"{each.id}  {full_text(each.started_at, zone)}  {each.runbook:<{width}}  {took:>5}  {words}{mode}"
        )
    return lines


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
