"""What a snapshot says about maintenance."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class WindowView(NamedTuple):
    """A window as the screen lists it. ``declared`` from the screen, and can be ended there."""

    id: str
    covers: tuple[str, ...]
    reason: str
    start: datetime
    end: datetime
    active: bool
    declared: bool = False


class MaintenanceSlice(NamedTuple):
    """The windows under way and the next ones, soonest first."""

    windows: tuple[WindowView, ...] = ()
