"""What a person can do to the view. Operator acts are the engine's `COMMANDS`.

Both are declared in one shape and turned into bindings, help and palette in one place,
so that a key, its hint and its explanation cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from textual.keys import _normalize_key_list, format_key

from artisan_tui.engine.commands import COMMANDS, Session
from artisan_tui.i18n import N_, _


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
        N_("Show only rows with these words; !word excludes"),
        "board",
        N_("filter"),
        10,
        "/",
    ),
    Action("view.palette", "colon", N_("Command"), N_("Find a command by its name"), "", N_("command"), 12, ":"),
    Action("view.help", "question_mark", N_("Help"), N_("Show the keys of this screen"), "", N_("help"), 1, "?"),
    Action(
        "view.demo",
        "b",
        N_("Faults"),
        N_("Inject and clear faults in the simulated stack"),
        "",
        N_("faults"),
        3,
        "b",
        True,
    ),
    Action("view.next-pane", "tab", N_("Next pane"), N_("Move to the next pane"), "board"),
    Action("view.hour", "h", N_("One hour"), N_("Plot the last hour"), "check", N_("1 h"), 23, "h"),
    Action("view.day", "d", N_("One day"), N_("Plot the last 24 hours"), "check", N_("24 h"), 22, "d"),
    Action("view.week", "w", N_("One week"), N_("Plot the last 7 days"), "check", N_("7 d"), 21, "w"),
    Action(
        "slos.minute",
        "enter",
        N_("Journal entries"),
        N_("Show the journal entries around the selected minute"),
        "slos",
        N_("journal"),
        20,
        "enter",
    ),
    Action(
        "slos.explain",
        "x",
        N_("Explain"),
        N_("Show the counts, the queries and the formulas behind the numbers"),
        "slos",
        N_("explain"),
        8,
        "x",
    ),
    Action(
        "slos.next-list",
        "tab",
        N_("Next list"),
        N_("Move between the SLO list, the details and the minutes"),
        "slos",
        N_("next list"),
        18,
        "tab",
    ),
    Action("view.copy", "y", N_("Copy"), N_("Copy the selection as text"), "", N_("copy"), 45, "y"),
    Action("view.theme", "t", N_("Switch theme"), N_("Change between the dark and the light theme"), "", "", 90, "t"),
    Action("view.board", "1", N_("Board"), N_("Go to the board"), "", "", 30, "1"),
    Action("view.slos", "2", N_("SLOs"), N_("Go to the SLOs and their error budgets"), "", N_("slos"), 14, "2"),
    Action("view.quit", "q", N_("Quit"), N_("Quit; everything recorded stays saved"), "", N_("quit"), 2, "q"),
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
        Action(
            command.id,
            command.key,
            command.title,
            command.help,
            *_COMMAND_PLACES.get(command.id, ("", "", 80)),
            command.key,
        )
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
        yield action if key is None else replace(action, key=key, shown_key=key_name(key))


def means_nothing_here(action: Action, place: str, actions: Iterable[Action]) -> bool:
    """Whether the key of ``action`` belongs to another screen and to nothing on this one.

    Tab and Enter are never nothing: they move the focus and choose, whatever else they do elsewhere.
    """
    keys = _keys_of(action.key)
    if action.where in ("", place) or keys & {"tab", "enter"}:
        return False
    return not any(keys & _keys_of(other.key) for other in actions if other.where in ("", place))


# -- moving in lists, and what dialogs answer to -----------------------------------------------


class Move(NamedTuple):
    """How a list is moved through; the same id, so the same key, in every list. `SourceLines.move` does it."""

    id: str
    keys: str
    title: str


MOVES = (
    Move("list.up", "up,k", N_("One line up")),
    Move("list.down", "down,j", N_("One line down")),
    Move("list.page-up", "pageup", N_("One page up")),
    Move("list.page-down", "pagedown", N_("One page down")),
    Move("list.first", "home,g", N_("To the first line")),
    Move("list.last", "end,G", N_("To the last line")),
)


#: Bindings of dialogs that are no actions: id -> key.
DIALOG_KEYS = {"dialog.close": "escape", "demo.toggle": "enter,space", "demo.mend-all": "m", "windows.end": "enter"}
#: Leaves from anywhere, dialogs too.
INTERRUPT = ("view.interrupt", "ctrl+c")


def key_name(keys: str) -> str:
    """The first of some keys as a person calls it: ``?`` and not ``question_mark``."""
    key = keys.split(",")[0].strip()
    said = format_key(key)
    return said if len(said) == 1 and said.isascii() else {"escape": "esc"}.get(key, key)


def settled_keys(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """``[keys]`` without what cannot be, and a sentence for each thing left out.

    A key that two things would answer to in one place, or an id that nothing has: then the default stays.
    """
    places: dict[str, tuple[str, frozenset[str]]] = {
        action.id: (action.key, frozenset((action.where,)) if action.where else _SCREENS) for action in ALL_ACTIONS
    }
    places |= {move.id: (move.keys, _SCREENS | _DIALOGS) for move in MOVES}
    for binding, key in DIALOG_KEYS.items():
        dialog = binding.partition(".")[0]
        places[binding] = (key, _DIALOGS if dialog == "dialog" else frozenset((dialog,)))
    places[INTERRUPT[0]] = (INTERRUPT[1], _SCREENS | _DIALOGS)
    taken, said = dict(keys), []
    for unknown in [binding for binding in keys if binding not in places]:
        del taken[unknown]
        from difflib import get_close_matches  # only to say what was meant

        near = get_close_matches(unknown, places, 1)
        mend = _("did you mean {name}?").format(name=near[0]) if near else ""
        said.append(_("[keys] {name}: no action has this id").format(name=unknown) + (f"; {mend}" if mend else ""))
    while True:
        now = {name: _keys_of(taken.get(name, key)) for name, (key, _where) in places.items()}
        clash = next(
            (
                (mine, other, key)
                for mine in taken
                for other in places
                if other != mine and places[mine][1] & places[other][1]
                for key in now[mine] & now[other]
            ),
            None,
        )
        if clash is None:
            return taken, said
        mine, other, key = clash
        said.append(
            _("[keys] {name}: {key} is already used by {other}; {name} keeps {default}").format(
                name=mine, key=key_name(key), other=other, default=key_name(places[mine][0])
            )
        )
        del taken[mine]


_SCREENS, _DIALOGS = frozenset(("board", "check", "slos")), frozenset(("dialog", "demo", "windows"))


def _keys_of(keys: str) -> frozenset[str]:
    return frozenset(_normalize_key_list(keys).split(","))
