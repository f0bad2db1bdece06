"""``artisan-tui incident``: declare, list and show; the acts are made from their declarations."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from artisan_tui.cli.incident_documents import register_documents
from artisan_tui.cli.incident_writing import register_writing
from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say, verb
from artisan_tui.domain.event import stamp
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.incidents.listing import incident_list, incident_record
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.offline import carry_out
from artisan_tui.i18n import N_, _
from artisan_tui.reports.incidents.json_documents import incident_document
from artisan_tui.reports.incidents.text import list_lines, show_lines
from artisan_tui.reports.read_back import read_back, read_reply

app = typer.Typer(no_args_is_help=True)
JSON_HELP = N_("One JSON document on stdout.")
#: Keys of the JSON object that `create` takes, and the parameters that they are.
_KEYS = {
    "title": "title",
    "description": "description",
    "severity": "severity",
    "components": "services",
    "services": "services",
    "detected_at": "detected",
    "declared_at": "at",
    "alerts": "alerts",
    "source": "source",
    "drill": "drill",
}
#: Those that may be lists of texts.
_LISTS = frozenset({"services", "alerts"})
#: Entries that `show` prints without --all.
_ENTRIES = 200


def register(parent: typer.Typer) -> None:
    for command in COMMANDS.values():
        words = command.verb.split()
        if words[:1] == ["incident"] and words[1] != "create":
            app.command(words[1], help=command.help)(verb(command, _document))
    register_documents(app)
    register_writing(app)
    said = N_("Incidents: declare, work on, resolve and close them; every act is kept in the journal.")
    parent.add_typer(app, name="incident", help=said)


@app.command("create", help=N_("Declare an incident, by options or by one JSON object; '-' reads it from stdin."))
def create(
    context: typer.Context,
    document: Annotated[
        str | None, typer.Argument(help=N_('Like {"title": "…", "severity": "Sev2", "components": ["LLM"]}.'))
    ] = None,
    title: Annotated[str, typer.Option("--title", help=N_("What is wrong, in one line."))] = "",
    severity: Annotated[
        str, typer.Option("--severity", help=N_("Sev1 to Sev4, P0 to P3, critical, high, medium or low."))
    ] = "",
    description: Annotated[str, typer.Option("--description", help=N_("Who notices what."))] = "",
    services: Annotated[str, typer.Option("--services", help=N_("Affected services, with commas."))] = "",
    detected: Annotated[str, typer.Option("--detected", help=N_("When it was detected, if not now."))] = "",
    at: Annotated[str, typer.Option("--at", help=N_("When it began, if it is written down later."))] = "",
    alerts: Annotated[str, typer.Option("--alerts", help=N_("Fingerprints of its alerts, with commas."))] = "",
    drill: Annotated[bool, typer.Option("--drill", help=N_("A drill: nobody is paged."))] = False,
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    arguments = {} if document is None else _read(sys.stdin.read() if document == "-" else document)
    given = {
        "title": title,
        "severity": severity,
        "description": description,
        "services": services,
        "detected": detected,
        "at": at,
        "alerts": alerts,
        "drill": "yes" if drill else "",
    }
    arguments |= {name: value for name, value in given.items() if value}
    for needed in ("title", "severity"):
        if not arguments.get(needed, "").strip():
            _usage(_("an incident needs a {name}: --{name}, or {name} in the JSON object").format(name=needed))
    done = or_say(lambda: carry_out(context.obj, "incident.declare", arguments))
    if as_document:
        say_json(_document(context.obj, done.subject))
    else:
        say(read_reply(done.said))


@app.command("list", help=N_("List open incidents, the worst first, and those that are over."))
def list_(
    context: typer.Context,
    recent: Annotated[int, typer.Option("--recent", min=0, max=1000, help=N_("How many that are over."))] = 10,
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    found = or_say(lambda: incident_list(context.obj, recent))
    opened = [each.incident for each in found.open]
    if found.unattended and any(each.active for each in opened):
        with to_person():
            said = _("no session is running: nobody is paged when a deadline passes; start artisan-tui watch")
            say(f"artisan-tui: {said}", err=True)
    if as_document:
        everything = [incident_document(each.incident, each.clocks) for each in (*found.open, *found.recent)]
        say_json({"at": stamp(found.at), "incidents": everything})
        return
    clocks = {each.id: each.clocks for each in found.open}
    for line in list_lines(opened, [each.incident for each in found.recent], clocks, found.at):
        say(line)


@app.command("show", help=N_("Show an incident and its timeline."))
def show(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(help=N_("Its id, like INC-20251014-103000."))],
    everything: Annotated[bool, typer.Option("--all", help=N_("The whole timeline, however long."))] = False,
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    limit = 10**9 if everything else _ENTRIES
    found = or_say(lambda: incident_record(context.obj, incident, limit))
    if as_document:
        say_json(incident_document(found.incident, found.view.clocks, found.timeline, more=found.more))
        return
    for line in show_lines(found.incident, found.view.clocks, found.timeline, found.at, more=found.more):
        say(line)


def _document(options: GlobalOptions, subject: str) -> dict[str, object]:
    """The incident after an act."""
    found = or_say(lambda: incident_record(options, subject, _ENTRIES))
    return incident_document(found.incident, found.view.clocks, found.timeline, more=found.more)


def _read(text: str) -> dict[str, str]:
    """The arguments in a JSON object; ends with 2 for one that cannot be read."""
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        _usage(_("this is no JSON object: {why}").format(why=printable(str(error), 200)))
    if not isinstance(found, dict):
        _usage(_('this is no JSON object: write {"title": "…", "severity": "Sev2"}'))
    arguments: dict[str, str] = {}
    for key, value in found.items():
        if key not in _KEYS:
            said = _("an incident has no {key}; known: {known}")
            _usage(said.format(key=printable(str(key), 40), known=", ".join(_KEYS)))
        name, text = _KEYS[key], "" if value is None else _text_of(key, value)
        arguments[name] = ",".join(filter(None, [arguments.get(name, ""), text])) if name == "services" else text
    return arguments


def _text_of(key: str, value: Any) -> str:
    """A value of the JSON object as what the option takes; ends with 2 for one of another type.

    Nothing is read into it: a drill that is no true or false would page nobody, or everybody.
    """
    if _KEYS[key] == "drill":
        if not isinstance(value, bool):
            _usage(_("{key} has to be true or false, without quotes").format(key=key))
        return "yes" if value else ""
    if _KEYS[key] in _LISTS and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    if _KEYS[key] == "severity" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        said = _("{key} has to be text, or a list of texts") if _KEYS[key] in _LISTS else _("{key} has to be text")
        _usage(said.format(key=key))
    return str(value)


def _usage(said: str) -> Any:
    say(f"artisan-tui: {read_back(said)}", err=True)
    raise typer.Exit(2)
