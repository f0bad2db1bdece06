"""The commands of being on call: who is, the hand-over, checklists."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Parameter, ParameterType
from artisan_tui.engine.oncall.checklist_commands import CHECKLIST_COMMANDS
from artisan_tui.engine.oncall.handoff_commands import HANDOFF_COMMANDS
from artisan_tui.engine.parameters import text_option
from artisan_tui.i18n import N_

_DECISIONS = "artisan_tui.engine.oncall.decisions:"
_SWAPS = "artisan_tui.engine.oncall.swap_decisions:"
_LEVEL = text_option("level", N_("Level"), "--level", N_("Level of the ladder; default: the first."), most=31)
_PERSON = N_("there is no [[person]] {id}")
_REASON = text_option("reason", N_("Reason"), "--reason", N_("Reason; it is recorded in the journal."), most=300)


def _swap(help_: str) -> Parameter:
    return Parameter(
        "swap",
        N_("Swap"),
        ParameterType.ID,
        max_length=40,
        of=("swap",),
        help=help_,
        missing=N_("no swap that waits for an answer has the id {id}"),
    )


COMMANDS = (
    Command(
        "oncall.override",
        N_("Override on-call"),
        N_("Put somebody on call for a while, whoever the rotation names"),
        (
            Parameter(
                "person",
                N_("Person"),
                ParameterType.ID,
                max_length=64,
                of=("person",),
                help=N_("Who is on call then: the id of a [[person]]."),
                missing=_PERSON,
            ),
            text_option(
                "from",
                N_("From"),
                "--from",
                N_("When it begins, like fri 17:00, 17:00, 2h or ISO 8601; default: now."),
                most=40,
            ),
            text_option(
                "to",
                N_("Until"),
                "--to",
                N_("When it ends, like sun 06:00, 17:00, 8h or ISO 8601."),
                required=True,
                most=40,
            ),
            _LEVEL,
            _REASON,
        ),
        verb="oncall override",
        decide=f"{_DECISIONS}override",
        role=Role.COMMANDER,
    ),
    Command(
        "oncall.take",
        N_("Take on-call now"),
        N_("You are on call from now on until the shift ends; both are told"),
        (
            text_option(
                "to",
                N_("Until"),
                "--to",
                N_("When it ends, like 17:00, 8h or ISO 8601; default: with the shift."),
                most=40,
            )._replace(asked=False),
            _LEVEL._replace(asked=False),
            _REASON,
        ),
        key="H",
        rank=82,
        verb="oncall take",
        decide=f"{_DECISIONS}take",
    ),
    Command(
        "oncall.swap",
        N_("Ask for a swap"),
        N_("Ask somebody to take a shift of yours; nothing changes until they accept"),
        (
            Parameter(
                "shift",
                N_("Your shift"),
                max_length=40,
                help=N_("Your shift: the day on which it begins, or a time in it."),
            ),
            Parameter(
                "with",
                N_("Who takes it"),
                ParameterType.ID,
                max_length=64,
                of=("person",),
                option="--with",
                help=N_("Who takes it: the id of a [[person]]."),
                missing=_PERSON,
            ),
            text_option(
                "for", N_("Their shift"), "--for", N_("Their shift that you take in return; default: none."), most=40
            ),
            text_option(
                "rotation", N_("Rotation"), "--rotation", N_("Default: the one in which the shift is yours."), most=64
            ),
            _REASON,
        ),
        verb="oncall swap",
        decide=f"{_SWAPS}ask",
    ),
    Command(
        "oncall.accept",
        N_("Accept a swap"),
        N_("Accept a swap that somebody asked you for; it holds from now on"),
        (_swap(N_("Its id, as `oncall schedule` shows it.")),),
        verb="oncall accept",
        decide=f"{_SWAPS}accept",
    ),
    Command(
        "oncall.decline",
        N_("Decline a swap"),
        N_("Decline a swap that somebody asked you for"),
        (_swap(N_("Its id, as `oncall schedule` shows it.")),),
        verb="oncall decline",
        decide=f"{_SWAPS}decline",
    ),
    Command(
        "oncall.undo",
        N_("Undo an override or a swap"),
        N_("End an override now, or undo a swap before the first of its shifts begins"),
        (
            Parameter(
                "change",
                N_("Override or swap"),
                ParameterType.ID,
                max_length=40,
                of=("override", "undoable"),
                help=N_("Its id, as `oncall schedule` shows it."),
                missing=N_("no override in force and no swap that can be undone has the id {id}"),
            ),
            _REASON,
        ),
        verb="oncall undo",
        decide=f"{_DECISIONS}undo",
    ),
    *HANDOFF_COMMANDS,
    *CHECKLIST_COMMANDS,
)
