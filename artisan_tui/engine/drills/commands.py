"""The commands of the simulated stack."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Parameter, ParameterType
from artisan_tui.i18n import N_

COMMANDS = (
    Command(
        "drill.toggle",
        N_("Inject or clear a fault"),
        N_("Inject a fault into the simulated stack, or clear it"),
        (
            Parameter(
                "fault",
                N_("Fault"),
                ParameterType.ID,
                of=("fault",),
                missing=N_("the simulated stack has no fault {id}"),
            ),
        ),
        decide="artisan_tui.engine.drills.decisions:toggle",
        demo_only=True,
    ),
    Command(
        "drill.mend-all",
        N_("Clear all faults"),
        N_("Clear every fault of the simulated stack"),
        decide="artisan_tui.engine.drills.decisions:mend_all",
        demo_only=True,
    ),
)
