"""Every command there is, and who may use it. What a session may do is decided here, never by hiding a key."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.access import Granted, Session, role_of
from artisan_tui.engine.command import (
    Command,
    CommandMisused,
    CommandRefused,
    Confirm,
    Parameter,
    ParameterType,
    Unconfirmed,
    confirmation,
    exists_for,
)
from artisan_tui.i18n import _
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from decimal import Decimal

    from artisan_tui.engine.decision import Decide, Decision, Present

#: By id, in the order of the wings.
COMMANDS: Mapping[str, Command] = {
    command.id: command for module in modules("engine", "commands") for command in module.COMMANDS
}
#: The argument that holds what a person typed to confirm; no parameter has this name.
CONFIRM = "confirm"
#: Kinds of ids that are in the configuration.
_CONFIGURED = frozenset({"check", "service", "slo", "person"})


def permit(command_id: str, arguments: Mapping[str, str], session: Session) -> Command:
    """The command, or CommandRefused with the reason: no such command, no right, a missing or unknown argument."""
    command = COMMANDS.get(command_id)
    if command is None or not exists_for(command, session):
        raise CommandRefused(_("the command {command} is not available").format(command=printable(command_id, 80)))
    if session.read_only and not command.read_only:
        raise CommandRefused(_("this session is read-only: {title} is not allowed").format(title=_(command.title)))
    if session.role < command.role:
        raise CommandRefused(
            _("{title} needs the role {role}").format(title=_(command.title), role=command.role.name.lower())
        )
    known = {parameter.name for parameter in command.parameters} | {CONFIRM}
    for name in arguments:
        if name not in known:
            raise CommandMisused(
                _("{command} has no parameter {name}").format(command=command_id, name=printable(name, 80))
            )
    for parameter in command.parameters:
        given = arguments.get(parameter.name, "").strip()
        if parameter.required and not given:
            raise CommandMisused(_("{title} needs {name}").format(title=_(command.title), name=parameter.name))
        if len(given) > parameter.max_length:
            raise CommandMisused(
                _("{name} is longer than {most} characters").format(name=parameter.name, most=parameter.max_length)
            )
    return command


def entitled(command: Command, granted: Granted | None, login: str) -> None:
    """Raise CommandRefused unless ``[access]`` gives this login the role that ``command`` needs."""
    has = role_of(granted, login)
    if has < command.role:
        said = _("{title} needs the role {role}; [access] gives {login} the role {has}")
        raise CommandRefused(
            said.format(
                title=_(command.title),
                role=command.role.name.lower(),
                login=printable(login, 60),
                has=has.name.lower(),
            )
        )


def confirmed(command: Command, environment: str, arguments: Mapping[str, str]) -> None:
    """Raise CommandRefused unless the person confirmed ``command`` as this environment asks for."""
    needed, given = confirmation(command, environment), arguments.get(CONFIRM, "").strip()
    if needed is Confirm.TYPE and given != environment:
        said = _("{title} in {environment}: type {environment} to confirm")
        raise Unconfirmed(said.format(title=_(command.title), environment=environment), environment)
    if needed is Confirm.ASK and (not given or given not in ("yes", environment)):
        raise Unconfirmed(_("{title} needs to be confirmed").format(title=_(command.title)))


def decide(command: Command, present: Present, arguments: Mapping[str, str]) -> Decision:
    """Read the arguments as their types say, and decide. Raises CommandRefused."""
    module, _colon, name = command.decide.partition(":")
    function: Decide = getattr(importlib.import_module(module), name)
    values = {each.name: _read(each, arguments.get(each.name, "").strip(), present) for each in command.parameters}
    return function(present, values)


def _read(parameter: Parameter, text: str, present: Present) -> Any:
    """The value that a decision receives; None for an optional parameter that was left out."""
    if not text:
        return None
    return _READERS[parameter.type](parameter, text, present)


def _text(parameter: Parameter, text: str, present: Present) -> str:
    return printable(text, parameter.max_length)


def _duration(parameter: Parameter, text: str, present: Present) -> float:
    from artisan_tui.domain.span import parse_span, span_text

    try:
        seconds = float(parse_span(text))
    except ValueError:
        said = _("{text} is not a duration: write a number and a unit, like 30m or 2h")
        raise CommandMisused(said.format(text=printable(text, 20))) from None
    if not 0 < seconds <= parameter.longest:
        raise CommandMisused(_("write more than 0s and at most {span}").format(span=span_text(parameter.longest)))
    return seconds


def _choice(parameter: Parameter, text: str, present: Present) -> str:
    for choice in parameter.choices:
        if choice.lower() == text.lower():
            return choice
    raise CommandMisused(
        _("{text} is not possible here: write one of {choices}").format(
            text=printable(text, 40), choices=", ".join(parameter.choices)
        )
    )


def _severity(parameter: Parameter, text: str, present: Present) -> str:
    from artisan_tui.domain.incidents.severity import parse_severity  # not before the first frame

    try:
        return str(parse_severity(text))
    except ValueError:
        said = _("{text} is no severity: write Sev1 to Sev4, P0 to P3, critical, high, medium or low")
        raise CommandMisused(said.format(text=printable(text, 40))) from None


def _number(parameter: Parameter, text: str, present: Present) -> Decimal:
    from decimal import Decimal, InvalidOperation  # not before the first frame

    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise CommandMisused(_("{text} is not a number").format(text=printable(text, 40)))
    return number


def _id(parameter: Parameter, text: str, present: Present) -> str:
    if any(text in present.ids.get(kind, ()) for kind in parameter.of):
        return text
    refusal = CommandMisused if _CONFIGURED.intersection(parameter.of) else CommandRefused
    raise refusal(_(parameter.missing).format(id=printable(text, 80)))


def _ids(parameter: Parameter, text: str, present: Present) -> tuple[str, ...]:
    words = text.replace(",", " ").split()
    if not words:  # nothing but commas must not come to everything
        raise CommandMisused(_("{name} is empty").format(name=parameter.name))
    return () if words == ["*"] else tuple(dict.fromkeys(_id(parameter, word, present) for word in words))


_READERS = {
    ParameterType.TEXT: _text,
    ParameterType.DURATION: _duration,
    ParameterType.CHOICE: _choice,
    ParameterType.SEVERITY: _severity,
    ParameterType.NUMBER: _number,
    ParameterType.ID: _id,
    ParameterType.IDS: _ids,
}
