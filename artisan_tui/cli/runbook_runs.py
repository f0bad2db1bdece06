"""``artisan-tui runbook run`` and the verbs on runs: a run begun in one place is answered and carried on in another."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.runbook_output import act, document_of, exit_code, lines_of, print_run, usage
from artisan_tui.cli.verbs import or_say, verb
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back

_RUN = typer.Argument(help=N_("Its id, like RUN-20251014-103000."), metavar="RUN")
_JSON = typer.Option("--json", help=N_("One JSON document on stdout."))
_REASON = typer.Option("--reason", help=N_("Why; it is kept in the record."))
_YES = typer.Option("--yes", help=N_("Agree to what only asks; never to what has to be typed."))
_CONFIRM = typer.Option("--confirm", help=N_("The name of the target, where it has to be typed."), metavar="TEXT")
#: Verbs whose words and options are those of their command.
_DECLARED = ("skip", "retry", "jump", "resume", "adopt", "abort", "approve", "deny", "decide-unknown")
_SEEN = typer.Option("--seen", help=N_("Version that was shown; refused when the run changed since."))


def register(app: typer.Typer) -> None:
    app.command("run", help=N_("Start a run, and carry it out until it waits for a person (exit 4) or is over."))(run)
    app.command("status", help=N_("Show a run, or all that are not over."))(status)
    app.command("confirm", help=N_("Agree to the step that is asked about, exactly as it is shown."))(confirm)
    app.command("answer", help=N_("Say that a manual step or undo was done or failed, or choose an option."))(answer)
    for name in _DECLARED:
        command = COMMANDS[f"runbook.{name}"]
        app.command(command.verb.removeprefix("runbook "), help=command.help)(verb(command, does=partial(_act, name)))
    app.command("rollback", help=N_("Undo what a run did, the last step first."))(rollback)
    app.command("history", help=N_("List runs, newest first, or every event of one run."))(history)


def _act(name: str, context: typer.Context, arguments: dict[str, str], as_document: bool) -> None:
    """Who approves or denies does not carry it out: that is for whoever asked."""
    act(context, name, arguments, as_document=as_document, drives=name not in ("approve", "deny"))


def run(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(help=N_("Runbook id."), metavar="ID")],
    param: Annotated[list[str] | None, typer.Option("--param", help=N_("NAME=VALUE, for each parameter."))] = None,
    target: Annotated[str, typer.Option("--target", help=N_("Where it runs: a [[target]] of artisan.toml."))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Run what only reads, and print the rest."))] = False,
    drill: Annotated[bool, typer.Option("--drill", help=N_("A drill: nobody is told."))] = False,
    yes: Annotated[bool, _YES] = False,
    confirm: Annotated[str, _CONFIRM] = "",
    incident: Annotated[str, typer.Option("--incident", help=N_("The incident that it belongs to."))] = "",
    despite: Annotated[
        str, typer.Option("--despite", help=N_("Why it starts although its preflight failed."), metavar="REASON")
    ] = "",
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    values: dict[str, str] = {}
    for each in param or ():
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            usage(_("{text!r} is no parameter: write --param NAME=VALUE").format(text=each[:80]))
        values[name.strip()] = value
    if dry_run and drill:
        usage(_("--dry-run and --drill exclude each other"))
    arguments = {
        "runbook": runbook,
        "target": target,
        "params": json.dumps(values, ensure_ascii=False) if values else "",
        "mode": "dry" if dry_run else "drill" if drill else "live",
        "yes": "yes" if yes else "",
        "incident": incident,
        "typed": confirm,
        "despite": despite,
    }
    warning = logout_warning()
    if warning:
        say(f"artisan-tui: {read_back(warning)}", err=True)
    act(context, "start", arguments, as_document=as_document, typed=confirm)


def logout_warning() -> str:
    """One line about what a logout would end."""
    from artisan_tui.engine.identity import actor
    from artisan_tui.engine.runbooks.place_guard import logout_kills

    return logout_kills(os.environ, actor())


def status(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(help=N_("Its id; all that are not over without one."), metavar="[RUN]")
    ] = None,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.engine.runbooks.records import active_runs, run_record

    if run is None:
        found = or_say(lambda: active_runs(context.obj))
        if as_document:
            say_json({"runs": [document_of(each) for each in found]})
            return
        for each in found:
            for line in lines_of(each):
                say(line)
        if not found:
            say(_("no run is under way"), err=True)
        return
    record = or_say(lambda: run_record(context.obj, run))
    print_run(record, as_document=as_document)
    raise typer.Exit(exit_code(record))


def confirm(
    context: typer.Context,
    run: Annotated[str, _RUN],
    yes: Annotated[bool, _YES] = False,
    typed: Annotated[str, _CONFIRM] = "",
    seen: Annotated[str, _SEEN] = "",
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    arguments = {"run": run, "yes": "yes" if yes else "", "typed": typed, "seen": seen}
    act(context, "confirm", arguments, as_document=as_document)


def answer(
    context: typer.Context,
    run: Annotated[str, _RUN],
    outcome: Annotated[str, typer.Option("--outcome", help=N_("done (default) or failed."))] = "",
    choice: Annotated[str, typer.Option("--choice", help=N_("The label of the option."))] = "",
    value: Annotated[list[str] | None, typer.Option("--value", help=N_("NAME=VALUE, for what is asked for."))] = None,
    reason: Annotated[str, _REASON] = "",
    seen: Annotated[str, _SEEN] = "",
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    values = dict(each.partition("=")[::2] for each in value or ())
    arguments = {"run": run, "outcome": outcome, "choice": choice, "reason": reason, "seen": seen}
    arguments["values"] = json.dumps(values, ensure_ascii=False) if values else ""
    act(context, "answer", arguments, as_document=as_document)


def rollback(
    context: typer.Context,
    run: Annotated[str, _RUN],
    how: Annotated[
        str, typer.Option("--how", help=N_("start (default), retry, done (by hand), skip, decline or accept."))
    ] = "",
    confirm: Annotated[str, _CONFIRM] = "",
    preview: Annotated[bool, typer.Option("--preview", help=N_("Only show every undo, in order."))] = False,
    reason: Annotated[str, _REASON] = "",
    seen: Annotated[str, _SEEN] = "",
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    if preview:
        from artisan_tui.engine.runbooks.records import run_record

        record = or_say(lambda: run_record(context.obj, run))
        if as_document:
            say_json({"run": run, "rollback": document_of(record)["rollback"]})
            return
        for each in record.undos:
            say(f"{each.step}: {each.act or _('by hand')}")
        return
    arguments = {"run": run, "how": how, "reason": reason, "typed": confirm, "seen": seen}
    act(context, "rollback", arguments, as_document=as_document)


def history(
    context: typer.Context,
    wanted: Annotated[
        str | None, typer.Argument(help=N_("A runbook, or a run; all runs without one."), metavar="[ID]")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=N_("How many."))] = 50,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    from artisan_tui.engine.runbooks.records import run_events, run_history, run_record
    from artisan_tui.reports.runbooks.runs import history_document, history_lines

    if wanted and wanted.startswith("RUN-"):
        from artisan_tui.cli.events import event_document
        from artisan_tui.reports.event_words import event_text

        record = or_say(lambda: run_record(context.obj, wanted))
        events = or_say(lambda: run_events(context.obj, wanted, max(limit, 500)))
        if as_document:
            say_json({**document_of(record), "events": [event_document(each) for each in events]})
            return
        for event in events:
            say(f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {event.actor:<10} {event_text(event)}")
        return
    found = or_say(lambda: run_history(context.obj, wanted or "", limit))
    if as_document:
        say_json(history_document(found.at, found.runs, found.statistics))
        return
    for line in history_lines(found.runs):
        say(line)
    if not found.runs:
        say(_("no runs yet"), err=True)
