"""The verbs of the command line that are made from the declarations of commands."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say, say_json
from artisan_tui.engine import offline
from artisan_tui.engine.command import (
    Command,
    CommandMisused,
    CommandRefused,
    Confirm,
    Parameter,
    ParameterType,
    Unconfirmed,
    confirmation,
)
from artisan_tui.engine.commands import COMMANDS, CONFIRM
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.offline import StoreError, give
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back, read_reply

T = TypeVar("T")
#: Carries a command out in another way: (context, arguments, whether one JSON document was asked for).
Does = Callable[[typer.Context, dict[str, str], bool], None]
#: In front of a parameter's name in Python: "for" is a word of the language.
_SAFE = "p_"
CONFIRM_HELP = N_("The name of the environment, where it has to be typed: production.")
YES_HELP = N_("Say yes where that is enough.")


def add_verbs(app: typer.Typer) -> None:
    """Add every declared verb; ``maintenance declare`` goes into the group ``maintenance`` of ``app``."""
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    for command in COMMANDS.values():
        if not command.verb:
            continue
        *group, name = command.verb.split()
        parent = app
        if group and group[0] in groups and name in _names(groups[group[0]]):
            continue  # the wing has made this one by itself
        if group:
            found = groups.get(group[0])
            if found is None:
                found = groups[group[0]] = typer.Typer(no_args_is_help=True)
                app.add_typer(found, name=group[0], help=command.title)
            parent = found
        parent.command(name, help=command.help)(verb(command))


def _names(group: typer.Typer | None) -> set[str | None]:
    return set() if group is None else {each.name for each in group.registered_commands}


def verb(
    command: Command, document: Callable[[GlobalOptions, str], object] | None = None, does: Does | None = None
) -> Callable[..., None]:
    """A function that typer can read: its signature has the parameters of ``command``.

    ``document`` gives the JSON document about the subject of what was written: then there is an option for it. ``does``
    carries it out itself, and is what says which options are missing.
    """

    def run(context: typer.Context, **given: Any) -> None:
        as_document = given.pop(f"{_SAFE}as_document", False)
        arguments = {name.removeprefix(_SAFE): _joined(value) for name, value in given.items() if value is not None}
        if arguments.pop("yes", "") and not arguments.get(CONFIRM):
            arguments[CONFIRM] = "yes"
        if does is not None:
            does(context, arguments, as_document)
            return
        if document is None or not as_document:
            carry_out(context, command.id, arguments)
            return
        done = or_say(lambda: offline.carry_out(context.obj, command.id, arguments))
        say_json(document(context.obj, done.subject))

    signature = [inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    signature += [_parameter(each, told=does is not None) for each in command.parameters]
    if confirmation(command, "production") is not Confirm.NONE:
        signature += [
            _option(CONFIRM, str, "", CONFIRM_HELP, "--confirm"),
            _option("yes", bool, False, YES_HELP, "--yes"),
        ]
    if document is not None or does is not None:
        signature.append(_option("as_document", bool, False, N_("One JSON document on stdout."), "--json"))
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # what inspect looks for
    run.__annotations__ = {each.name: each.annotation for each in signature}
    return run


def _parameter(parameter: Parameter, *, told: bool) -> inspect.Parameter:
    """``told``: that an option is missing is said when the command is carried out."""
    many = parameter.type is ParameterType.IDS
    kind: Any = list[str] if many else str
    help_ = parameter.help or parameter.title
    if parameter.option:
        default: Any = inspect.Parameter.empty if parameter.required and not told else ""
        return _option(parameter.name, kind, default, help_, parameter.option)
    argument = typer.Argument(help=help_, metavar=parameter.name.upper())
    annotation = Annotated[kind, argument]
    default = inspect.Parameter.empty if parameter.required else None
    return inspect.Parameter(
        _SAFE + parameter.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )


def _option(name: str, kind: Any, default: Any, help_: str, option: str) -> inspect.Parameter:
    annotation = Annotated[kind, typer.Option(option, help=help_)]
    return inspect.Parameter(_SAFE + name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _joined(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return " ".join(value) if isinstance(value, list | tuple) else str(value)


def carry_out(context: typer.Context, command_id: str, arguments: dict[str, str]) -> None:
    """Carry out the command; exit 1 when it is refused, 2 for a mistake in writing, 3 when the store cannot be written."""
    said = or_say(lambda: give(context.obj, command_id, arguments))
    if said:
        say(read_reply(said))


def or_say(work: Callable[[], T]) -> T:
    """What ``work`` returns; its refusal as a sentence and an exit code."""
    try:
        return work()
    except (CommandRefused, StoreError) as error:
        with to_person():
            said = (read_reply if isinstance(error, CommandRefused) else read_back)(str(error))
            if isinstance(error, Unconfirmed):
                option = f"--confirm {shlex.quote(error.typed)}" if error.typed else "--yes"
                said += " — " + _("add {option}").format(option=option)
            say(f"artisan-tui: {said}", err=True)
        if isinstance(error, CommandMisused):
            raise typer.Exit(2) from None
        raise typer.Exit(1 if isinstance(error, CommandRefused) else 3) from None


def registry() -> list[dict[str, object]]:
    """Every command as data, for `artisan-tui commands --json`."""
    return [
        {
            "id": command.id,
            "title": command.title,
            "help": command.help,
            "key": command.key,
            "place": command.place,
            "verb": command.verb,
            "role": command.role.name.lower(),
            "read_only": command.read_only,
            "dangerous": command.dangerous,
            "confirm": confirmation(command, "").value,
            "confirm_in_production": confirmation(command, "production").value,
            "demo_only": command.demo_only,
            "drill_only": command.drill_only,
            "parameters": [
                {
                    "name": each.name,
                    "title": each.title,
                    "type": each.type.value,
                    "required": each.required,
                    "max_length": each.max_length,
                    "of": list(each.of),
                    "choices": list(each.choices),
                }
                for each in command.parameters
            ],
        }
        for command in COMMANDS.values()
    ]
