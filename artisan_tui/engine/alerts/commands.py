"""The commands of alerts and silences."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Confirm, Parameter, ParameterType
from artisan_tui.i18n import N_

#: Seconds: seven days. The same as `domain.alerts.silence.LONGEST`, which is not needed before the first frame.
LONGEST_SILENCE = 7 * 86400.0

_FOR = Parameter(
    "for",
    N_("Duration, like 2h"),
    ParameterType.DURATION,
    max_length=20,
    longest=LONGEST_SILENCE,
    offered="2h",
    option="--for",
    help=N_("Duration, like 30m or 2h; at most 7d."),
)
_COMMENT = Parameter(
    "comment", N_("Comment: why"), max_length=500, option="--comment", help=N_("Why; everybody reads it.")
)
_SILENCE = Parameter(
    "silence",
    N_("Silence"),
    ParameterType.ID,
    max_length=80,
    of=("silence",),
    missing=N_("there is no silence {id} in force"),
)
_ALERT = Parameter(
    "alert", N_("Alert"), ParameterType.ID, max_length=40, of=("alert",), missing=N_("there is no alert {id}")
)
_COUNT = Parameter(
    "count",
    N_("Count of alerts, where it is asked for"),
    required=False,
    max_length=10,
    option="--count",
    help=N_("How many alerts it hits, where that has to be typed."),
)

COMMANDS = (
    Command(
        "alert.silence",
        N_("Silence alerts"),
        N_("Nobody is notified of alerts with these labels until it ends, not even that they are resolved"),
        (
            Parameter("matchers", N_('Matchers, like alertname="X", svc=~"api.*"'), max_length=2000),
            _FOR,
            _COMMENT,
            _COUNT,
        ),
        key="s",
        place="alerts",
        hint=N_("silence"),
        rank=12,
        in_production=Confirm.ASK,
        decide="artisan_tui.engine.alerts.decisions:silence",
    ),
    Command(
        "alert.acknowledge-and-silence",
        N_("Acknowledge and silence"),
        N_(
            "To acknowledge alone changes nothing in Alertmanager; this also silences the alert, "
            "until 5 minutes after it ends at the latest"
        ),
        (_ALERT, _FOR, _COMMENT),
        key="S",
        place="alerts",
        rank=40,
        confirm=Confirm.ASK,
        decide="artisan_tui.engine.alerts.decisions:acknowledge_and_silence",
    ),
    Command(
        "alert.extend",
        N_("Extend the silence"),
        N_("Let a silence end so long from now; it stays the same silence"),
        (_SILENCE, _FOR),
        key="e",
        place="alerts",
        rank=42,
        decide="artisan_tui.engine.alerts.decisions:extend",
    ),
    Command(
        "alert.unsilence",
        N_("End the silence"),
        N_("End a silence now: alerts that it held back are notified again"),
        (_SILENCE,),
        key="u",
        place="alerts",
        rank=41,
        decide="artisan_tui.engine.alerts.decisions:unsilence",
    ),
    Command(
        "alert.restore",
        N_("Restore lost silences"),
        N_("Create our silences again that Alertmanager lost, with what is left of their time"),
        key="L",
        place="alerts",
        rank=43,
        decide="artisan_tui.engine.alerts.decisions:restore",
    ),
    Command(
        "alert.read",
        N_("Read alerts now"),
        N_("Read every source of alerts now"),
        key="F",
        place="alerts",
        rank=60,
        role=Role.VIEWER,
        read_only=True,
        decide="artisan_tui.engine.alerts.decisions:read_now",
    ),
)
