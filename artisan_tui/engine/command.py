"""What a command is: one act of an operator, declared once. Data only, importable before the first frame.

Key bindings, palette, help, the verbs of the command line and the audit trail are made from the declarations in
`engine/<wing>/commands.py`, so they cannot drift apart. `engine.commands` finds them and decides who may.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from artisan_tui.domain.refusal import Refusal
from artisan_tui.engine.access import Role, Session
from artisan_tui.i18n import N_


class CommandRefused(Refusal):
    """The command is not carried out. The message is for the person who asked."""


class CommandMisused(CommandRefused):
    """What was typed is no value of the command: a mistake in writing, and nothing that a person may not do.

    Names that the configuration has belong here; names of what is in the store (incidents, runs, swaps) do not. The
    command line ends with exit code 2.
    """


class Unconfirmed(CommandRefused):
    """It has to be confirmed first: ``typed`` is the text that does so, "" where a yes does."""

    def __init__(self, said: str, typed: str = "") -> None:
        super().__init__(said)
        self.typed = typed


class ParameterType(Enum):
    """How a parameter is read from what a person typed, and what the decision receives."""

    TEXT = "text"  # printable text
    DURATION = "duration"  # "30m": float, seconds
    CHOICE = "choice"  # one of `Parameter.choices`
    NUMBER = "number"  # Decimal
    SEVERITY = "severity"  # Sev1 to Sev4
    ID = "id"  # an id that exists, of one of the kinds in `Parameter.of`
    IDS = "ids"  # several such ids: a tuple, empty for "*"


class Confirm(Enum):
    """What a person does besides asking: nothing, say yes, or type the name of the environment."""

    NONE = "none"
    ASK = "ask"
    TYPE = "type"


class Parameter(NamedTuple):
    """One value that a command needs.

    ``of`` are the kinds of ids (``check``, ``service``, ``slo``, ``window``, ``fault``). ``longest`` bounds a
    duration, in seconds; every duration has one. ``offered`` stands in the form to begin with. ``option`` is its name on the command line, "" for a positional argument; ``help`` explains it there.
    ``missing`` is the sentence for an id that does not exist, with ``{id}`` in it. ``asked``: a form asks for it; another
    one is given by the screen that starts the command.
    """

    name: str
    title: str
    type: ParameterType = ParameterType.TEXT
    required: bool = True
    max_length: int = 2000
    of: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    longest: float = 0.0
    offered: str = ""
    option: str = ""
    help: str = ""
    missing: str = ""
    asked: bool = True


def duration(longest: float, offered: str) -> Parameter:
    """For how long something holds: at most ``longest`` seconds; ``offered`` stands in the form."""
    return Parameter(
        "for",
        N_("Duration, like 2h"),
        ParameterType.DURATION,
        max_length=20,
        longest=longest,
        offered=offered,
        option="--for",
        help=N_("Duration, like 30m or 2h."),
    )


#: Why a person does something.
REASON = Parameter(
    "reason", N_("Reason"), max_length=300, option="--reason", help=N_("Reason; it is recorded in the journal.")
)


class Command(NamedTuple):
    """One act of an operator.

    ``key`` works at the place named by ``place``, or at several, with spaces between the names; "" for every place. ``hint`` is the word in the key bar, "" for none; a
    lower ``rank`` keeps its hint longer when the bar gets narrow. Without a hint, a lower ``rank`` comes earlier in the
    help. ``verb`` is what the command line calls it, "" when it has no verb there. ``decide`` names
    ``module:function``, which is loaded when the command is used.
    ``relayed``: only a running session can do it, and the command line asks the leader to; it has no parameters.
    ``read_only``: allowed in a read-only session, because it changes nothing outside. ``dangerous``: it can hurt
    production and is confirmed; see `confirmation`. ``in_production`` confirms it there only. ``demo_only``: exists only beside a simulated stack.
    ``drill_only``: exists only in a live drill; ``facilitates``: and only for its facilitator.
    """

    id: str
    title: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    key: str = ""
    place: str = ""
    hint: str = ""
    rank: int = 80
    verb: str = ""
    decide: str = ""
    role: Role = Role.RESPONDER
    read_only: bool = False
    dangerous: bool = False
    confirm: Confirm = Confirm.NONE
    in_production: Confirm = Confirm.NONE
    demo_only: bool = False
    drill_only: bool = False
    facilitates: bool = False
    relayed: bool = False


def confirmation(command: Command, environment: str) -> Confirm:
    """What ``command`` needs in ``environment``: a dangerous one is asked about, and typed out in production."""
    if not command.dangerous:
        there = command.in_production if environment == "production" else Confirm.NONE
        return max(command.confirm, there, key=list(Confirm).index)
    return Confirm.TYPE if environment == "production" else max(command.confirm, Confirm.ASK, key=list(Confirm).index)


def exists_for(command: Command, session: Session) -> bool:
    """Whether there is such a command in this session."""
    if command.demo_only and not session.demo:
        return False
    if command.drill_only and not session.drill:
        return False
    return session.facilitates or not command.facilitates
