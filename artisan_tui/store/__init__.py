"""Remembers: the append-only journal, samples with their roll-ups, and where every check stood.

`Store` pulls in SQLModel, a third of a second, and `last_known` the database driver;
importing this package does neither.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.store.errors import StoreError
    from artisan_tui.store.opening import Opening, last_known
    from artisan_tui.store.place import StorePlace
    from artisan_tui.store.store import Store, Verification

__all__ = ["Opening", "Store", "StoreError", "StorePlace", "Verification", "last_known"]

_HOMES = {
    "Opening": "opening",
    "StorePlace": "place",
    "Store": "store",
    "StoreError": "errors",
    "Verification": "store",
    "last_known": "opening",
}


def __getattr__(name: str) -> object:
    """Each name from its module, loaded when first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
