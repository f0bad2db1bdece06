"""The commands of runs. Each takes the version that the person saw, where a session shows one."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Parameter, ParameterType
from artisan_tui.engine.parameters import reason, seen_version, text_option
from artisan_tui.i18n import N_

_DECISIONS = "artisan_tui.engine.runbooks.decisions:"
#: The places where a run is selected.
RUN_PLACES = "run"
#: The places where something is selected that may suggest a runbook, or a runbook itself.
START_PLACES = "board check service alerts incident runbooks runbook"

RUN = Parameter("run", N_("Run"), max_length=40, help=N_("Its id, like RUN-20251014-103000."))
SEEN = seen_version(N_("Version that was shown; refused when the run changed since."))


def _why(*, required: bool = True) -> Parameter:
    return reason(N_("Why; it is kept in the record."), required=required)


YES = text_option("yes", N_("Yes"), "--yes", N_("yes agrees to what only asks, never to what is typed."), most=5)
TYPED = text_option(
    "typed", N_("Typed name"), "--confirm", N_("The name of the target, where it has to be typed."), most=300
)

DESPITE = text_option(
    "despite", N_("Reason to start all the same"), "--despite", N_("Why it starts although its preflight failed.")
)


def _command(
    name: str,
    title: str,
    help_: str,
    parameters: tuple[Parameter, ...],
    *,
    verb: str = "",
    role: Role = Role.RESPONDER,
    rank: int = 80,
    key: str = "",
    place: str = "",
    hint: str = "",
) -> Command:
    return Command(
        f"runbook.{name}",
        title,
        help_,
        parameters,
        key=key,
        place=place,
        hint=hint,
        verb=f"runbook {verb}" if verb else "",
        decide=f"{_DECISIONS}{name.replace('-', '_')}",
        role=role,
        rank=rank,
    )


COMMANDS: tuple[Command, ...] = (
    _command(
        "start",
        N_("Start a runbook"),
        N_("Start a run; it asks step by step"),
        (
            Parameter("runbook", N_("Runbook"), max_length=80, help=N_("Runbook id.")),
            text_option(
                "target", N_("Target"), "--target", N_("Where it runs: a [[target]] of artisan.toml."), most=300
            ),
            text_option(
                "params", N_("Parameters"), "--params", N_("NAME=VALUE a line, or a JSON object."), most=20_000
            ),
            Parameter(
                "mode",
                N_("Mode"),
                ParameterType.CHOICE,
                required=False,
                choices=("live", "dry", "drill"),
                option="--mode",
                help=N_("live (default), dry or drill."),
            ),
            YES,
            TYPED,
            text_option("incident", N_("Incident"), "--incident", N_("The incident that it belongs to."), most=40),
            text_option("evidence", N_("Evidence"), "--evidence", N_("What spoke for it."), most=2000),
            DESPITE,
        ),
        verb="run",
        rank=6,
        key="r",
        place=START_PLACES,
        hint=N_("run"),
    ),
    _command(
        "confirm",
        N_("Run the step"),
        N_("Agree to the step that is asked about, exactly as it is shown"),
        (RUN, YES, TYPED, SEEN),
        verb="confirm",
    ),
    _command(
        "answer",
        N_("Answer the step"),
        N_("Say that a manual step or undo was done or failed, or choose an option"),
        (
            RUN,
            Parameter(
                "outcome",
                N_("Outcome"),
                ParameterType.CHOICE,
                required=False,
                choices=("done", "failed"),
                option="--outcome",
                help=N_("done (default) or failed."),
            ),
            text_option("choice", N_("Choice"), "--choice", N_("The label of the option."), most=200),
            text_option("values", N_("Values"), "--values", N_("What was asked for, as a JSON object."), most=20_000),
            _why(required=False),
            SEEN,
        ),
        verb="answer",
    ),
    _command(
        "skip",
        N_("Skip the step"),
        N_("Leave out the step that is next, waits or failed"),
        (RUN, _why(), SEEN),
        verb="skip",
    ),
    _command(
        "retry",
        N_("Retry the step"),
        N_("Run a failed step again, where a second time does no harm"),
        (RUN, _why(required=False), SEEN),
        verb="retry",
    ),
    _command(
        "jump",
        N_("Go back to a step"),
        N_("Go on from an earlier step; forward is skipping, step by step"),
        (RUN, Parameter("step", N_("Step"), max_length=80, help=N_("Step id.")), _why(), SEEN),
        verb="jump",
    ),
    _command(
        "abort",
        N_("Abort the run"),
        N_("End the run: the first time the step is told to end, the second time it is killed"),
        (RUN, _why(required=False)),
        verb="abort",
    ),
    _command(
        "adopt",
        N_("Adopt the run"),
        N_("Carry a run out from here on, whoever did before"),
        (RUN, _why(), SEEN),
        verb="adopt",
    ),
    _command(
        "resume",
        N_("Resume the run"),
        N_("Carry a run on whose session has ended"),
        (RUN, _why(required=False), SEEN),
        verb="resume",
    ),
    _command(
        "approve",
        N_("Approve the step"),
        N_("Agree to a step that somebody else asked for, exactly as it is shown"),
        (RUN, SEEN),
        verb="approve",
    ),
    _command(
        "deny", N_("Deny the step"), N_("Refuse the approval: the step does not run"), (RUN, _why(), SEEN), verb="deny"
    ),
    _command(
        "decide-unknown",
        N_("Decide what is unknown"),
        N_("Say how an act ended of which nobody knows; your name stays in the record"),
        (
            RUN,
            Parameter(
                "outcome",
                N_("Outcome"),
                ParameterType.CHOICE,
                choices=("done", "not_done", "failed"),
                help=N_("done, not_done or failed."),
            ),
            _why(),
            SEEN,
        ),
        verb="decide",
    ),
    _command(
        "break-lock",
        N_("Break a lock"),
        N_("Take a lock away from a run that cannot give it back"),
        (RUN, Parameter("resource", N_("Lock"), max_length=300, help=N_("Its name.")), TYPED, _why(), SEEN),
        verb="break-lock",
        role=Role.COMMANDER,
    ),
    _command(
        "rollback",
        N_("Roll back"),
        N_("Undo what the run did, the last step first; or say how it is with an undo"),
        (
            RUN,
            Parameter(
                "how",
                N_("What"),
                ParameterType.CHOICE,
                required=False,
                choices=("start", "retry", "done", "skip", "decline", "accept"),
                option="--how",
                help=N_("start (default), retry, done (by hand), skip, decline or accept."),
            ),
            _why(required=False),
            TYPED,
            SEEN,
        ),
        verb="rollback",
    ),
)
