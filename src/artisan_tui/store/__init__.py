"""Remembers: the append-only journal, samples with their roll-ups, and where every check stood.

`Store` pulls in SQLModel, a third of a second; importing this package does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.store.errors import StoreError
from artisan_tui.store.opening import Opening, last_known
from artisan_tui.store.place import Place

if TYPE_CHECKING:
    from artisan_tui.store.store import Store, Verification

__all__ = ["Opening", "Place", "Store", "StoreError", "Verification", "last_known"]


def __getattr__(name: str) -> object:
    """`Store` and `Verification`, loaded when first asked for."""
    if name in ("Store", "Verification"):
        from artisan_tui.store import store

        return getattr(store, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
