"""The commands of maintenance windows."""

from __future__ import annotations

from artisan_tui.engine.command import REASON, Command, Confirm, Parameter, ParameterType, duration
from artisan_tui.i18n import N_

#: Seconds. A window that was forgotten must end one day.
LONGEST_WINDOW = 30 * 86400.0

COMMANDS = (
    Command(
        "maintenance.declare",
        N_("Declare maintenance"),
        N_("Start maintenance now for a service, a check or everything: nothing is counted or paged until it ends"),
        (
            Parameter(
                "covers",
                N_("Services or checks, * for everything"),
                ParameterType.IDS,
                max_length=500,
                of=("service", "check"),
                help=N_("Services or checks; '*' for everything."),
                missing=N_("there is no service or check {id}"),
            ),
            duration(LONGEST_WINDOW, "2h"),
            REASON,
        ),
        key="p",
        verb="maintenance declare",
        decide="artisan_tui.engine.maintenance.decisions:declare",
    ),
    Command(
        "maintenance.end",
        N_("End maintenance"),
        N_("End a declared maintenance window early"),
        (
            Parameter(
                "window",
                N_("Window"),
                ParameterType.ID,
                of=("window",),
                help=N_("Its id, as `maintenance list` shows it."),
                missing=N_("no active declared maintenance window has the id {id}"),
            ),
        ),
        key="P",
        in_production=Confirm.ASK,
        verb="maintenance end",
        decide="artisan_tui.engine.maintenance.decisions:end",
    ),
)
