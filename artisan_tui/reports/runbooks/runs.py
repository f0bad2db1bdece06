"""Runs as JSON documents and as lines for the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from artisan_tui.domain.event import stamp
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.acting import typed_name
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.domain.runbooks.summary import RunStatistics, RunSummary
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.read_back import read_back

_MARKS: Mapping[str, str] = {
    "succeeded": "+",
    "failed": "!",
    "timed_out": "!",
    "cancelled": "!",
    "unknown": "?",
    "running": ">",
    "checking": ">",
    "verifying": ">",
    "awaiting": "*",
    "skipped": "-",
}
_STATES: Mapping[str, str] = {
    "planned": N_("planned"),
    "running": N_("running"),
    "waiting": N_("waiting"),
    "succeeded": N_("succeeded"),
    "failed": N_("failed"),
    "aborting": N_("aborting"),
    "aborted": N_("aborted"),
    "unknown": N_("unknown"),
    "pending": N_("pending"),
    "checking": N_("checking"),
    "awaiting": N_("awaiting"),
    "verifying": N_("verifying"),
    "timed_out": N_("timed out"),
    "cancelled": N_("cancelled"),
    "skipped": N_("skipped"),
    "not_reached": N_("not reached"),
}


def run_document(
    run: Run, kinds: Mapping[str, str], *, act: str = "", undo: str = "", undos: Iterable[Any] = (), owner: str = "",
    orphaned: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The document of the contract, and beside it what is asked, what is unknown, and what a rollback does.

    ``undos`` have a step, an act and a state.
    """
    asked, unknown = run.asked, run.unknown
    return {
        "run": run.id,
        "runbook": run.runbook,
        "title": run.title,
        "definition": run.definition,
        "mode": run.mode,
        "target": run.target or None,
        "environment": run.environment or None,
        "state": run.state,
        "rollback_state": run.rollback_state,
        "why": run.why,
        "started_at": stamp(run.started_at),
        "started_by": run.started_by,
        "finished_at": _stamp(run.finished_at),
        "unattended": run.unattended,
        "incident": run.incident or None,
        "owner": owner or None,
        "orphaned": orphaned,
        "version": run.version,
        "params": as_json(run.params),
        "locks": list(run.resources),
        "waiting": None
        if asked is None
        else {
            "step": asked.step,
            "for": asked.what,
            "since": stamp(asked.since),
            "expires_at": _stamp(asked.expires),
            "type": typed_name(run) if asked.what in ("type", "barrier") else None,
            "act": act,
            "undo": undo,
        },
        "unknown": None
        if unknown is None
        else {"step": unknown.step, "part": unknown.part, "evidence": unknown.evidence},
        "steps": [_step(each, kinds.get(each.id, "")) for each in run.steps],
        "rollback": [{"step": each.step, "act": each.act, "state": each.state} for each in undos],
    }


def _step(step: StepRun, kind: str) -> dict[str, Any]:
    return {
        "id": step.id,
        "kind": kind,
        "state": step.state,
        "attempt": step.attempt,
        "exit": step.exit,
        "started_at": _stamp(step.started_at),
        "finished_at": _stamp(step.finished_at),
        "seconds": step.seconds,
        "unattended": step.unattended,
        "captures": as_json(step.captures),
        "output_tail": step.tail,
        "why": step.why,
        "survivors": step.survivors,
        "undo": step.undo_state or None,
    }


