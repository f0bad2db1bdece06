"""``artisan-tui config``: check a file, print the schema, write a starter."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say, say_json
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.settings import (
    check_keys,
    read,
    schema,
    schema_of_checklists,
    schema_of_runbooks,
    schema_of_scenarios,
    starter,
)
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.read_back import read_back

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config

app = typer.Typer(no_args_is_help=True)


@app.command("check", help=N_("Read the configuration and report every mistake."))
def check(
    context: typer.Context,
    online: Annotated[
        bool,
        typer.Option(
            "--online", help=N_("Also ask the configured servers whether each selector of an SLO matches anything.")
        ),
    ] = False,
) -> None:
    from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
    from artisan_tui.engine.runbooks.library import library

    path = config_path(context.obj)
    config = read(path)
    check_keys(path)
    rules = ChecklistRules()
    rules.configure(config)
    rules.check()
    count = sum(1 for _check in config.checks())
    runbooks = sum(1 for _runbook in library(config))
    services = len(config.services)
    there = [
        ngettext("{n} service", "{n} services", services).format(n=services),
        ngettext("{n} check", "{n} checks", count).format(n=count),
    ]
    if runbooks:
        there.append(ngettext("{n} runbook", "{n} runbooks", runbooks).format(n=runbooks))
    say(_("{file}: valid; {there}").format(file=path, there=", ".join(there)))
    _say_schedule(config)
    if online:
        raise typer.Exit(_match(config))


def _say_schedule(config: Config) -> None:
    """Hours without anybody on call and the like are no mistakes in the file, but worth a line."""
    from artisan_tui.engine.oncall.doctor import schedule_findings

    for what, well, said, mend in schedule_findings(config, datetime.now(UTC)):
        if well is not True:
            with to_person():
                line = f"{_(what)}: {read_back(said)}"
                say(f"{line}; {read_back(mend)}" if mend else line, err=True)


def _match(config: Config) -> int:
    """Say what matches nothing; 1 when a selector cannot match, 3 when a server could not tell, else 0."""
    from artisan_tui.engine.slo.online import match_selectors
    from artisan_tui.reports.slo.words import unmatched_text

    found = run(match_selectors(config, os.environ))
    for each in found:
        for unmatched in each.unmatched:
            say(f"slo {each.slo}: {unmatched_text(unmatched)}")
        if each.problem:
            say(f"slo {each.slo}: {read_back(each.problem)}")
    sound = sum(each.selectors - len(each.unmatched) for each in found if not each.problem)
    say(_("{n} of {of} selectors match").format(n=sound, of=sum(each.selectors for each in found)))
    if any(unmatched.impossible for each in found for unmatched in each.unmatched):
        return 1
    return 3 if any(each.problem for each in found) else 0


@app.command("schema", help=N_("Print the JSON Schema of artisan.toml, for editors."))
def print_schema(
    runbooks: Annotated[bool, typer.Option("--runbooks", help=N_("The JSON Schema of runbooks.toml instead."))] = False,
    drills: Annotated[bool, typer.Option("--drills", help=N_("The JSON Schema of scenario files instead."))] = False,
    checklists: Annotated[
        bool, typer.Option("--checklists", help=N_("The JSON Schema of files with checklists instead."))
    ] = False,
) -> None:
    if checklists:
        say_json(schema_of_checklists())
        return
    say_json(schema_of_scenarios() if drills else schema_of_runbooks() if runbooks else schema())


@app.command("init", help=N_("Write a commented starter artisan.toml. An existing file is never overwritten."))
def init(
    path: Annotated[Path, typer.Argument(help=N_("File to write."))] = Path("artisan.toml"),
    language: Annotated[str, typer.Option("--language", help=N_("Language of the comments: en or ko."))] = "en",
) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter(language))
    except FileExistsError:
        said = _("{file} exists and was not overwritten; use another file name").format(file=path)
        say(f"artisan-tui: {said}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        said = _("{file} cannot be written: {why}").format(file=path, why=error.strerror)
        say(f"artisan-tui: {said}", err=True)
        raise typer.Exit(2) from None
    said = _("wrote {file}; next: edit it, then `artisan-tui config check` and `artisan-tui`").format(file=path)
    say(said, err=True)
