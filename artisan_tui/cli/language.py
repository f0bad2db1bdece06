"""The command line in the reader's language.

typer evaluates the texts of commands and options when a module is imported. They are marked there with ``N_`` and
translated here, after the parser is built and only when the language is not English: English costs nothing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from artisan_tui.engine.spoken import language_of_person, spoken_language
from artisan_tui.i18n import N_, _, language, spoken_in, use_language

#: What typer itself says in a help page.
_HEADINGS = (N_("Usage:"), N_("Arguments:"), N_("Options:"), N_("Commands:"))
_HELP_OPTION = N_("Show this message and exit.")
_COMPLETION = (
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
_REQUIRED, _DEFAULT = N_("required"), N_("default")
_MOST = 100


def speak(arguments: Sequence[str]) -> None:
    """Use the language of the configuration, else of the environment, from here on."""
    use_language(spoken_language(arguments, os.environ))


@contextmanager
def to_person() -> Iterator[None]:
    """What is said on stderr beside a JSON document: that is English, and this is for whoever reads."""
    with spoken_in(language_of_person(sys.argv[1:], os.environ)):
        yield


def translate(command: Any) -> None:
    """The texts of ``command`` and everything below it, in the language in use. ``command`` is typer's."""
    if language() == "en":
        return
    for text in ("help", "short_help"):
        if getattr(command, text, None):
            setattr(command, text, _(getattr(command, text)))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _(parameter.help)
    command.get_help = lambda context: _page(command, context)
    for each in getattr(command, "commands", {}).values():
        translate(each)


def _page(command: Any, context: Any) -> str:
    """The help page. typer's own counts characters, and a Korean one has two cells."""
    width = max(40, min(_terminal_width(), _MOST))
    pieces = " ".join(command.collect_usage_pieces(context))
    out = [f"{_('Usage:')} {context.command_path} {pieces}".rstrip(), ""]
    out += [f"  {line}" for line in _wrapped(command.help or "", width - 2)] + [""]
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None and parameter.param_type_name == "argument":
            record = (parameter.make_metavar(context), parameter.help or "")
        if record is not None:
            row = (record[0], _extras(record[1]))
            (options if parameter.param_type_name == "option" else arguments).append(row)
    below = [
        (name, each.get_short_help_str(limit=1000))
        for name in (command.list_commands(context) if hasattr(command, "list_commands") else ())
        if (each := command.get_command(context, name)) is not None and not each.hidden
    ]
    for heading, rows in (("Arguments:", arguments), ("Options:", options), ("Commands:", below)):
        if rows:
            out += [_(heading), *_rows(rows, width), ""]
    return "\n".join(out).rstrip("\n")


def _extras(text: str) -> str:
    """``[default: 50; required]`` in the language in use, and what typer says of ``--help``."""
    text = _(_HELP_OPTION) if text == _HELP_OPTION else text
    head, bracket, extra = text.rpartition("  [")
    if bracket:
        extra = re.sub(r"\bdefault(?=: )", _(_DEFAULT), re.sub(r"\brequired(?=\]|;)", _(_REQUIRED), extra))
    return head + bracket + extra


def _rows(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    column = min(max(len(name) for name, _text in rows), 28)
    out = []
    for name, text in rows:
        lines = _wrapped(text, width - column - 4)
        if len(name) > column:
            out.append(f"  {name}")
            name = ""
        out.append(f"  {name:<{column}}  {lines[0] if lines else ''}".rstrip())
        out += [" " * (column + 4) + line for line in lines[1:]]
    return out


def _wrapped(text: str, width: int) -> list[str]:
    from rich.cells import cell_len  # only for a page of help that is not English

    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines


def _terminal_width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns
