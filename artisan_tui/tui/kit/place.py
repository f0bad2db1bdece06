"""How a wing declares what it has on the screen.

`tui/<wing>/place.py` may define, and `tui.registry` finds:

- ``PLACES``: its screens, `Place` each;
- ``ACTIONS``: what its keys do on every screen, `ViewAction` each;
- ``STARTS``: how its commands are started from the screen, `CommandStart` each;
- ``DIALOG_KEYS``: the keys of its dialogs, ``{"<dialog>.<act>": key}``;
- ``FINDERS``: ``module:function`` each, which gives what of a `Snapshot` a person may look for: `kit.destination.Destination` each;
- ``SEARCHES``: ``module:function`` each, which finds more for the palette by words, after everything else was found:
  called with the `Shell` and what was typed, it is awaited for `kit.destination.PaletteHit` each;
- ``SUBJECTS``: ``{parameter: Subject}``, what a person is told when a command needs such a thing and
  none is selected;
- ``THERE``: ``{parameter: function}``, whether a `Snapshot` has any such thing; while it has none, no key bar names what
  needs one.

Key bar, help, palette and the ids of ``[keys]`` are made from these. A place file is imported before the
first frame: it imports no screen and no dialog, but names them as ``module:name``. For the same reason these are
named tuples: to define a data class takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell


@cache
def load(name: str) -> Any:
    """What ``module:name`` names."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


class ViewAction(NamedTuple):
    """A key that acts on the view; see `kit.keys.Action`, which it becomes.

    ``do`` is ``module:function``, called with the `Shell`, or the name of a method of the screen in front.
    Either returns what to wait for before the next key is handled, or None.
    """

    id: str
    key: str
    title: str
    help: str
    do: str
    hint: str = ""
    rank: int = 50
    demo_only: bool = False


class Place(NamedTuple):
    """A screen.

    ``key`` opens it from everywhere, "" for one that is opened with something in particular. ``load`` is its
    `ArtisanScreen` as ``module:Class``. ``help`` says what its key does, ``hint`` is the word in the key bar.
    ``selects`` names what can be selected there, by the name of a command's parameter, like ``check``.
    While ``available`` is false no key bar names it; its key still opens it, and the screen says why it is empty.
    """

    id: str
    key: str
    title: str
    hint: str
    load: str
    help: str = ""
    rank: int = 50
    actions: tuple[ViewAction, ...] = ()
    selects: tuple[str, ...] = ()
    available: Callable[[Snapshot], bool] | None = None

    def available_in(self, snapshot: Snapshot | None) -> bool:
        return self.available is None or (snapshot is not None and self.available(snapshot))


class Subject(NamedTuple):
    """A thing that commands act on, and what is said where none is selected.

    ``unselected`` is the sentence, ``listed`` the id of the place where one can be selected. Where ``THERE`` says that there
    is none at all, ``absent`` is said, and ``begins`` is the id of the command that begins one. "" for nothing to say.
    """

    unselected: str
    listed: str = ""
    absent: str = ""
    begins: str = ""


class CommandStart(NamedTuple):
    """What starting one of the engine's commands from the screen needs besides its declaration.

    ``offer`` gives what lines of its form begin with, by parameter; ``about`` says in a line what it will act on.
    ``dialog`` opens a dialog of the wing's own instead of the form: ``module:function``, called with the `Shell`.
    ``asks`` are the parameters that the form asks for, () for all of them. ``confirm``: the form comes up also where
    nothing is left to ask. ``instead`` gives the id of another command that is meant where the key is pressed, or "".
    """

    id: str
    offer: Callable[[Shell], Mapping[str, str]] | None = None
    about: Callable[[Shell], str] | None = None
    dialog: str = ""
    asks: tuple[str, ...] = ()
    confirm: bool = False
    instead: Callable[[Shell], str] | None = None
