"""The commands of maintenance windows."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Parameter, ParameterType
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
                help="Services or checks; '*' for everything.",
                missing=N_("there is no service or check {id}"),
            ),
            Parameter(
                "for",
                N_("Duration, like 2h"),
                ParameterType.DURATION,
                max_length=20,
                longest=LONGEST_WINDOW,
                offered="2h",
                option="--for",
                help="Duration, like 30m or 2h.",
            ),
            Parameter(
                "reason",
                N_("Reason"),
                max_length=300,
                option="--reason",
                help="Reason; it is recorded in the journal.",
            ),
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
                help="Its id, as `maintenance list` shows it.",
                missing=N_("no active declared maintenance window has the id {id}"),
            ),
        ),
        key="P",
        verb="maintenance end",
        decide="artisan_tui.engine.maintenance.decisions:end",
    ),
)
