"""The keys that a person chose in ``[keys]``: which of them hold, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping

from artisan_tui.i18n import _
from artisan_tui.tui.kit.keys import CLOSE, INTERRUPT, MOVES, key_name, keys_of
from artisan_tui.tui.registry import Registry


def settled_keys(registry: Registry, keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """``keys`` without those that cannot hold, and a sentence for each one left out.

    A key belongs to one thing in a place, not in the whole program. Where two things would have the same
    key in one place, or nothing has the id, the default stays.
    """
    bindings = _bindings(registry)
    taken, problems = dict(keys), []
    for unknown in [binding for binding in keys if binding not in bindings]:
        del taken[unknown]
        from difflib import get_close_matches  # only to suggest a name

        near = get_close_matches(unknown, bindings, 1)
        hint = _("did you mean {name}?").format(name=near[0]) if near else ""
        problem = _("[keys] {name}: no action has this id").format(name=unknown)
        problems.append(problem + (f"; {hint}" if hint else ""))
    while True:
        now = {name: keys_of(taken.get(name, key)) for name, (key, _where) in bindings.items()}
        clash = next(
            (
                (mine, other, key)
                for mine in taken
                for other in bindings
                if other != mine and bindings[mine][1] & bindings[other][1]
                for key in now[mine] & now[other]
            ),
            None,
        )
        if clash is None:
            return taken, problems
        mine, other, key = clash
        problems.append(
            _("[keys] {name}: {key} is already used by {other}; {name} keeps {default}").format(
                name=mine, key=key_name(key), other=other, default=key_name(bindings[mine][0])
            )
        )
        del taken[mine]


def _bindings(registry: Registry) -> dict[str, tuple[str, frozenset[str]]]:
    """(default keys, where they hold) of everything that can have another key."""
    screens = frozenset(registry.places)
    # A dialog may be called like a place, so a dialog's name is marked.
    dialogs = frozenset(_dialog(binding) for binding in registry.dialog_keys)
    bindings = {each.id: (each.key, frozenset(each.where.split()) or screens) for each in registry.actions}
    bindings |= {move.id: (move.keys, screens | dialogs) for move in MOVES}
    for binding, key in registry.dialog_keys.items():
        # What closes every dialog must not mean anything else in any of them.
        bindings[binding] = (key, dialogs if binding == CLOSE[0] else frozenset((_dialog(binding),)))
    bindings[INTERRUPT[0]] = (INTERRUPT[1], screens | dialogs)
    return bindings


def _dialog(binding: str) -> str:
    return "dialog " + binding.partition(".")[0]
