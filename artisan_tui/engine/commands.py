"""Every operator act, declared once.

Key bindings, palette, help, the plain-text twin and the audit trail are made from these,
so they cannot drift apart. What a session may do is decided here (`permit`), in the core,
never by hiding a key. This file stays importable before the first frame: data only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from artisan_tui.i18n import N_, _


class Role(IntEnum):
    """What a person may do; a higher role includes the lower ones."""

    VIEWER = 0
    OPERATOR = 1


class CommandRefused(Exception):
    """An act that is not carried out. The message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``required`` parameters are asked for when a key or the palette starts the command."""

    name: str
    title: str
    required: bool = True
    max_length: int = 2000


@dataclass(frozen=True, slots=True)
class Command:
    """One act.

    ``dangerous``: it can hurt production and is confirmed. ``read_only``: allowed in a
    read-only session, because it changes nothing outside. ``audited``: the journal says who did
    it. ``demo_only``: exists only beside a simulated stack.
    """

    id: str
    title: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    key: str = ""
    dangerous: bool = False
    role: Role = Role.OPERATOR
    read_only: bool = False
    audited: bool = True
    demo_only: bool = False


COMMANDS: Mapping[str, Command] = {
    command.id: command
    for command in (
        Command(
            "check.run",
            N_("Check now"),
            N_("Look at the selected check now, besides its schedule"),
            (Parameter("check", N_("Check")),),
            key="c",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "check.run-all",
            N_("Check everything now"),
            N_("Look at every check now, besides its schedule"),
            key="C",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "journal.note",
            N_("Write a note"),
            N_("Write a line into the journal; it cannot be changed afterwards"),
            (Parameter("text", N_("Note")),),
            key="n",
        ),
        Command(
            "check.mute",
            N_("Mute"),
            N_("Page nobody for the selected check for a while; it is still watched and shown"),
            (
                Parameter("check", N_("Check")),
                Parameter("for", N_("For how long, like 2h"), max_length=20),
                Parameter("reason", N_("Why"), max_length=300),
            ),
            key="m",
        ),
        Command(
            "check.unmute",
            N_("Unmute"),
            N_("Page for the selected check again"),
            (Parameter("check", N_("Check")),),
            key="M",
        ),
        Command(
            "maintenance.declare",
            N_("Declare maintenance"),
            N_("Count and page nothing for a service, a check or everything, from now on for a while"),
            (
                Parameter("covers", N_("Services or checks, * for everything"), max_length=500),
                Parameter("for", N_("For how long, like 2h"), max_length=20),
                Parameter("reason", N_("Why"), max_length=300),
            ),
            key="p",
        ),
        Command(
            "maintenance.end",
            N_("End maintenance"),
            N_("End a maintenance window that was declared from the screen, before its time"),
            (Parameter("window", N_("Window")),),
            key="P",
        ),
        Command(
            "slo.override",
            N_("Let deployments through"),
            N_("Let deployments through for a while in spite of the budgets; the journal says who and why"),
            (
                Parameter("for", N_("For how long, like 2h"), max_length=20),
                Parameter("reason", N_("Why"), max_length=300),
            ),
            key="O",
            dangerous=True,
        ),
        Command(
            "slo.override-end",
            N_("Let the budgets decide again"),
            N_("End the exception for deployments before its time"),
        ),
        Command(
            "slo.refill",
            N_("Read the ledgers again"),
            N_("Ask the server again for the minutes that nobody has seen"),
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "notice.acknowledge",
            N_("Acknowledge the notice"),
            N_("Take note that the store was begun anew; the journal says who did"),
            key="A",
        ),
        Command(
            "config.reload",
            N_("Reload the configuration"),
            N_("Read artisan.toml again now; a broken file keeps the old configuration"),
            key="R",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "drill.toggle",
            N_("Break or mend a part"),
            N_("Break a part of the simulated stack, or mend it"),
            (Parameter("fault", N_("Part")),),
            demo_only=True,
        ),
        Command(
            "drill.mend-all",
            N_("Mend everything"),
            N_("Mend every part of the simulated stack"),
            demo_only=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Session:
    """Who acts, with what rights. ``actor`` comes from the kernel, never from the environment."""

    actor: str
    role: Role = Role.OPERATOR
    read_only: bool = False
    demo: bool = False


def permit(command_id: str, arguments: Mapping[str, str], session: Session) -> Command:
    """The command, or Refused with the reason."""
    command = COMMANDS.get(command_id)
    if command is None or (command.demo_only and not session.demo):
        raise CommandRefused(_("there is no command {command} here").format(command=command_id))
    if session.read_only and not command.read_only:
        raise CommandRefused(_("this session is read-only: {title} is not allowed").format(title=_(command.title)))
    if session.role < command.role:
        raise CommandRefused(
            _("{title} needs the role {role}").format(title=_(command.title), role=command.role.name.lower())
        )
    known = {parameter.name for parameter in command.parameters}
    for name in arguments:
        if name not in known:
            raise CommandRefused(_("{command} has no parameter {name}").format(command=command_id, name=name))
    for parameter in command.parameters:
        given = arguments.get(parameter.name, "").strip()
        if parameter.required and not given:
            raise CommandRefused(_("{command} needs {name}").format(command=command_id, name=parameter.name))
        if len(given) > parameter.max_length:
            raise CommandRefused(
                _("{name} is longer than {most} characters").format(name=parameter.name, most=parameter.max_length)
            )
    return command


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an act, in a sentence; ``ok`` is False when it was refused or failed."""

    ok: bool
    text: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
