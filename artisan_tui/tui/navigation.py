"""How a person gets about: places, dialogs, keys and what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.binding import BindingsMap
from textual.command import Provider
from textual.widgets import Input

from artisan_tui.engine.access import Session
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import _
from artisan_tui.tui.fitted import FittedApp
from artisan_tui.tui.keyboard import Keyboard
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.place import Place, load
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.past.travelling import Travelling
from artisan_tui.tui.registry import Registry
from artisan_tui.tui.terminal import Terminal, Wishes

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from textual.screen import Screen
    from textual.widget import AwaitMount

    from artisan_tui.engine.clock import Clock
    from artisan_tui.tui.glyphs import Glyphs
    from artisan_tui.tui.kit.destination import Destination, PaletteHit
    from artisan_tui.tui.kit.keys import Action

R = TypeVar("R")
T = TypeVar("T")


def palette_entries() -> type[Provider]:
    from artisan_tui.tui.palette_entries import Commands  # nobody opens the palette before the first frame

    return Commands


class NavigableApp(Travelling, FittedApp[R], Generic[R]):
    """``declared`` is what the wings declare for the screen. Implements `kit.shell.Shell`."""

    COMMANDS = {palette_entries}  # noqa: RUF012  # Textual's own spelling
    #: Textual's own entry is a second binding of its key, and one that also works above dialogs.
    ENABLE_COMMAND_PALETTE = False
    INHERIT_BINDINGS = False

    clock: Clock
    zone: tzinfo
    glyphs: Glyphs

    def __init__(self, declared: Registry, session: Session, terminal: Terminal, wishes: Wishes) -> None:
        super().__init__(terminal, wishes)
        self.session = session
        #: The scenario of the drill that the board was left for.
        self.leaves_for: str | Path = ""
        self._declared = declared
        self._keyboard = Keyboard(declared, session)
        # Textual keeps its own Ctrl-Q; where both have a key, it is ours.
        self._bindings.key_to_bindings |= BindingsMap(self._keyboard.bindings()).key_to_bindings

    def get_default_screen(self) -> Screen[None]:
        home: Screen[None] = load(self._declared.home.load)()
        return home

    def leave(self) -> None:
        self.exit(None)

    def leave_for(self, drill: str | Path) -> None:
        if self.session.read_only:
            self.say(_("a read-only session begins no drill: it writes nothing"))
            return
        if self.terminal.browser:
            self.say(_("a drill begins in a terminal, not in the browser: artisan-tui drill run"))
            return
        self.leaves_for = drill
        self.exit(None)

    def choose_keys(self, keys: tuple[tuple[str, str], ...]) -> bool:
        """Take ``[keys]`` of the configuration; True when they are others than before."""
        changed = self._keyboard.choose(keys)
        if changed:
            self.set_keymap(self._keyboard.chosen)
        return changed

    # -- places -------------------------------------------------------------

    @property
    def place(self) -> str:
        """The id of the place in front, "" for a dialog."""
        return self.screen.place.id if isinstance(self.screen, ArtisanScreen) else ""

    @property
    def selection(self) -> Mapping[str, str]:
        return self.screen.selection if isinstance(self.screen, ArtisanScreen) else {}

    def destinations(self) -> list[Destination]:
        if self.snapshot is None:
            return []
        return [found for finder in self._declared.finders for found in load(finder)(self.snapshot)]

    async def search(self, words: str) -> list[PaletteHit]:
        return [hit for each in self._declared.searches for hit in await load(each)(self, words)]

    def destination(self, id: str) -> Destination | None:
        return next((each for each in self.destinations() if each.id == id), None) if id else None

    def open(self, place: str, **what: Any) -> AwaitMount:
        screen: Screen[None] = load(self._declared.places[place].load)(**what)
        return self.push_screen(screen)

    def _go_to(self, place: Place) -> AwaitMount | None:
        """To a place by its key: from there Esc then leads home, wherever one was."""
        if self.place == place.id:
            return None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        return None if place is self._declared.home else self.open(place.id)

    def show_dialog(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> AwaitMount:
        return self.push_screen(dialog, answered)

    def say(self, text: str) -> None:
        self.notify(text, markup=False, timeout=3)

    def say_unselected(self, subject: str) -> None:
        self.say(self._keyboard.unselected(subject, self.place, self.snapshot))

    # -- keys ---------------------------------------------------------------

    @property
    def keys(self) -> Mapping[str, str]:
        return self._keyboard.chosen

    @property
    def key_problems(self) -> tuple[str, ...]:
        return self._keyboard.problems

    def key_of(self, binding: str) -> str:
        return self._keyboard.key_of(binding)

    def actions_at(self, place: str) -> list[Action]:
        return self._keyboard.at(place)

    def hints_at(self, place: str) -> list[Action]:
        hints = self._keyboard.hints_at(place, self.snapshot)
        return hints if self.moment is None else self.hints_then(self._keyboard.at(place), hints)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are ours only on our own screens, and not while text is typed.

        They have priority, and their actions are awaited before the next key is handled:
        over a slow link "/qwen" or "n" and a note arrive in one piece.
        """
        if action == "move":
            return isinstance(self.focused, Lines)
        if action != "artisan":
            return super().check_action(action, parameters)
        if not isinstance(self.screen, ArtisanScreen):
            return False
        if isinstance(self.focused, Input) and parameters != ("view.back",):
            return False
        return self._keyboard.works_at(str(parameters[0]), self.place)

    async def action_artisan(self, action_id: str) -> None:
        """The one entry for every key, palette entry and click: an act on the view or an engine command."""
        opening = self._begin(action_id)
        if isawaitable(opening):
            await opening

    def _begin(self, action_id: str) -> object:
        action = self._keyboard.declared(action_id)
        if action is None:
            return self._start(action_id) if action_id in COMMANDS else None
        if not action.belongs_to(self.place):
            title = _(self._declared.places[action.where.split()[0]].title)
            self.say(_("{title} works on this screen only: {screen}").format(title=_(action.title), screen=title))
            return None
        if action.opens:
            return self._go_to(self._declared.places[action.opens])
        if ":" in action.do:
            return load(action.do)(self)
        if action.do == "go_back" and self.moment is not None and not isinstance(self.focused, Input):
            self.travel.to_now()
            return None
        if action.do:
            return getattr(self.screen, action.do)() if isinstance(self.screen, ArtisanScreen) else None
        if self._keyboard.usable(action_id) is None:
            # Declared, but not for this session: the core says why.
            self.execute(action_id, {})
            return None
        return self._start(action_id)

    def _start(self, command_id: str) -> AwaitMount | None:
        refused = self.refused_then(command_id)
        if refused:
            self.say(refused)
            return None
        from artisan_tui.tui.command_dialogs import start  # nobody acts before the first frame

        return start(self, self._declared, command_id)

    def action_move(self, how: str) -> None:
        """Move in the list in focus, here and now: the "enter" behind it may already be waiting."""
        if isinstance(self.focused, Lines):
            self.focused.move(how)

    def action_interrupt(self) -> None:
        """Ctrl-C leaves from anywhere, dialogs too."""
        self.leave()
