"""What a person can do to the view. Operator acts are the engine's `COMMANDS`.

Both are declared in one shape and turned into bindings, help and palette in one place,
so that a key, its hint and its explanation cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from artisan_tui.engine.commands import COMMANDS, Session
from artisan_tui.i18n import N_


@dataclass(frozen=True, slots=True)
class Action:
    """``where`` is the screen it belongs to ("" for all). ``hint`` is the word in the key bar, "" for none;
    a lower ``rank`` keeps its hint longer when the bar gets narrow."""

    id: str
    key: str
    title: str
    help: str
    where: str = ""
    hint: str = ""
    rank: int = 50
    shown_key: str = ""
    demo_only: bool = False


VIEW_ACTIONS = (
    Action("view.open", "enter", N_("Open"), N_("Open the selected check"), "board", N_("open"), 20, "enter"),
    Action("view.back", "escape", N_("Back"), N_("Go back, or clear the filter"), "", N_("back"), 5, "esc"),
    Action(
        "view.filter",
        "slash",
        N_("Filter"),
        N_("Show only what contains these words; !word leaves out"),
        "board",
        N_("filter"),
        10,
        "/",
    ),
    Action("view.palette", "colon", N_("Command"), N_("Find a command by its name"), "", N_("command"), 12, ":"),
    Action("view.help", "question_mark", N_("Help"), N_("Show the keys of what has focus"), "", N_("help"), 1, "?"),
    Action(
        "view.demo",
        "b",
        N_("Break things"),
        N_("Break and mend parts of the simulated stack"),
        "",
        N_("break things"),
        3,
        "b",
        True,
    ),
    Action("view.next-pane", "tab", N_("Next pane"), N_("Move to the next pane"), "board"),
    Action("view.hour", "h", N_("One hour"), N_("Plot the last hour"), "check", N_("1 h"), 23, "h"),
    Action("view.day", "d", N_("One day"), N_("Plot the last 24 hours"), "check", N_("24 h"), 22, "d"),
    Action("view.week", "w", N_("One week"), N_("Plot the last 7 days"), "check", N_("7 d"), 21, "w"),
    Action("view.theme", "t", N_("Dark or light"), N_("Change between the dark and the light theme"), "", "", 90, "t"),
    Action("view.board", "1", N_("Board"), N_("Go to the board"), "", "", 30, "1"),
    Action("view.quit", "q", N_("Quit"), N_("Leave; what was written down stays written"), "", N_("quit"), 2, "q"),
)
#: Where the engine's commands have a key, and the word in the bar.
_COMMAND_PLACES = {
    "check.run": ("", N_("check now"), 40),
    "check.run-all": ("board", "", 60),
    "journal.note": ("", N_("note"), 15),
    "config.reload": ("", "", 70),
}


ALL_ACTIONS = (
    *VIEW_ACTIONS,
    *(
        Action(command.id, command.key, command.title, command.help, *_COMMAND_PLACES[command.id], command.key)
        for command in COMMANDS.values()
        if command.key
    ),
)


def actions_for(session: Session) -> Iterator[Action]:
    """What has a key in this session: view actions, then the commands it may use."""
    for action in ALL_ACTIONS:
        command = COMMANDS.get(action.id)
        barred = command is not None and session.read_only and not command.read_only
        if not barred and (session.demo or not action.demo_only):
            yield action


def with_keys(actions: Iterable[Action], keys: Mapping[str, str]) -> Iterator[Action]:
    """The same actions under the keys a person chose for their ids (``[keys]`` of the configuration)."""
    for action in actions:
        key = keys.get(action.id)
        yield action if key is None else replace(action, key=key, shown_key=key.split(",")[0])
