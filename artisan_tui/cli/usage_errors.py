"""What is wrong with a command line, in the reader's language, with what mends it.

typer says it in English only. What it knows is in its exceptions, which are asked: a value that a person typed is never
taken for a sentence.
"""

from __future__ import annotations

import re
from typing import Any

from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back

#: What typer says in a text alone. Its places hold what was typed.
_EXTRA = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command (.*?)\.(?: Did you mean (.*)\?)?", re.DOTALL)
_CHOICE = re.compile(r"Value error, .* is not one of (.*)", re.DOTALL)
_NO_VALUE = re.compile(r"Option .* requires (?:an argument|\d+ arguments)\.", re.DOTALL)


#: What a name of a parameter may begin with that is a word of Python: `verbs`.
_SAFE = "P_"


def usage_text(error: Any) -> str:
    """``error`` is an exception of typer's parser, or of ours that knows how to say itself."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.message)  # its page of help
    said = _said(error)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "") or "artisan-tui"
    return _("{said}; see {command} --help").format(said=said.rstrip(". "), command=path)


def _said(error: Any) -> str:
    kind, message = type(error).__name__, str(getattr(error, "message", error))
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        said = _("there is no option {name}; did you mean {near}?") if near else _("there is no option {name}")
        return said.format(name=error.option_name, near=near)
    if kind == "MissingParameter":
        name = _name(error)
        if getattr(error.param, "param_type_name", "") == "option":
            return _("the option {name} is missing").format(name=name)
        return _("the argument {name} is missing").format(name=name)
    if kind == "BadOptionUsage":
        if _NO_VALUE.fullmatch(message):
            return _("the option {name} needs a value").format(name=error.option_name)
        return _("the option {name} takes no value").format(name=error.option_name)
    if kind == "BadParameter":
        why = _why(error)
        return f"{_name(error)}: {why}" if error.param is not None else why
    if (found := _EXTRA.fullmatch(message)) is not None:
        return _("this is too much: {words}").format(words=found[1])
    if (found := _NO_COMMAND.fullmatch(message)) is not None:
        said = _("there is no command {name}; did you mean {near}?") if found[2] else _("there is no command {name}")
        return said.format(name=found[1].strip("'\""), near=(found[2] or "").replace("'", ""))
    if message == "Missing command.":
        return _("a command is missing")
    return read_back(str(getattr(error, "format_message", lambda: message)()))


def _name(error: Any) -> str:
    param = error.param
    if param is None:
        return ""
    if param.param_type_name == "option":
        return " / ".join(param.opts)
    return str(param.metavar or param.name).upper().removeprefix(_SAFE)


def _why(error: Any) -> str:
    """What a value has to be. typer has pydantic look at values; its own words are for programs."""
    cause = error.__cause__
    first = cause.errors()[0] if hasattr(cause, "errors") and cause.errors() else {}
    kind, about = str(first.get("type", "")), dict(first.get("ctx") or {})
    if kind.startswith("int_"):
        return _("write a whole number")
    if kind.startswith("float_"):
        return _("write a number")
    if kind == "greater_than_equal":
        return _("write a number of at least {least}").format(least=about.get("ge"))
    if kind == "less_than_equal":
        return _("write a number of at most {most}").format(most=about.get("le"))
    if kind in ("enum", "literal_error"):
        return _("write one of {choices}").format(choices=str(about.get("expected", "")).replace("'", ""))
    if (found := _CHOICE.fullmatch(str(error.message))) is not None:
        return _("write one of {choices}").format(choices=found[1].replace("'", ""))
    if kind.startswith("bool_"):
        return _("write true or false")
    return read_back(str(error.message))
