"""What the command line says of a run: its document, its lines, its exit code, and each event as it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.runbooks.at_terminal import Carried
    from artisan_tui.engine.runbooks.records import RunRecord


def act(
    context: typer.Context,
    name: str,
    arguments: dict[str, str],
    *,
    as_document: bool,
    typed: str = "",
    drives: bool = True,
) -> None:
    """Carry out the command and what follows; the run as it is then, and its exit code."""
    from artisan_tui.engine.runbooks.at_terminal import act_and_drive

    given = {key: value for key, value in arguments.items() if value}
    done: Carried = or_say(
        lambda: act_and_drive(context.obj, f"runbook.{name}", given, _narrate, _stream, typed=typed, drives=drives)
    )
    if done.elsewhere:
        said = _("{said}; {owner} carries it out")
        say(said.format(said=read_back(done.said), owner=done.elsewhere), err=True)
    print_run(done.record, as_document=as_document)
    raise typer.Exit(0 if done.elsewhere or not drives else exit_code(done.record))


def exit_code(record: RunRecord) -> int:
    """0 succeeded or rolled back as asked, 1 failed, 3 unknown or under way elsewhere, 4 waiting for a person."""
    if record.child is not None and exit_code(record.child) in (3, 4):
        return exit_code(record.child)
    run = record.run
    if run.unknown is not None:
        return 3
    if run.asked is not None:
        return 4
    if run.rollback_state in ("running", "failed"):
        return 1 if run.rollback_state == "failed" else 3
    if run.rollback_state in ("done", "manual_done"):
        return 0
    return {"succeeded": 0, "failed": 1, "aborted": 1}.get(run.state, 3)


def _stream(line: str) -> None:
    """A line that a step printed, on stderr at once: stdout is for the result."""
    say(f"    {line}", err=True)


def _narrate(event: Event, whole: bool) -> None:
    """One line on stderr for each event; with the end of what a step printed, unless all of it was said before."""
    from artisan_tui.reports.event_words import event_text

    if event.kind == "run.defined":
        return
    say(f"{event.occurred_at:%H:%M:%S} {event_text(event)}", err=True)
    tail: Any = event.body.get("tail")
    if not whole and isinstance(tail, str) and tail.strip():
        say("    …", err=True)
        for line in tail.rstrip().splitlines()[-20:]:
            say(f"    {line}", err=True)


def document_of(record: RunRecord) -> dict[str, Any]:
    from artisan_tui.reports.runbooks.clocks import clock_document
    from artisan_tui.reports.runbooks.runs import run_document

    document: dict[str, Any] = run_document(
        record.run,
        record.kinds,
        act=record.act,
        undo=record.undo,
        undos=record.undos,
        owner=record.owner,
        orphaned=record.orphaned,
    )
    document["clocks"] = [clock_document(each, datetime.now(UTC)) for each in record.clocks]
    if record.child is not None:
        document["child"] = document_of(record.child)
    return document


def lines_of(record: RunRecord) -> list[str]:
    from artisan_tui.reports.runbooks.clocks import clock_text
    from artisan_tui.reports.runbooks.runs import run_lines

    lines = run_lines(record.run, act=record.act, undo=record.undo, undos=record.undos, owner=record.owner)
    lines[1:1] = [f"  {clock_text(each, datetime.now(UTC))}" for each in record.clocks]
    return lines if record.child is None else [*lines, *(f"  {each}" for each in lines_of(record.child))]


def print_run(record: RunRecord, *, as_document: bool) -> None:
    if as_document:
        say_json(document_of(record))
        return
    for line in lines_of(record):
        say(line)


def usage(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)
