"""Keys as a person calls them, what is bound to them, and the keys that every list and dialog has."""

from __future__ import annotations

from typing import NamedTuple

from textual.keys import _normalize_key_list, format_key

from artisan_tui.i18n import N_


class Action(NamedTuple):
    """Something with a key: an act on the view, the way to a place, or a command of the engine.

    ``where`` is the id of the place that it belongs to, of several with spaces between, "" for every place. ``hint`` is the word in the key
    bar, "" for none; a lower ``rank`` keeps its hint longer when the bar gets narrow. ``subject`` is what must
    be selected for it: the name of a command's parameter, like ``check``.

    ``do`` is how it is done: ``module:function``, called with the `Shell`, or the name of a method of the screen
    in front. ``opens`` is the id of the place that it leads to instead. Without both it is a command.
    """

    id: str
    key: str
    title: str
    help: str
    where: str = ""
    hint: str = ""
    rank: int = 50
    demo_only: bool = False
    subject: str = ""
    do: str = ""
    opens: str = ""

    @property
    def shown_key(self) -> str:
        return key_name(self.key)

    def belongs_to(self, place: str) -> bool:
        return not self.where or place in self.where.split()


class Move(NamedTuple):
    """How a list is moved through: one id, so one key, for every list. `kit.lines.Lines.move` carries it out."""

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

#: (binding id, key) of what closes every dialog, and of what ends the program from anywhere.
CLOSE = ("dialog.close", "escape")
INTERRUPT = ("view.interrupt", "ctrl+c")


def key_name(keys: str) -> str:
    """The first of some keys as a person calls it: ``?`` and not ``question_mark``."""
    key = keys.split(",")[0].strip()
    name = format_key(key)
    return name if len(name) == 1 and name.isascii() else {"escape": "esc"}.get(key, key)


def keys_of(keys: str) -> frozenset[str]:
    """Each of some keys by Textual's own name."""
    return frozenset(_normalize_key_list(keys).split(","))
