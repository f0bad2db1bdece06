"""The keys that pictures of the screen show. They stay as they are when the program gets another command or hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from artisan_tui.engine.command import Command
from artisan_tui.tui.kit.keys import Action

#: By the action's id: its word in the key bar, its rank there, and its key as it is shown.
_SHOWN = {
    "view.open": ("open", 20, "enter"),
    "view.back": ("back", 5, "esc"),
    "view.filter": ("filter", 10, "/"),
    "view.palette": ("command", 12, ":"),
    "view.help": ("help", 1, "?"),
    "view.demo": ("faults", 3, "b"),
    "view.next-pane": ("", 50, ""),
    "view.hour": ("1 h", 23, "h"),
    "view.day": ("24 h", 22, "d"),
    "view.week": ("7 d", 21, "w"),
    "slos.minute": ("journal", 20, "enter"),
    "slos.explain": ("explain", 8, "x"),
    "slos.next-list": ("next list", 18, "tab"),
    "view.copy": ("copy", 45, "y"),
    "view.theme": ("", 90, "t"),
    "view.board": ("", 30, "1"),
    "view.slos": ("slos", 14, "2"),
    "view.quit": ("quit", 2, "q"),
    "check.run": ("check now", 40, "c"),
    "check.run-all": ("", 60, "C"),
    "journal.note": ("note", 15, "n"),
    "check.mute": ("", 80, "m"),
    "check.unmute": ("", 80, "M"),
    "maintenance.declare": ("", 80, "p"),
    "maintenance.end": ("", 80, "P"),
    "slo.override": ("", 80, "O"),
    "notice.acknowledge": ("", 80, "A"),
    "config.reload": ("", 70, "R"),
}
#: Commands without a key, which only the palette lists.
_UNKEYED = {"slo.override-end", "slo.refill", "drill.toggle", "drill.mend-all"}


def known(commands: Mapping[str, Command]) -> dict[str, Command]:
    """Those of ``commands`` that pictures know."""
    return {name: command for name, command in commands.items() if name in _SHOWN or name in _UNKEYED}


def pictured(actions: Iterable[Action]) -> Iterator[Action]:
    """Those of ``actions`` that pictures know, as they were when the pictures were taken."""
    for action in actions:
        if action.id in _SHOWN:
            hint, rank, _key = _SHOWN[action.id]
            yield action._replace(hint=hint, rank=rank)
