"""The parameters that several commands of incidents have."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Confirm, Parameter, ParameterType
from artisan_tui.engine.parameters import seen_version, text_option
from artisan_tui.i18n import N_

#: The places where an incident is selected.
ROOM = "incidents incident postmortem"
DECISIONS = "artisan_tui.engine.incidents.decisions:"
DECISIONS_MORE = "artisan_tui.engine.incidents.more_decisions:"

INCIDENT = Parameter("incident", N_("Incident"), max_length=40, help=N_("Its id, like INC-20251014-103000."))
SEEN = seen_version(N_("Version that was shown; refused when the incident changed since."))
AT = text_option(
    "at", N_("Time"), "--at", N_("When it happened, if not now: 16:10, 2h ago as 2h, or ISO 8601."), most=40
)
RESPONDER = text_option("responder", N_("Responder"), "--responder", N_("Who has it, if not you."), most=60)
ROLE = Parameter(
    "role",
    N_("Role"),
    ParameterType.CHOICE,
    required=False,
    choices=("commander", "communications", "scribe"),
    option="--role",
    help=N_("commander (default), communications or scribe."),
)
MESSAGE = N_("What there is to say.")


def command(
    name: str,
    title: str,
    help_: str,
    parameters: tuple[Parameter, ...],
    *,
    verb: str = "",
    decide: str = "",
    confirm: Confirm = Confirm.NONE,
    rank: int = 80,
    key: str = "",
    place: str = ROOM,
    hint: str = "",
    role: Role = Role.RESPONDER,
) -> Command:
    where = decide or f"{DECISIONS}{name.replace('-', '_')}"
    return Command(
        f"incident.{name}", title, help_, parameters, verb=f"incident {verb or name}", decide=where, confirm=confirm,
        rank=rank, key=key, place=place, hint=hint, role=role,
    )  # fmt: skip
