"""The man page, from the declarations of the commands: what ``--help`` says, in troff's man macros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from artisan_tui import __version__
from artisan_tui.cli.app import app

_EXITS = (
    ("0", "Yes, or all is well."),
    ("1", "No: something is down, refused or failed."),
    ("2", "The command line or the configuration is wrong."),
    ("3", "Nobody can tell: nothing could be reached, or there is no data."),
    ("4", "It waits for a person."),
)
_ENVIRONMENT = (
    ("ARTISAN_CONFIG", "The configuration file, where --config does not say."),
    ("ARTISAN_STATE", "The state folder, where --state does not say."),
    ("ARTISAN_TARGET", "The [[target]] to probe."),
    ("LANG, LC_ALL, LC_MESSAGES", "The language of the person: English or Korean."),
    ("NO_COLOR", "Show no colours."),
    ("PAGER", "Shows the pages of artisan-tui help."),
)
_FILES = (
    ("./artisan.toml", "The configuration."),
    ("$XDG_CONFIG_HOME/artisan-tui/artisan.toml", "The configuration, where there is none in the current folder."),
    ("runbooks.toml, drills/*.toml", "Runbooks and scenarios of drills, beside the configuration."),
    ("$XDG_STATE_HOME/artisan-tui", "The state folder: journal, samples, SLO data, runs, drills."),
)


def man_page() -> str:
    """The page in troff. It changes with the commands and the version only."""
    return "\n".join(_lines(typer.main.get_command(app))) + "\n"


def _lines(root: Any) -> Iterator[str]:
    context = typer.Context(root, info_name="artisan-tui")
    yield '.\\" Written by `make docs` from the declarations of the commands.'
    yield f'.TH ARTISAN\\-TUI 1 "" "artisan\\-tui {_text(__version__)}" "User Commands"'
    yield ".nh"
    yield ".SH NAME"
    yield "artisan\\-tui \\- one screen for the person on call"
    yield ".SH SYNOPSIS"
    yield ".B artisan\\-tui"
    yield "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR [\\fIARGS\\fR]]"
    yield ".SH DESCRIPTION"
    yield _text(root.help or "")
    yield "Standard output is data, standard error is narration, and"
    yield ".B \\-\\-json"
    yield "prints one JSON document."
    yield "The manual is in the program:"
    yield ".B artisan\\-tui help"
    yield "lists its pages."
    yield ".SH OPTIONS"
    yield from _parameters(root, context)
    yield ".SH COMMANDS"
    yield from _commands(root, context)
    for heading, rows in (("EXIT STATUS", _EXITS), ("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES)):
        yield f".SH {heading}"
        for name, text in rows:
            yield from (".TP", f"\\fB{_text(name)}\\fR", _text(text))
    yield ".SH SEE ALSO"
    yield ".BR less (1),"
    yield ".BR systemctl (1),"
    yield ".BR tmux (1)"


def _commands(group: Any, context: Any) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        below = type(context)(command, info_name=name, parent=context)
        if hasattr(command, "list_commands"):
            yield from _commands(command, below)
            continue
        yield f'.SS "{_text(below.command_path)} {_text(" ".join(command.collect_usage_pieces(below)))}"'
        yield _text(command.help or "")
        yield from _parameters(command, below)


def _parameters(command: Any, context: Any) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None and parameter.param_type_name == "argument":
            record = (parameter.make_metavar(context), parameter.help or "")
        if record is None or record[0] == "--help":
            continue
        yield from (".TP", f"\\fB{_text(record[0])}\\fR", _text(record[1] or "-"))


def _text(text: str) -> str:
    """``text`` as troff prints it: one line, no escape, no request."""
    text = re.sub(r"\s+", " ", text).strip().replace("\\", "\\e").replace("-", "\\-")
    text = text.replace('"', "\\(dq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    text = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in text)
    return "\\&" + text if text[:1] in (".", "'") else text
