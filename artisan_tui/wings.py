"""The wings: one capability, one folder of the same name in every room. A leaf: imports nothing of ours.

A room finds what a wing declares by its place: `engine/<wing>/commands.py`, `domain/<wing>/events.py`,
`tui/<wing>/place.py`. To add to a wing, change that wing only; to add a wing, add its name here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType

#: ``session`` is what every session has, whatever it watches: notes, notices, the configuration, the journal itself.
WINGS = ("checks", "slo", "maintenance", "incidents", "alerts", "notify", "runbooks", "oncall", "drills", "session")


def modules(room: str, name: str) -> Iterator[ModuleType]:
    """`artisan_tui.<room>.<wing>.<name>` of every wing that has it, in the order of `WINGS`. Imports them."""
    for wing in WINGS:
        module = _imported(f"artisan_tui.{room}.{wing}.{name}")
        if module is not None:
            yield module


def files(room: str) -> Iterator[ModuleType]:
    """`artisan_tui.<room>.<wing>` of every wing that has it, in the order of `WINGS`. Imports them."""
    for wing in WINGS:
        module = _imported(f"artisan_tui.{room}.{wing}")
        if module is not None:
            yield module


def _imported(name: str) -> ModuleType | None:
    """The module, None when there is none of that name. What it fails to import itself is an error."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        return None
