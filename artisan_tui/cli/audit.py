"""``artisan-tui audit``: the journal, read and verified."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.events import event_document
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.audit import AuditError, read_journal, rebuild_tables, verify_journal
from artisan_tui.i18n import N_
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.read_back import read_back

app = typer.Typer(no_args_is_help=True)


@app.command("verify", help=N_("Verify the journal's hash chain. Exit 0 valid, 1 invalid, 3 no journal."))
def verify(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    try:
        found = verify_journal(context.obj)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    if as_document:
        say_json(found.document)
    else:
        say(read_back(found.sentence))
    raise typer.Exit(0 if found.holds else 1)


@app.command("rebuild", help=N_("Rebuild the tables that follow from the journal. Exit 0 done, 3 not possible."))
def rebuild(context: typer.Context) -> None:
    try:
        said = rebuild_tables(context.obj)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    say(read_back(said))


@app.command("log", help=N_("Show the journal, newest first."))
def log(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help=N_("Number of events to show."))] = 50,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    try:
        events = read_journal(context.obj, limit)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    if as_document:
        document = [{**event_document(event), "supersedes": event.supersedes, "hash": event.hash} for event in events]
        say_json({"events": document})
        return
    for event in events:
        say(
            f"{event.seq:>6}  {event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {printable(event.actor, 40):<10} {event_text(event)}"
        )
