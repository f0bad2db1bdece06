"""The commands, as typer sees them. What they do lives in the engine; how it is said lives here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from artisan_tui import __version__
from artisan_tui.cli import audit, board, commands, config, doctor, manual, serve, watch
from artisan_tui.cli.language import speak, to_person, translate
from artisan_tui.cli.options import AT_HELP, COMPLETE, CONFIG_HELP, READ_ONLY_HELP, STATE_HELP, moved_to_front
from artisan_tui.cli.out import say
from artisan_tui.cli.usage_errors import usage_text
from artisan_tui.cli.verbs import add_verbs
from artisan_tui.engine.launch import GlobalOptions, Options, options_of
from artisan_tui.engine.settings import ConfigError
from artisan_tui.i18n import N_, _
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.wings import files

app = typer.Typer(
    name="artisan-tui",
    help=N_("On-call dashboard. Without a command it opens the board."),
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"artisan-tui {__version__}")
        raise typer.Exit


@app.callback()
def globals_(
    context: typer.Context,
    config_file: Annotated[Path | None, typer.Option("--config", help=CONFIG_HELP)] = None,
    state: Annotated[Path | None, typer.Option("--state", help=STATE_HELP)] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help=READ_ONLY_HELP)] = False,
    at: Annotated[str, typer.Option("--at", help=AT_HELP, show_default=False)] = "",
    version: Annotated[
        bool, typer.Option("--version", help=N_("Print the version."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = GlobalOptions(config_file, state, read_only, at=at)
    if context.invoked_subcommand is None:
        raise typer.Exit(board.open_(options_of(context.obj)))
    if at:
        raise typer.BadParameter(
            _("only the board can be opened at a moment: leave out the command"), param_hint="--at"
        )


app.command("watch", help=N_("Run without a screen: probe the checks, record and print state changes."))(watch.watch)
app.command("serve", help=N_("Show the board in a browser: on this machine, read-only, by a link with a token."))(
    serve.serve
)
app.command("doctor", help=N_("Show what is reachable, what is missing and how to fix it."))(doctor.doctor)
app.command("commands", help=N_("List what an operator can do: ids, keys, verbs, parameters, rights."))(
    commands.commands
)
app.command("help", help=N_("Show a page of the manual, or how a command is used."))(manual.help_)
app.add_typer(config.app, name="config", help=N_("Check, describe or start a configuration."))
app.add_typer(audit.app, name="audit", help=N_("Read the journal and verify its hash chain."))
for module in files("cli"):
    module.register(app)
add_verbs(app)


def run(open_board: Callable[[Options], int]) -> int:
    """Parse the command line and do it; the exit code. No traceback reaches a user."""
    board.opener = open_board
    try:
        speak(sys.argv[1:])
        command = typer.main.get_command(app)
        translate(command)
        if COMPLETE in os.environ:
            from artisan_tui.cli.completion import complete

            complete(command)
        result = _parsed(command, sys.argv[1:])
    except ConfigError as error:
        with to_person():
            for problem in error.problems:
                say(f"artisan-tui: {problem_text(str(problem))}", err=True)
        return 2
    except typer.Exit as leave:
        return leave.exit_code
    except typer.Abort:
        return 130
    except BrokenPipeError:
        # The reader of our output left (`| head`): that is no failure of ours.
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last door: a sentence, not a traceback
        return _failed(error)
    return result if isinstance(result, int) else 0


def _parsed(command: Any, arguments: Sequence[str]) -> Any:
    """Carry the command line out. A global option that stands behind its command is heard, too.

    A command that has an option of that name keeps it. Nothing is done before all of the line is parsed, so a second
    attempt repeats nothing.
    """
    try:
        return command(args=list(arguments), prog_name="artisan-tui", standalone_mode=False)
    except Exception as error:
        moved = moved_to_front(arguments, str(getattr(error, "option_name", "")))
        if type(error).__name__ != "NoSuchOption" or moved is None:
            raise
        return _parsed(command, moved)


def _failed(error: Exception) -> int:
    show = getattr(error, "show", None)
    if show is not None:  # click's own: usage errors know how to say themselves
        with to_person():
            say(f"artisan-tui: {usage_text(error)}", err=True)
        return int(getattr(error, "exit_code", 2))
    say(f"artisan-tui: {type(error).__name__}: {error}", err=True)
    return 1
