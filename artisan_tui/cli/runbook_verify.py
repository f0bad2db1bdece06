"""``artisan-tui runbook verify``: whether each step could be carried out and undone, found out by reads alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.runbook_output import usage
from artisan_tui.cli.verbs import or_say
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.read_back import read_back

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.preflight import Preflight

#: 0: every step could be carried out; 1: one could not; 3: it cannot be told before a run.
_CODES = {"ok": 0, "failed": 1, "unknown": 3}


def register(app: typer.Typer) -> None:
    said = N_("Find out by reads alone whether each step could be carried out and undone. Exit 1 when one could not.")
    app.command("verify", help=said)(verify)


def verify(
    context: typer.Context,
    runbooks: Annotated[
        list[str] | None,
        typer.Argument(help=N_("Runbook ids; all without them."), metavar="[ID]...", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=N_("Every runbook."))] = False,
    target: Annotated[
        str, typer.Option("--target", help=N_("Where they would run: a [[target]] of artisan.toml."))
    ] = "",
    param: Annotated[list[str] | None, typer.Option("--param", help=N_("NAME=VALUE, for each parameter."))] = None,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    from artisan_tui.engine.runbooks.verifying import verify as examine
    from artisan_tui.reports.runbooks.preflight import preflight_lines, preflights_json

    ids = list(runbooks or ())
    if every and ids:
        usage(_("--all and ids exclude each other"))
    values = dict(_parameter(each) for each in param or ())
    if values and len(ids) != 1:
        usage(_("--param is for one runbook: name it"))
    _check_names(context, ids, target)
    done = or_say(lambda: examine(context.obj, ids, target, values))
    if as_document:
        say_json(preflights_json(done.at, done.found))
    else:
        for each in done.found:
            for line in preflight_lines(each):
                say(line)
        say(_summary(done.found), err=True)
    if done.not_kept:
        why = read_back(done.not_kept)
        say(_("artisan-tui: the result is not kept: {why}").format(why=why), err=True)
    raise typer.Exit(_code(done.found))


def _check_names(context: typer.Context, ids: list[str], target: str) -> None:
    """A runbook or target that is not there is a mistake in the command, not a failure."""
    from artisan_tui.engine.launch import config_path
    from artisan_tui.engine.runbooks.library import library
    from artisan_tui.engine.settings import read

    config = read(config_path(context.obj))
    known = library(config).runbooks
    for each in ids:
        if each not in known:
            usage(_("no runbook {id!r}; known: {known}").format(id=each[:80], known=", ".join(known) or "-"))
    targets = {each.id for each in config.targets} | {place for each in known.values() for place in each.targets}
    if target and target not in targets:
        places = ", ".join(sorted(targets)) or "-"
        usage(_("no target {id!r}; known: {known}").format(id=target[:80], known=places))


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        usage(_("{text!r} is no parameter: write --param NAME=VALUE").format(text=text[:80]))
    return name.strip(), value


def _summary(found: tuple[Preflight, ...]) -> str:
    if not found:
        return _("there are no runbooks: add [[runbook]] tables to runbooks.toml")
    failed = sum(each.state == "failed" for each in found)
    unknown = sum(each.state == "unknown" for each in found)
    said = ngettext("{n} runbook verified", "{n} runbooks verified", len(found)).format(n=len(found))
    said += ", " + _("{n} would not work").format(n=failed)
    return said + (", " + _("{n} cannot be told before a run").format(n=unknown) if unknown else "")


def _code(found: tuple[Preflight, ...]) -> int:
    codes = {_CODES[each.state] for each in found}
    return 1 if 1 in codes else 3 if 3 in codes else 0
