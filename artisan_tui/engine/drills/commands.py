"""The commands of the simulated stack, and of a live drill."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Confirm, Parameter, ParameterType
from artisan_tui.i18n import N_

_DECISIONS = "artisan_tui.engine.drills.more_decisions"
_NO_MESSAGE = N_("there is no message {id}")
_INJECT = Parameter("inject", N_("Message"), ParameterType.ID, of=("drill-inject",), missing=_NO_MESSAGE, asked=False)

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
    Command(
        "drill.answer",
        N_("Answer"),
        N_("Answer the selected message"),
        (
            Parameter(
                "message", N_("Message"), ParameterType.ID, of=("drill-message",), missing=_NO_MESSAGE, asked=False
            ),
            Parameter("text", N_("Answer"), max_length=500),
        ),
        decide=f"{_DECISIONS}:answer",
        drill_only=True,
    ),
    Command(
        "drill.hint",
        N_("Ask for a hint"),
        N_("Ask for a hint; it is recorded, and an objective reached with one counts less"),
        decide=f"{_DECISIONS}:hint",
        confirm=Confirm.ASK,
        drill_only=True,
    ),
    Command(
        "drill.go",
        N_("Begin or go on"),
        N_("Let the time of the drill pass"),
        decide=f"{_DECISIONS}:go",
        drill_only=True,
    ),
    Command(
        "drill.pause",
        N_("Pause"),
        N_("Let the time of the drill stand still"),
        decide=f"{_DECISIONS}:pause",
        drill_only=True,
    ),
    Command(
        "drill.speed",
        N_("Speed"),
        N_("Let the time of the drill pass faster or slower, from 1 to 20"),
        (Parameter("speed", N_("Speed, 1 to 20"), ParameterType.NUMBER, max_length=5),),
        decide=f"{_DECISIONS}:speed",
        drill_only=True,
    ),
    Command(
        "drill.end",
        N_("End the drill"),
        N_("End the drill now, and go to the debrief"),
        decide=f"{_DECISIONS}:end",
        confirm=Confirm.ASK,
        drill_only=True,
    ),
    Command(
        "drill.send",
        N_("Send now"),
        N_("Let the selected message arrive now"),
        (_INJECT,),
        decide=f"{_DECISIONS}:send",
        drill_only=True,
        facilitates=True,
    ),
    Command(
        "drill.hold",
        N_("Hold"),
        N_("Keep the selected message back, or no longer"),
        (_INJECT,),
        decide=f"{_DECISIONS}:hold",
        drill_only=True,
        facilitates=True,
    ),
    Command(
        "drill.remove",
        N_("Take a player out"),
        N_("Take a player out of the drill, or let the player back in: what they do no longer reaches the stack"),
        (Parameter("player", N_("Player"), max_length=60),),
        decide=f"{_DECISIONS}:remove",
        drill_only=True,
        facilitates=True,
    ),
)
