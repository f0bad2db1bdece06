"""What the commands of runs lead to. Every one goes through `transaction.on_run`, and so through the guard of approvals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.acting import RunRefused, check_typed, typed_name
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.runbooks.families import decline_family, with_family
from artisan_tui.engine.runbooks.owner import owner_gone, owner_label
from artisan_tui.engine.runbooks.starting import begin_run
from artisan_tui.engine.runbooks.transaction import on_run, rules_of

_YES = ("yes", "y", "true", "1")


def start(present: Present, given: Mapping[str, Any]) -> Decision:
    return begin_run(present, given)


def confirm(present: Present, given: Mapping[str, Any]) -> Decision:
    typed, yes = given["typed"] or "", (given["yes"] or "").casefold() in _YES
    return on_run(
        present,
        given,
        "confirm",
        lambda view, run, definition, by: acts.confirm(run, by, typed=typed, yes=yes),
        lambda run: f"confirmed in {run.id}",
    )


def answer(present: Present, given: Mapping[str, Any]) -> Decision:
    """A manual step, a choice, or an undo that is done by hand."""
    values = _object(given["values"] or "")
    return on_run(
        present,
        given,
        "answer",
        lambda view, run, definition, by: acts.answer(
            run,
            definition,
            by,
            done=(given["outcome"] or "done") == "done",
            choice=given["choice"] or "",
            values=values,
            reason=given["reason"] or "",
        ),
        lambda run: f"answered in {run.id}",
    )


def skip(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "skip",
        lambda view, run, definition, by: acts.skip(run, definition, by, given["reason"]),
        lambda run: f"a step of {run.id} was skipped",
    )


def retry(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "retry",
        lambda view, run, definition, by: acts.retry(run, definition, by, given["reason"] or ""),
        lambda run: f"a step of {run.id} is tried again",
    )


def jump(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "jump",
        lambda view, run, definition, by: acts.jump(run, definition, by, given["step"], given["reason"]),
        lambda run: f"{run.id} goes on from {given['step']}",
    )


def abort(present: Present, given: Mapping[str, Any]) -> Decision:
    def said(run: Run) -> str:
        if run.abort_presses > 1:
            return f"{run.id} is aborted: what runs is killed"
        return f"{run.id} is aborted: what runs is told to end; abort again to kill it"

    return on_run(
        present,
        given,
        "abort",
        lambda view, run, definition, by: acts.abort(run, by, given["reason"] or ""),
        said,
    )


def adopt(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "adopt",
        lambda view, run, definition, by: with_family(view, run, by, given["reason"]),
        lambda run: f"{run.id} is carried out by {owner_label(run.owner)}",
    )


def resume(present: Present, given: Mapping[str, Any]) -> Decision:
    """Adopt a run whose owner has ended; one that somebody carries out is theirs until they are gone."""

    def decide(view: Any, run: Run, definition: Any, by: Any) -> Any:
        if not owner_gone(run.owner) and run.owner != by.session:
            raise RunRefused(f"{owner_label(run.owner)} carries {run.id} out: adopt it with a reason")
        return with_family(view, run, by, given["reason"] or f"{owner_label(run.owner)} is gone")

    return on_run(present, given, "resume", decide, lambda run: f"{run.id} goes on")


def approve(present: Present, given: Mapping[str, Any]) -> Decision:
    who = rules_of(present).kernel(present.actor)
    return on_run(
        present,
        given,
        "approve",
        lambda view, run, definition, by: acts.approve(run, by, who),
        lambda run: f"approved in {run.id}",
    )


def deny(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "deny",
        lambda view, run, definition, by: acts.deny(run, by, given["reason"]),
        lambda run: f"denied in {run.id}",
    )


def decide_unknown(present: Present, given: Mapping[str, Any]) -> Decision:
    outcome = given["outcome"]
    return on_run(
        present,
        given,
        "decide-unknown",
        lambda view, run, definition, by: acts.settle(run, definition, by, outcome, given["reason"]),
        lambda run: f"{run.id}: what was unknown is {outcome.replace('_', ' ')}",
    )


def break_lock(present: Present, given: Mapping[str, Any]) -> Decision:
    return on_run(
        present,
        given,
        "break-lock",
        lambda view, run, definition, by: acts.break_lock(
            run, by, given["resource"], given["typed"] or "", given["reason"]
        ),
        lambda run: f"{run.id} does not hold {given['resource']} any more",
    )


def rollback(present: Present, given: Mapping[str, Any]) -> Decision:
    """``how`` is start, retry, done, skip, decline or accept."""
    how, reason, typed = given["how"] or "start", given["reason"] or "", given["typed"] or ""

    def decide(view: Any, run: Run, definition: Any, by: Any) -> Any:
        # As the board asks: what begins to undo in production takes the typed name, whoever calls.
        if typed or (how == "start" and run.environment == "production" and run.mode != "dry"):
            check_typed(run, typed, typed_name(run))
        match how:
            case "start":
                return acts_undo.start_rollback(run, definition, by, holders=view.holders(run.resources))
            case "retry":
                return acts_undo.retry_undo(run, by)
            case "done":
                return acts_undo.mark_undo(run, by, "manual", reason)
            case "skip":
                return acts_undo.mark_undo(run, by, "skipped", reason)
            case "decline":
                return decline_family(view, run, by, reason)
        return acts_undo.accept_rollback(run, by, reason)

    def said(run: Run) -> str:
        words = {"start": "rollback started", "retry": "the undo is tried again", "done": "the undo was done by hand"}
        words |= {"skip": "the undo is left out", "decline": "no rollback", "accept": "the rollback is left incomplete"}
        return f"{run.id}: {words[how]}"

    return on_run(present, given, f"rollback {how}", decide, said)


def _object(text: str) -> Mapping[str, str]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CommandMisused('the values are no JSON object: write {"name": "value"}')
    return {str(name): str(value) for name, value in found.items()}
