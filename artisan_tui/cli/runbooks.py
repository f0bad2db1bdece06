"""``artisan-tui runbook``: the runbooks that there are, what lint says of them, and documents made of and into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from artisan_tui.cli import runbook_runs, runbook_verify
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.run_records import export_run
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.settings import read
from artisan_tui.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.verifications import Verified
    from artisan_tui.engine.runbooks.library import Library
    from artisan_tui.engine.settings import Config

app = typer.Typer(no_args_is_help=True)
_JSON = typer.Option("--json", help=N_("One JSON document on stdout."))
_IDS = typer.Argument(help=N_("Runbook ids; all without them."), metavar="[ID]...", show_default=False)
_TARGET = typer.Option("--target", help=N_("Only the steps of this [[target]]."))


def register(parent: typer.Typer) -> None:
    runbook_runs.register(app)
    runbook_verify.register(app)
    parent.add_typer(app, name="runbook", help=N_("Runbooks: list, show, lint, run, roll back, export, import."))


@app.command("list", help=N_("List the runbooks."))
def list_(context: typer.Context, as_document: Annotated[bool, _JSON] = False) -> None:
    from artisan_tui.reports.runbooks.documents import list_json, list_lines

    _config_of, found = _library(context)
    known = _verified(context)
    if as_document:
        say_json({"runbooks": list_json(found, known)})
        return
    for line in list_lines(found, known):
        say(line)
    if not found.runbooks:
        say(_("there are no runbooks: add [[runbook]] tables to runbooks.toml"), err=True)


@app.command("show", help=N_("Show a runbook: its parameters, each step, what it does and how it is undone."))
def show(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help=N_("Runbook id."), metavar="ID")],
    target: Annotated[str, _TARGET] = "",
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.reports.runbooks.documents import show_json, show_lines

    config, found = _library(context)
    (one,) = _known(found, [runbook])
    place = _place(config, target)
    if as_document:
        say_json(show_json(one, place))
        return
    for line in show_lines(one, place):
        say(line)


@app.command("lint", help=N_("Report every trap in the runbooks, each with its mend. Exit 1 when one is an error."))
def lint(
    context: typer.Context,
    runbooks: Annotated[list[str] | None, _IDS] = None,
    strict: Annotated[bool, typer.Option("--strict", help=N_("Exit 1 for warnings, too."))] = False,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.engine.runbooks.library import lint_library

    config, found = _library(context)
    only = [each.id for each in _known(found, runbooks or ())] if runbooks else []
    problems = lint_library(config, found, only)
    errors = sum(each.error for each in problems)
    failed = errors > 0 or (strict and bool(problems))
    if as_document:
        findings = [
            {
                "runbook": each.runbook,
                "rule": each.rule,
                "level": "error" if each.error else "warning",
                "file": each.problem.file,
                "line": each.problem.line,
                "key": each.problem.key,
                "what": each.problem.what,
                "mend": each.problem.mend,
            }
            for each in problems
        ]
        say_json({"ok": not failed, "findings": findings})
    else:
        for each in problems:
            level = _("error") if each.error else _("warning")
            say(f"{level}: {each.runbook}: {each.problem} [{each.rule}]")
        counted = len(only) or len(found.runbooks)
        said = _("{runbooks} runbooks, {errors} errors, {warnings} warnings")
        say(said.format(runbooks=counted, errors=errors, warnings=len(problems) - errors), err=True)
    raise typer.Exit(1 if failed else 0)


@app.command("export", help=N_("Write a runbook, or the record of a run, as Markdown."))
def export(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help=N_("Runbook id or run id."), metavar="ID")],
    target: Annotated[str, _TARGET] = "",
) -> None:
    from artisan_tui.reports.runbooks.markdown import runbook_markdown

    if runbook.startswith("RUN-"):
        export_run(context, runbook)
        return

    config, found = _library(context)
    (one,) = _known(found, [runbook])
    place = _place(config, target)
    for line in runbook_markdown(one, one.steps_at(place) if place else None):
        say(line)


@app.command(
    "import", help=N_("Write the fences of a Markdown document as unreviewed manual steps, for runbooks.toml.")
)
def import_(
    file: Annotated[Path, typer.Argument(help=N_("Markdown file."), metavar="FILE.md")],
) -> None:
    from artisan_tui.engine.runbooks.library import NothingToImport, import_runbooks

    try:
        text = file.read_text("utf-8-sig")
        made = import_runbooks(text, file.name)
    except OSError as error:
        _refuse(_("{file} cannot be read: {why}").format(file=file, why=error.strerror))
    except UnicodeDecodeError:
        _refuse(_("{file} is not UTF-8 text: save it as UTF-8").format(file=file))
    except NothingToImport as nothing:
        _refuse(str(nothing))
    say(made.toml)
    for note in made.notes:
        say(note, err=True)
    for name, steps in made.steps.items():
        said = ngettext("{id}: {n} unreviewed step", "{id}: {n} unreviewed steps", steps)
        say(said.format(id=name, n=steps), err=True)
    say(_("next: put them into runbooks.toml, review each step, then `artisan-tui runbook lint`"), err=True)


def _library(context: typer.Context) -> tuple[Config, Library]:
    from artisan_tui.engine.runbooks.library import library

    config = read(config_path(context.obj))
    return config, library(config)


def _verified(context: typer.Context) -> Mapping[str, Verified]:
    """How each runbook is verified; without a store that can be read, nothing is known of it."""
    from artisan_tui.engine.command import CommandRefused
    from artisan_tui.engine.offline import StoreError
    from artisan_tui.engine.runbooks.verifying import verified_states

    try:
        return verified_states(context.obj)
    except (StoreError, CommandRefused):
        return {}


def _known(found: Library, wanted: Sequence[str]) -> list[Runbook]:
    """The runbooks of these ids. Refuses one that is not there."""
    for each in wanted:
        if each not in found.runbooks:
            known = ", ".join(found.runbooks) or "-"
            _refuse(_("no runbook {id!r}; known: {known}").format(id=printable(each, 80), known=known))
    return [found.runbooks[each] for each in dict.fromkeys(wanted)]


def _place(config: Config, target: str) -> str:
    known = [each.id for each in config.targets]
    if target and target not in known:
        _refuse(_("no target {id!r}; known: {known}").format(id=printable(target, 80), known=", ".join(known) or "-"))
    return target


def _refuse(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)
