"""``artisan-tui runbook status|history``, and the record of a run for ``export``: what the store knows of runs."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.i18n import N_, _

_JSON = typer.Option("--json", help=N_("One JSON document on stdout."))


def add(app: typer.Typer) -> None:
    """Add the verbs to the group ``runbook``."""
    app.command(
        "status", help=N_("Show a run: its state and each step. Exit 0 succeeded, 1 failed, 3 unknown, 4 waiting.")
    )(status)
    app.command("history", help=N_("List runs, the newest first, with how long they took and how they ended."))(history)


def status(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help=N_("Run id."), metavar="RUN")],
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.engine.runbooks.records import run_record
    from artisan_tui.reports.runbooks.run_documents import exit_of_run, run_json, run_lines

    record = or_say(lambda: run_record(context.obj, run))
    if as_document:
        say_json(run_json(record.run, record.definition))
    else:
        for line in run_lines(record.run, record.definition):
            say(line)
    raise typer.Exit(exit_of_run(record.run))


def history(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help=N_("Runbook id; all without it."), metavar="[ID]")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=N_("How many runs."))] = 50,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.engine.runbooks.records import run_history
    from artisan_tui.reports.runbooks.run_documents import history_json, history_lines

    found = or_say(lambda: run_history(context.obj, runbook, limit))
    if as_document:
        say_json(history_json(found.runs, found.statistics))
        return
    for line in history_lines(found.runs, found.zone):
        say(line)
    if not found.runs:
        say(_("no runs"), err=True)


def export_run(context: typer.Context, run: str) -> None:
    """The record of a run as Markdown."""
    from artisan_tui.engine.runbooks.records import run_record
    from artisan_tui.reports.runbooks.run_documents import run_markdown

    record = or_say(lambda: run_record(context.obj, run))
    for line in run_markdown(record.run, record.definition, record.events, record.zone):
        say(line)
