"""The commands of hand-overs; `commands.py` of this wing has them among its own."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Parameter, ParameterType
from artisan_tui.i18n import N_

#: The words that `handoff class` takes.
_CLASS = Parameter(
    "as",
    N_("acted, no_action or needs_work"),
    ParameterType.CHOICE,
    max_length=20,
    choices=("acted", "no_action", "needs_work"),
)
_INCIDENT = Parameter("incident", N_("Incident, like INC-20251014-103000"), max_length=80)
_DECISIONS = "artisan_tui.engine.oncall.handoff_decisions:"

HANDOFF_COMMANDS = (
    Command(
        "handoff.sign",
        N_("Sign the hand-over"),
        N_("The outgoing side: the review is complete, and the next shift can take over"),
        (
            Parameter(
                "despite",
                N_("Reason to sign although something is missing"),
                required=False,
                max_length=300,
                option="--despite",
                help=N_("Sign although something is missing, and say why; it is recorded."),
            ),
        ),
        key="S",
        place="handoff",
        hint=N_("sign"),
        rank=5,
        verb="handoff sign",
        decide=_DECISIONS + "sign",
    ),
    Command(
        "handoff.accept",
        N_("Accept the hand-over"),
        N_("The incoming side, with a login of its own: takes over what was signed"),
        key="Y",
        place="handoff",
        hint=N_("accept"),
        rank=6,
        verb="handoff accept",
        decide=_DECISIONS + "accept",
    ),
    Command(
        "handoff.class",
        N_("Class a page"),
        N_(
            "Say what the page of an incident led to: acted, no_action, or needs_work for an alert that has to be mended"
        ),
        (
            _INCIDENT,
            _CLASS,
            Parameter("note", N_("Note"), required=False, max_length=300, option="--note", help=N_("What to mend.")),
        ),
        verb="handoff class",
        rank=30,
        decide=_DECISIONS + "classify",
    ),
    Command(
        "handoff.next",
        N_("Say the next step"),
        N_("Say what is to be done next about an open incident; the next shift reads it"),
        (_INCIDENT, Parameter("text", N_("Next step"), max_length=2000)),
        key="u",
        place="handoff",
        hint=N_("next step"),
        rank=13,
        verb="handoff next",
        decide=_DECISIONS + "next_step",
    ),
    Command(
        "handoff.note",
        N_("Note for the next shift"),
        N_("Write something that the next shift is to know"),
        (Parameter("text", N_("Note"), max_length=2000),),
        key="i",
        place="handoff",
        rank=14,
        verb="handoff note",
        role=Role.RESPONDER,
        decide=_DECISIONS + "note",
    ),
)
