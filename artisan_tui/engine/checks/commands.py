"""The commands of checks."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import REASON, Command, Parameter, ParameterType, duration
from artisan_tui.i18n import N_

#: Seconds. A mute that was forgotten must end one day.
LONGEST_MUTE = 7 * 86400.0

_CHECK = Parameter(
    "check",
    N_("Check"),
    ParameterType.ID,
    of=("check",),
    help=N_('The check, as "service.check".'),
    missing=N_("there is no check {id}"),
)

COMMANDS = (
    Command(
        "check.run",
        N_("Check now"),
        N_("Probe the selected check now, outside its schedule"),
        (_CHECK,),
        key="c",
        hint=N_("check now"),
        rank=40,
        decide="artisan_tui.engine.checks.decisions:run",
        role=Role.VIEWER,
        read_only=True,
    ),
    Command(
        "check.run-all",
        N_("Check everything now"),
        N_("Probe every check now, outside its schedule"),
        key="C",
        place="board",
        rank=60,
        decide="artisan_tui.engine.checks.decisions:run_all",
        role=Role.VIEWER,
        read_only=True,
    ),
    Command(
        "check.mute",
        N_("Mute"),
        N_("Suspend paging for the selected check; it is still probed and shown"),
        (
            _CHECK,
            duration(LONGEST_MUTE, "1h"),
            REASON,
        ),
        key="m",
        verb="mute",
        decide="artisan_tui.engine.checks.decisions:mute",
    ),
    Command(
        "check.unmute",
        N_("Unmute"),
        N_("Resume paging for the selected check"),
        (_CHECK,),
        key="M",
        verb="unmute",
        decide="artisan_tui.engine.checks.decisions:unmute",
    ),
)
