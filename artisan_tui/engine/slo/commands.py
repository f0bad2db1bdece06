"""The commands of SLOs."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import REASON, Command, duration
from artisan_tui.i18n import N_

#: Seconds. An exception that lasts longer is a new policy, and belongs into the file.
LONGEST_OVERRIDE = 3 * 86400.0

COMMANDS = (
    Command(
        "slo.override",
        N_("Allow deployments"),
        N_("Allow deployments for a limited time despite the error budgets; the journal records who and why"),
        (
            duration(LONGEST_OVERRIDE, "1h"),
            REASON,
        ),
        key="O",
        rank=85,
        decide="artisan_tui.engine.slo.decisions:override",
        dangerous=True,
    ),
    Command(
        "slo.override-end",
        N_("End deployment override"),
        N_("End the deployment override early; the error budgets decide again"),
        decide="artisan_tui.engine.slo.decisions:end_override",
    ),
    Command(
        "slo.refill",
        N_("Retry the SLO backfill"),
        N_("Query the server again for the minutes without data"),
        decide="artisan_tui.engine.slo.decisions:refill",
        relayed=True,
        role=Role.VIEWER,
        read_only=True,
    ),
)