def run_lines(run: Run, *, act: str = "", undo: str = "", undos: Sequence[Any] = (), owner: str = "") -> list[str]:
    """The run with each step; what is waited for; and what a rollback would do, in its order."""
    where = f" @ {run.target}" if run.target else ""
    lines = [f"{run.id}  {printable(run.title, 200)}{where}  {state_word(run.state)}"]
    if run.why:
        lines.append(f"  {printable(read_back(run.why), 500)}")
    if owner and not run.over:
        lines.append(f"  {_('carried out by {owner}').format(owner=printable(owner, 80))}")
    width = max((len(each.id) for each in run.steps), default=0)
    for each in run.steps:
        said = f"  {_MARKS.get(each.state, ' ')} {each.id:<{width}}  {state_word(each.state)}"
        if each.why:
            said += f": {printable(read_back(each.why), 300)}"
        if each.survivors:
            said += "; " + ngettext("{n} process left", "{n} processes left", each.survivors).format(n=each.survivors)
        lines.append(said)
    lines += waiting_lines(run, act, undo)
    if undos and run.rollback_state != "none":
        lines.append(f"  {_('rollback')}: {run.rollback_state.replace('_', ' ')}")
        for each in undos:
            lines.append(f"    {each.step}: {printable(each.act or _('by hand'), 500)}  {each.state}".rstrip())
    return lines


def waiting_lines(run: Run, act: str, undo: str) -> list[str]:
    """What is waited for, and the command that answers it."""
    asked, lines = run.asked, []
    if asked is not None:
        if act:
            lines.append(f"  {_('would run')}: {printable(act, 2000, lines=True)}")
        if undo:
            lines.append(f"  {_('undo')}: {printable(undo, 2000, lines=True)}")
        lines.append(f"  {_('next')}: {_answer(run, asked.what)}")
    elif run.unknown is not None and run.unknown.evidence:
        said = _("nobody knows how {step} ended").format(step=run.unknown.step)
        lines.append(f"  {said}: artisan-tui runbook decide {run.id} done|not_done|failed --reason TEXT")
    elif run.finished and run.rollback_state == "offered":
        lines.append(f"  {_('next')}: artisan-tui runbook rollback {run.id}, or --how decline --reason TEXT")
    elif run.rollback_state == "failed":
        lines.append(f"  {_('next')}: artisan-tui runbook rollback {run.id} --how retry|done|skip|accept --reason TEXT")
    return lines


def _answer(run: Run, what: str) -> str:
    match what:
        case "confirm":
            return f"artisan-tui runbook confirm {run.id} --yes"
        case "type" | "barrier":
            return f"artisan-tui runbook confirm {run.id} --confirm {printable(typed_name(run), 100)}"
        case "approval":
            return f"artisan-tui runbook approve {run.id}  ({_('by another login')})"
        case "choice":
            return f"artisan-tui runbook answer {run.id} --choice LABEL"
    return f"artisan-tui runbook answer {run.id} [--outcome failed --reason TEXT]"


def history_document(at: datetime, runs: Iterable[RunSummary], known: RunStatistics | None) -> dict[str, Any]:
    document: dict[str, Any] = {"at": stamp(at), "runs": [summary_document(each) for each in runs]}
    if known is not None:
        document["statistics"] = {
            "runs": known.runs,
            "succeeded": known.succeeded,
            "rolled_back": known.rolled_back,
            "p50": known.p50,
            "p90": known.p90,
            "last_run": None if known.last is None else known.last.id,
            "last_drill": None if known.last_drill is None else known.last_drill.id,
        }
    return document


def summary_document(run: RunSummary) -> dict[str, Any]:
    return {
        "run": run.id,
        "runbook": run.runbook,
        "target": run.target or None,
        "definition": run.definition,
        "mode": run.mode,
        "state": run.state,
        "rollback_state": run.rollback_state,
        "incident": run.incident or None,
        "over": run.over,
        "started_at": stamp(run.started_at),
        "finished_at": _stamp(run.finished_at),
        "seconds": run.seconds,
        "unattended": run.unattended,
    }


def history_lines(runs: Iterable[RunSummary]) -> list[str]:
    lines = []
    for each in runs:
        back = "" if each.rollback_state == "none" else f"  {_('rollback')}: {each.rollback_state.replace('_', ' ')}"
        where = f" @ {each.target}" if each.target else ""
        mode = "" if each.mode == "live" else f"  {each.mode}"
        lines.append(f"{each.id}  {each.runbook}{where}{mode}  {state_word(each.state)}{back}")
    return lines


def state_word(state: str) -> str:
    return _(_STATES[state]) if state in _STATES else printable(state, 40)


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
