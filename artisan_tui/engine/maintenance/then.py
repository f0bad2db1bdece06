"""Maintenance windows as they were shown at a past moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from artisan_tui.engine.maintenance.slice import MaintenanceSlice, WindowView
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.past.kinds import PieceKind, Then
from artisan_tui.engine.past.packing import Packing

_WINDOWS = PieceKind(
    "maintenance", MaintenanceSlice, lambda found: (("", found),), packing=Packing((MaintenanceSlice, WindowView))
)
KEPT: Final = (_WINDOWS,)
STATES: Final = (MaintenanceWindows,)


def past(then: Then) -> Sequence[object]:
    """As they were kept; else what the journal and the configuration of now say. A window that is over by then is left out."""
    windows = then.states.get(MaintenanceWindows)
    kept = then.piece(_WINDOWS)
    if kept is None:
        return (MaintenanceSlice(windows.listed(then.at)),)
    return (MaintenanceSlice(tuple(each for each in kept.windows if each.end > then.at)),)
