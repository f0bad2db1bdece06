"""What has a key in this session: at which place, under which key, and what the key bar names."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding

from artisan_tui.engine.access import Session
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import _
from artisan_tui.tui.kit.keys import INTERRUPT, MOVES, Action, key_name, keys_of
from artisan_tui.tui.registry import Registry

#: The rank of keys that the bar names only where there is room for all others; those of the place itself before.
_SPARE = 1000


class Keyboard:
    """``chosen`` are the keys that a person chose, by the id of what they do; ``problems`` what is wrong with them."""

    def __init__(self, registry: Registry, session: Session) -> None:
        self._registry, self._session = registry, session
        self._declared = {action.id: action for action in registry.actions}
        self._actions = tuple(actions_for(registry, session))
        self._asked: tuple[tuple[str, str], ...] = ()
        self.chosen: dict[str, str] = {}
        self.problems: tuple[str, ...] = ()

    def choose(self, keys: tuple[tuple[str, str], ...]) -> bool:
        """Take ``[keys]`` of the configuration; True when they are others than before."""
        if keys == self._asked:
            return False
        from artisan_tui.tui.keymap import settled_keys  # few choose keys, and none before the first frame

        self._asked = keys
        self.chosen, problems = settled_keys(self._registry, dict(keys))
        self.problems = tuple(problems)
        actions = actions_for(self._registry, self._session)
        self._actions = tuple(each._replace(key=self.chosen.get(each.id, each.key)) for each in actions)
        return True

    def bindings(self) -> Iterator[Binding]:
        """For the application. With priority: a key is handled before any widget sees it."""
        for action in self._registry.actions:
            yield Binding(action.key, f"artisan({action.id!r})", action.title, show=False, id=action.id, priority=True)
        for move in MOVES:
            yield Binding(move.keys, f"move({move.id!r})", show=False, id=move.id, priority=True)
        yield Binding(INTERRUPT[1], "interrupt", show=False, id=INTERRUPT[0], priority=True)

    def key_of(self, binding: str) -> str:
        """The key of a dialog's binding, as a person calls it."""
        return key_name(self.chosen.get(binding) or self._registry.dialog_keys[binding])

    # -- what can be done -----------------------------------------------------

    def declared(self, action_id: str) -> Action | None:
        """The action, also where this session may not use it."""
        return self._declared.get(action_id)

    def usable(self, action_id: str) -> Action | None:
        """The action under its present key; None where this session may not use it."""
        return next((each for each in self._actions if each.id == action_id), None)

    def unselected(self, subject: str, place: str, snapshot: Snapshot | None) -> str:
        """That none of these is selected at ``place``, and the key that helps: to where they are listed, or to begin one."""
        wanted, there = self._registry.subjects[subject], self._registry.there.get(subject)
        said, helps = wanted.unselected, "" if place == wanted.listed else f"view.{wanted.listed}"
        if wanted.absent and there is not None and snapshot is not None and not there(snapshot):
            said, helps = wanted.absent, wanted.begins
        found = self.usable(helps)
        if found is None or not found.shown_key:
            return _(said)
        return _("{said}; {key}: {title}").format(said=_(said), key=found.shown_key, title=_(found.title))

    def at(self, place: str) -> list[Action]:
        """What has a key at this place."""
        return [each for each in self._actions if each.belongs_to(place) and each.opens != place]

    def hints_at(self, place: str, snapshot: Snapshot | None) -> list[Action]:
        """What the key bar names at this place: nothing that leads nowhere from there.

        Where there is room it names every key: what has no word for the bar is called by its title, and goes first.
        """
        here = [each for each in self.at(place) if self._leads_somewhere(each, place, snapshot)]
        unnamed = [each for each in here if not each.hint]
        return [
            *(each for each in here if each.hint),
            *(
                each._replace(hint=each.title, rank=_SPARE + (each.rank if each.where else 2 * each.rank))
                for each in unnamed
            ),
        ]

    def _leads_somewhere(self, action: Action, place: str, snapshot: Snapshot | None) -> bool:
        places = self._registry.places
        if action.id == "view.back":
            return place != self._registry.home.id
        if action.opens:
            return places[action.opens].available_in(snapshot)
        if not action.subject:
            return True
        there = self._registry.there.get(action.subject)
        if there is not None and (snapshot is None or not there(snapshot)):
            return False
        return place in places and action.subject in places[place].selects

    def works_at(self, action_id: str, place: str) -> bool:
        """Whether the key is to be handled at this place, be it to say that it works elsewhere only.

        A key of another place may mean something else here. Where it means nothing, that is said; but Tab and
        Enter are never nothing: they move the focus and choose, whatever else they do at other places.
        """
        declared = self._declared.get(action_id)
        if declared is None or declared.belongs_to(place):
            return True
        action = self.usable(action_id)
        if action is None:
            return False
        keys = keys_of(action.key)
        # Also of what this session may not use here: then that is to be said.
        here = [each for each in (*self._actions, *self._registry.actions) if each.belongs_to(place)]
        return not keys & {"tab", "enter"} and not any(keys & keys_of(other.key) for other in here)


def actions_for(registry: Registry, session: Session) -> Iterator[Action]:
    """What this session may use: acts on the view, then commands."""
    for action in registry.actions:
        command = COMMANDS.get(action.id)
        barred = command is not None and session.read_only and not command.read_only
        if not barred and (session.demo or not action.demo_only):
            yield action
