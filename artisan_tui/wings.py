"""The wings: one capability, one folder of the same name in every room. A leaf: imports nothing of ours.

A room finds what a wing declares by its place: `engine/<wing>/commands.py`, `domain/<wing>/events.py`,
`tui/<wing>/place.py`. To add to a wing, change that wing only; to add a wing, add its name here.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

#: ``session`` is what every session has, whatever it watches: notes, notices, the configuration, the journal itself.
WINGS = ("session", "checks", "slo", "maintenance", "alerts", "drills")


def modules(room: str, name: str) -> Iterator[ModuleType]:
    """`artisan_tui.<room>.<wing>.<name>` of every wing that has it, in the order of `WINGS`. Imports them."""
    for wing in WINGS:
        package = f"artisan_tui.{room}.{wing}"
        if importlib.util.find_spec(package) is None:
            continue
        if importlib.util.find_spec(f"{package}.{name}") is not None:
            yield importlib.import_module(f"{package}.{name}")


def files(room: str) -> Iterator[ModuleType]:
    """`artisan_tui.<room>.<wing>` of every wing that has it, in the order of `WINGS`. Imports them."""
    for wing in WINGS:
        if importlib.util.find_spec(f"artisan_tui.{room}.{wing}") is not None:
            yield importlib.import_module(f"artisan_tui.{room}.{wing}")
