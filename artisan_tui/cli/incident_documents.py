"""``artisan-tui incident report|export|search``: what is known of incidents, as documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, NoReturn

import typer

from artisan_tui.cli.events import event_document
from artisan_tui.cli.journal_options import KIND, SINCE, UNTIL
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import redacted
from artisan_tui.domain.when import NotOneMoment, parse_when
from artisan_tui.engine.audit import AuditError, find_words, journal_zone
from artisan_tui.engine.incidents.history import every_incident, incident_history
from artisan_tui.engine.incidents.listing import incident_record
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.i18n import N_, _, language, spoken_in
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.incidents.export import IncidentRecord, incident_markdown
from artisan_tui.reports.incidents.json_documents import incident_document
from artisan_tui.reports.incidents.summary import incident_report, report_document
from artisan_tui.reports.journal_filter import FilterError, make_filter
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.read_back import read_back

JSON_HELP = N_("One JSON document on stdout.")
ID_HELP = N_("Its id, like INC-20251014-103000.")
LANGUAGE_HELP = N_("Its language: en or ko; else that of the configuration.")
LANGUAGES = ("en", "ko")
_REPORTED = timedelta(days=30)


def register_documents(app: typer.Typer) -> None:
    app.command("report", help=N_("Report on the incidents of a time: open, overdue, and how long they took."))(report)
    app.command("export", help=N_("Print an incident as a document; the same incident gives the same document."))(
        export
    )
    app.command("search", help=N_("Find entries with all these words, in every incident or in one."))(search)


def report(
    context: typer.Context,
    since: Annotated[
        str, typer.Option("--since", help=N_("From then on: 30d, yesterday, 2026-11-01; default 30d."))
    ] = "",
    until: Annotated[str, typer.Option("--until", help=N_("Before then; written like --since."))] = "",
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    found = or_say(lambda: every_incident(context.obj))
    end = _moment(until, found.at, found.zone, "until") if until else found.at
    begin = _moment(since, found.at, found.zone, "since") if since else end - _REPORTED
    if begin >= end:
        usage(_("--since has to lie before --until"))
    if as_document:
        say_json(report_document(found.incidents, begin, end))
    else:
        say(redacted(incident_report(found.incidents, begin, end, found.zone)).rstrip("\n"))


def export(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(help=ID_HELP)],
    format_: Annotated[str, typer.Option("--format", help=N_("markdown or json."))] = "markdown",
    spoken: Annotated[str, typer.Option("--language", help=LANGUAGE_HELP)] = "",
) -> None:
    if format_ not in ("markdown", "json"):
        usage(_("--format has to be markdown or json"))
    with spoken_in(language_of(spoken)):
        found = or_say(lambda: incident_history(context.obj, incident))
        if format_ == "json":
            document = incident_document(found.incident, found.view.clocks, found.events)
            say_json(_redacted({**document, "head": found.head}))
            return
        record = IncidentRecord(found.incident, found.events, found.head)
        say(redacted(incident_markdown(record, found.zone)).rstrip("\n"))


def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(help=N_("Every one of them has to be in the entry."))],
    incident: Annotated[
        str,
        typer.Option(
            "--incident",
            help=N_("Only this incident, and what is merged into it."),
        ),
    ] = "",
    kind: Annotated[list[str], KIND] = [],  # noqa: B006  # typer makes a new one
    since: Annotated[str, SINCE] = "",
    until: Annotated[str, UNTIL] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=N_("Number of entries."))] = 50,
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    wanted = [word for each in words for word in each.split()]
    if not wanted:
        usage(_("write at least one word"))
    zone = journal_zone(context.obj) if since or until else UTC
    try:
        where = make_filter((), (), (), kind, since, until, datetime.now(UTC), zone)
    except FilterError as error:
        usage(f"--{error}")
    parts = or_say(lambda: incident_record(context.obj, incident, 1)).incident.subjects if incident else ("",)
    try:
        found = [event for part in parts for event in find_words(context.obj, wanted, part, where, limit)]
    except AuditError as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(3) from None
    events = sorted(found, key=lambda event: -event.seq)[:limit]
    if as_document:
        say_json({"events": [event_document(event) for event in events]})
        return
    for line in _found_lines(context.obj, events):
        say(line)
    if not events:
        say(f"artisan-tui: {_('nothing was found')}", err=True)


def _found_lines(options: GlobalOptions, events: list[Event]) -> list[str]:
    zone = journal_zone(options)
    return [
        f"{event.seq:>6}  {full_text(event.occurred_at, zone)}  {printable(event.subject, 40) or '-'}  "
        f"{printable(event.actor, 40)}  {event_text(event)}"
        for event in events
    ]


def language_of(given: str) -> str:
    """The language that is asked for; ends with 2 for one that there is not."""
    if given and given not in LANGUAGES:
        usage(_("--language has to be en or ko"))
    return given or language()


def usage(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)


def _moment(text: str, now: datetime, zone: tzinfo, name: str) -> datetime:
    try:
        return parse_when(text, now.astimezone(UTC), zone)
    except NotOneMoment as several:
        usage(f"--{name}: {several.said(_)}")
        raise
    except ValueError:
        said = _("--{name} {text} is no time: write 30d, yesterday, or 2026-11-01")
        usage(said.format(name=name, text=printable(text, 40)))
        raise


def _redacted(value: object) -> object:
    """The document without anything that the configuration keeps secret."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    return value
