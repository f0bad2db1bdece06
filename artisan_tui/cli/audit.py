"""``artisan-tui audit``: the journal, read and verified."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from artisan_tui.cli.events import event_document
from artisan_tui.cli.journal_options import KIND, SINCE, UNTIL
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.heads import head_of
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.audit import (
    AuditError,
    head_of_journal,
    journal_zone,
    rebuild_tables,
    search_journal,
    verify_journal,
)
from artisan_tui.i18n import N_, _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.journal_filter import FilterError, make_filter, says
from artisan_tui.reports.read_back import read_back

app = typer.Typer(no_args_is_help=True)

_WORDS = typer.Option(
    "--words", "-w", help=N_("Only entries with all these words; !word excludes. May be given again.")
)
_PERSON = typer.Option("--person", "--author", help=N_("Only entries of this login, or a part of it."))
_SERVICE = typer.Option("--service", "--unit", "-u", help=N_("Only entries about this service, check or SLO."))


@app.command("verify", help=N_("Verify the journal's hash chain. Exit 0 valid, 1 invalid, 3 no journal."))
def verify(
    context: typer.Context,
    head: Annotated[
        str, typer.Option("--head", metavar="N:HASH", help=N_("A head kept elsewhere, as `audit head` printed it."))
    ] = "",
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    if head:
        try:
            head_of(head)
        except ValueError as error:
            said = _("{problem}; write it as `audit head` prints it, NUMBER:HASH")
            say("artisan-tui: " + said.format(problem=read_back(printable(str(error), 200))), err=True)
            raise typer.Exit(2) from None
    try:
        found = verify_journal(context.obj, head)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    if as_document:
        say_json(found.document)
    else:
        say(read_back(found.sentence))
    raise typer.Exit(0 if found.holds else 1)


@app.command("head", help=N_("Print the head of the journal's hash chain, NUMBER:HASH. Exit 0, 3 no journal."))
def head(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    try:
        found = head_of_journal(context.obj)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    if as_document:
        say_json({"events": found.events, "hash": found.digest, "head": str(found)})
    else:
        say(str(found))


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
    words: Annotated[list[str], _WORDS] = [],  # noqa: B006  # typer makes a new one
    person: Annotated[list[str], _PERSON] = [],  # noqa: B006
    service: Annotated[list[str], _SERVICE] = [],  # noqa: B006
    kind: Annotated[list[str], KIND] = [],  # noqa: B006
    since: Annotated[str, SINCE] = "",
    until: Annotated[str, UNTIL] = "",
    no_sessions: Annotated[
        bool, typer.Option("--no-sessions", help=N_("Leave out that sessions began, ended or read their files."))
    ] = False,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    zone = journal_zone(context.obj) if since or until else UTC
    try:
        where = make_filter(
            words, person, service, kind, since, until, datetime.now(UTC), zone, routine=not no_sessions
        )
    except FilterError as error:
        say(f"artisan-tui: --{error}", err=True)
        raise typer.Exit(2) from None
    accept = partial(says, words=where.words) if where.words else None
    try:
        events = search_journal(context.obj, where, accept, limit)
        newest = head_of_journal(context.obj)
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    if as_document:
        document = [{**event_document(event), "supersedes": event.supersedes, "hash": event.hash} for event in events]
        say_json({"events": document, "head": str(newest)})
        return
    for event in events:
        say(
            f"{event.seq:>6}  {event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {printable(event.actor, 40):<10} {event_text(event)}"
        )
