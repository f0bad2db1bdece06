"""The commands of notifications. Their verbs are in `cli/notify.py`: they work without a running session too."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Parameter
from artisan_tui.i18n import N_

COMMANDS = (
    Command(
        "notify.test",
        N_("Test a channel"),
        N_("Send a test through a channel; PagerDuty opens an alert and resolves it at once"),
        (Parameter("channel", N_("Channel"), max_length=63, help=N_("Its id in [[notify]].")),),
        decide="artisan_tui.engine.notify.decisions:test",
    ),
    Command(
        "notify.retry",
        N_("Send a message again"),
        N_("Send a message again that failed, or was possibly sent"),
        (Parameter("message", N_("Message"), max_length=40, help=N_("Its id, as `notify outbox` shows it.")),),
        decide="artisan_tui.engine.notify.decisions:retry",
    ),
)
