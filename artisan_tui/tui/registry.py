"""What all wings declare for the screen, gathered: places, actions, command starts, dialog keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.tui import view_actions
from artisan_tui.tui.board import place as board
from artisan_tui.tui.kit.keys import CLOSE, Action
from artisan_tui.tui.kit.place import CommandStart, Place, Subject, ViewAction
from artisan_tui.tui.past import place as past
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot


class Registry(NamedTuple):
    """``home`` is the place below all others. ``subjects``, ``finders``, ``there`` and ``searches``: see `kit.place`."""

    home: Place
    places: Mapping[str, Place]
    actions: tuple[Action, ...]
    starts: Mapping[str, CommandStart]
    dialog_keys: Mapping[str, str]
    subjects: Mapping[str, Subject]
    finders: tuple[str, ...] = ()
    there: Mapping[str, Callable[[Snapshot], bool]] = MappingProxyType({})
    searches: tuple[str, ...] = ()


def wing_places() -> list[object]:
    """The place files: the board's, whose place is home, then those of the wings, and the keys of the time machine."""
    return [board, *modules("tui", "place"), past]


def registry_of(declared: Iterable[object]) -> Registry:
    """``declared`` are place files, or anything with the same names; the first place is home."""
    files = list(declared)
    places: dict[str, Place] = {place.id: place for file in files for place in getattr(file, "PLACES", ())}
    starts: dict[str, CommandStart] = {start.id: start for file in files for start in getattr(file, "STARTS", ())}
    dialog_keys: dict[str, str] = dict([CLOSE])
    subjects: dict[str, Subject] = {}
    for file in files:
        dialog_keys |= getattr(file, "DIALOG_KEYS", {})
        subjects |= getattr(file, "SUBJECTS", {})
    everywhere = [*view_actions.ACTIONS, *(action for file in files for action in getattr(file, "ACTIONS", ()))]
    actions = [
        *(_view(action, place.id) for place in places.values() for action in place.actions),
        *(_view(action) for action in everywhere),
        *(_opening(place) for place in places.values() if place.key),
        _view(view_actions.QUIT),
        *_commands(subjects),
    ]
    finders = tuple(finder for file in files for finder in getattr(file, "FINDERS", ()))
    there = {subject: any_of for file in files for subject, any_of in getattr(file, "THERE", {}).items()}
    searches = tuple(search for file in files for search in getattr(file, "SEARCHES", ()))
    home = next(iter(places.values()))
    return Registry(home, places, tuple(actions), starts, dialog_keys, subjects, finders, there, searches)


def _view(action: ViewAction, where: str = "") -> Action:
    return Action(
        action.id,
        action.key,
        action.title,
        action.help,
        where,
        action.hint,
        action.rank,
        action.demo_only,
        do=action.do,
    )


def _opening(place: Place) -> Action:
    return Action(f"view.{place.id}", place.key, place.title, place.help, "", place.hint, place.rank, opens=place.id)


def _commands(subjects: Mapping[str, Subject]) -> Iterable[Action]:
    """In the order of the help: those that the key bar names, as it names them, then the others by rank."""
    for command in sorted(COMMANDS.values(), key=lambda each: (not each.hint, -each.rank if each.hint else each.rank)):
        if command.key:
            subject = next((each.name for each in command.parameters if each.name in subjects), "")
            yield Action(
                command.id,
                command.key,
                command.title,
                command.help,
                command.place,
                command.hint,
                command.rank,
                subject=subject,
            )
