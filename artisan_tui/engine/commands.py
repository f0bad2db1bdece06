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
            N_("Probe the selected check now, outside its schedule"),
            (Parameter("check", N_("Check")),),
            key="c",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "check.run-all",
            N_("Check everything now"),
            N_("Probe every check now, outside its schedule"),
            key="C",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "journal.note",
            N_("Write a note"),
            N_("Add a line to the journal; it cannot be changed later"),
            (Parameter("text", N_("Note")),),
            key="n",
        ),
        Command(
            "check.mute",
            N_("Mute"),
            N_("Suspend paging for the selected check; it is still probed and shown"),
            (
                Parameter("check", N_("Check")),
                Parameter("for", N_("Duration, like 2h"), max_length=20),
                Parameter("reason", N_("Reason"), max_length=300),
            ),
            key="m",
        ),
        Command(
            "check.unmute",
            N_("Unmute"),
            N_("Resume paging for the selected check"),
            (Parameter("check", N_("Check")),),
            key="M",
        ),
        Command(
            "maintenance.declare",
            N_("Declare maintenance"),
            N_("Start maintenance now for a service, a check or everything: nothing is counted or paged until it ends"),
            (
                Parameter("covers", N_("Services or checks, * for everything"), max_length=500),
                Parameter("for", N_("Duration, like 2h"), max_length=20),
                Parameter("reason", N_("Reason"), max_length=300),
            ),
            key="p",
        ),
        Command(
            "maintenance.end",
            N_("End maintenance"),
            N_("End a declared maintenance window early"),
            (Parameter("window", N_("Window")),),
            key="P",
        ),
        Command(
            "slo.override",
            N_("Allow deployments"),
            N_("Allow deployments for a limited time despite the error budgets; the journal records who and why"),
            (
                Parameter("for", N_("Duration, like 2h"), max_length=20),
                Parameter("reason", N_("Reason"), max_length=300),
            ),
            key="O",
            dangerous=True,
        ),
        Command(
            "slo.override-end",
            N_("End deployment override"),
            N_("End the deployment override early; the error budgets decide again"),
        ),
        Command(
            "slo.refill",
            N_("Retry the SLO backfill"),
            N_("Query the server again for the minutes without data"),
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "notice.acknowledge",
            N_("Acknowledge the notice"),
            N_("Confirm that a new store was created; the journal records who confirmed it"),
            key="A",
        ),
        Command(
            "config.reload",
            N_("Reload the configuration"),
            N_("Reload artisan.toml now; if the file is invalid, the old configuration stays in use"),
            key="R",
            role=Role.VIEWER,
            read_only=True,
            audited=False,
        ),
        Command(
            "drill.toggle",
            N_("Inject or clear a fault"),
            N_("Inject a fault into the simulated stack, or clear it"),
            (Parameter("fault", N_("Fault")),),
            demo_only=True,
        ),
        Command(
            "drill.mend-all",
            N_("Clear all faults"),
            N_("Clear every fault of the simulated stack"),
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
        raise CommandRefused(_("the command {command} is not available").format(command=command_id))
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
